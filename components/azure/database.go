package azure

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/database"
	"platform/components/network"
)

// The types of Azure Database for PostgreSQL, of the first version of its API that knows Postgres 15 and 16
// (https://learn.microsoft.com/azure/templates/microsoft.dbforpostgresql/change-log/flexibleservers).
const (
	postgresModule             = "azure-native:dbforpostgresql/v20240801:"
	postgresServerToken        = postgresModule + "Server"
	postgresDatabaseToken      = postgresModule + "Database"
	postgresAdministratorToken = postgresModule + "Administrator"
	postgresParameterToken     = postgresModule + "Configuration"
)

// postgresLogs is what the server writes.
const postgresLogs = "PostgreSQLLogs"

// CreateDatabase builds a service's Postgres server in the data tier, with PgBouncer beside it where the plan
// asks for one.
//
// Nobody has a password: the administrator is an identity of Azure, and so is the service, for which the
// administrator makes the user once, with the object id of the service's identity
// (https://learn.microsoft.com/azure/postgresql/security/security-manage-entra-users). Azure makes no last
// snapshot, but keeps the backups of a deleted server for five days, asked or not
// (https://learn.microsoft.com/azure/postgresql/backup-restore/how-to-restore-deleted-server).
func (d *Driver) CreateDatabase(
	ctx *pulumi.Context, name string, args database.Args, parent pulumi.Resource,
) (database.Outputs, error) {
	pooled, err := args.Plan(d)
	if err != nil {
		return database.Outputs{}, err
	}
	compute, err := databaseCompute(args, pooled)
	if err != nil {
		return database.Outputs{}, err
	}
	crypt, err := d.encryption(ctx, name, "Database of service "+args.Service, args.Tags, parent)
	if err != nil {
		return database.Outputs{}, err
	}
	server, err := d.databaseServer(ctx, name, args, compute, crypt, parent)
	if err != nil {
		return database.Outputs{}, err
	}
	inside, err := d.databaseInside(ctx, name, args, server, databaseParameters(compute, pooled), parent)
	if err != nil {
		return database.Outputs{}, err
	}
	if args.DeleteProtection {
		if err := d.lock(ctx, name, server.ID().ToStringOutput(), parent, inside...); err != nil {
			return database.Outputs{}, err
		}
	}
	outputs := database.Outputs{
		Name: server.ID().ToStringOutput(), ConnectID: server.ID().ToStringOutput(),
		Host: pulumi.Sprintf("%s.postgres.database.azure.com", server.Name),
		User: database.User, KeyID: crypt.key.URI, Pooled: pooled, BurstCredits: compute.credits,
		// There is no secret, and the pooler has no name of its own.
		SecretID: pulumi.String("").ToStringOutput(), Proxy: pulumi.String("").ToStringOutput(),
	}
	port := database.Port
	if pooled {
		port = poolerPort
	}
	outputs.Port = pulumi.Int(port).ToIntOutput()
	// A server changes its address within the subnet when it fails over, and all share the subnet.
	outputs.Way = network.At([]int{port}, args.Network.DataRanges...)
	return outputs, nil
}

// databaseServer registers the server itself.
func (d *Driver) databaseServer(
	ctx *pulumi.Context, name string, args database.Args, compute computeSize, crypt encryption, parent pulumi.Resource,
) (*resource, error) {
	spec, err := d.databaseArgs(args, compute)
	if err != nil {
		return nil, err
	}
	if disk, _ := storageStep(args.StorageGiB); disk != args.StorageGiB {
		text := fmt.Sprintf("storage of %d GiB becomes %d: disks of Postgres servers on Azure come in the sizes %v", args.StorageGiB, disk, storageSteps)
		if err := ctx.Log.Info(text, &pulumi.LogArgs{Resource: parent}); err != nil {
			return nil, fmt.Errorf("tell that the storage is rounded: %w", err)
		}
	}
	spec["identity"] = pulumi.Map{
		"type": pulumi.String("UserAssigned"),
		"userAssignedIdentities": crypt.identity.ApplyT(func(id string) map[string]map[string]string {
			return map[string]map[string]string{id: {}}
		}),
	}
	// Without a version the server follows the key's rotation
	// (https://learn.microsoft.com/azure/postgresql/security/security-data-encryption#automatic-key-version-updates).
	spec["dataEncryption"] = pulumi.Map{
		"type": pulumi.String("AzureKeyVault"), "primaryKeyURI": crypt.key.URI, "primaryUserAssignedIdentityId": crypt.identity,
	}
	return native(ctx, postgresServerToken, name+"-server", spec, parent,
		pulumi.DependsOn(append([]pulumi.Resource{crypt.ready}, args.Network.DataReady...)), pulumi.Protect(args.DeleteProtection))
}

// databaseArgs is all of the server that does not come from its encryption.
func (d *Driver) databaseArgs(args database.Args, compute computeSize) (pulumi.Map, error) {
	disk, err := storageStep(args.StorageGiB)
	if err != nil {
		return nil, err
	}
	if len(args.Network.DataSubnets) != 1 {
		return nil, fmt.Errorf("network: %d data subnets: a server on Azure takes its addresses from exactly one, which spans all zones", len(args.Network.DataSubnets))
	}
	standby := "Disabled"
	if args.MultiZone {
		standby = "ZoneRedundant"
	}
	return pulumi.Map{
		"resourceGroupName": d.ground.group,
		"serverName":        pulumi.String(d.physical(KindDatabase, args.Service)),
		"location":          pulumi.String(d.s.Region),
		"version":           pulumi.String(args.Version),
		"sku":               pulumi.Map{"name": pulumi.String(compute.name), "tier": pulumi.String(compute.tier)},
		// A disk that grew by itself would be a difference from what was reviewed, and cannot shrink again.
		"storage": pulumi.Map{"storageSizeGB": pulumi.Int(disk), "autoGrow": pulumi.String("Disabled"), "type": pulumi.String("Premium_LRS")},
		"authConfig": pulumi.Map{
			"activeDirectoryAuth": pulumi.String("Enabled"), "passwordAuth": pulumi.String("Disabled"), "tenantId": d.ground.tenant,
		},
		// A copy elsewhere is a decision about where data may lie, which nobody took here.
		"backup":           pulumi.Map{"backupRetentionDays": pulumi.Int(args.BackupDays), "geoRedundantBackup": pulumi.String("Disabled")},
		"highAvailability": pulumi.Map{"mode": pulumi.String(standby)},
		"network": pulumi.Map{
			"delegatedSubnetResourceId":   args.Network.DataSubnets[0].ID,
			"privateDnsZoneArmResourceId": args.Network.Details["zone-postgres"],
			"publicNetworkAccess":         pulumi.String("Disabled"),
		},
		"tags": tagMap(args.Tags),
	}, nil
}

// databaseInside registers what lies in the server, each thing after the one before: a server takes one change
// at a time, and refuses others as ServerIsBusy
// (https://learn.microsoft.com/azure/postgresql/troubleshoot/how-to-troubleshoot-cli-errors).
func (d *Driver) databaseInside(
	ctx *pulumi.Context, name string, args database.Args, server *resource, parameters []parameter, parent pulumi.Resource,
) ([]pulumi.Resource, error) {
	administrator, err := d.userIdentity(ctx, name+"-administrator", args.Tags, parent)
	if err != nil {
		return nil, err
	}
	logs, err := d.logsOf(ctx, name, server.ID().ToStringOutput(), parent, postgresLogs)
	if err != nil {
		return nil, err
	}
	inside := []pulumi.Resource{logs}
	add := func(token, role string, spec pulumi.Map) error {
		spec["resourceGroupName"], spec["serverName"] = d.ground.group, server.Name
		made, err := native(ctx, token, name+"-"+role, spec, parent, pulumi.DependsOn(inside))
		inside = append(inside, made)
		return err
	}
	if err := add(postgresAdministratorToken, "entra-administrator", pulumi.Map{
		"objectId": administrator.PrincipalId, "principalName": administrator.Name,
		"principalType": pulumi.String("ServicePrincipal"), "tenantId": d.ground.tenant,
	}); err != nil {
		return nil, err
	}
	// Postgres's own collation of UTF-8, equal on all clouds.
	if err := add(postgresDatabaseToken, "database", pulumi.Map{
		"databaseName": pulumi.String(database.Name), "charset": pulumi.String("UTF8"), "collation": pulumi.String("en_US.utf8"),
	}); err != nil {
		return nil, err
	}
	for _, p := range parameters {
		if err := add(postgresParameterToken, p.role, pulumi.Map{
			"configurationName": pulumi.String(p.name), "value": pulumi.String(p.value), "source": pulumi.String("user-override"),
		}); err != nil {
			return nil, err
		}
	}
	return inside, nil
}

var _ database.Driver = (*Driver)(nil)
