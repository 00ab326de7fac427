package gcp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/sql"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/database"
	"platform/components/network"
)

// CreateDatabase builds a service's Cloud SQL server. Clients prove who they are with tokens of their identities;
// no user has a password.
func (d *Driver) CreateDatabase(
	ctx *pulumi.Context, name string, args database.Args, parent pulumi.Resource,
) (database.Outputs, error) {
	if _, err := args.Plan(d); err != nil {
		return database.Outputs{}, err
	}
	email, ok := args.Identity.Details["email"]
	if !ok {
		return database.Outputs{}, fmt.Errorf("identity of service %s: its email is not told, which the server's user is named after", args.Service)
	}
	key, err := d.key(ctx, name+"-key", "Database of service "+args.Service, args.Tags,
		[]pulumi.StringInput{d.agent("sqladmin.googleapis.com")}, parent)
	if err != nil {
		return database.Outputs{}, err
	}
	spec, err := d.serverArgs(args, key.ID)
	if err != nil {
		return database.Outputs{}, err
	}
	// Without a name the engine appends random text: a deleted server's name cannot be had again for a week
	// (https://cloud.google.com/sql/docs/postgres/delete-instance).
	server, err := sql.NewDatabaseInstance(ctx, d.physical(KindDatabase, args.Service), spec,
		d.under(parent, slices.Concat(args.Network.DataReady, key.Ready)...))
	if err != nil {
		return database.Outputs{}, fmt.Errorf("server: %w", err)
	}
	if err := d.databaseContents(ctx, name, server.Name, d.userOf(args.Service, email), parent); err != nil {
		return database.Outputs{}, err
	}
	none := pulumi.String("").ToStringOutput()
	return database.Outputs{
		Name: server.Name, Host: server.PrivateIpAddress, Port: pulumi.Int(database.Port).ToIntOutput(),
		Way: network.Way{
			Ranges: pulumi.StringArray{pulumi.Sprintf("%s/32", server.PrivateIpAddress)}.ToStringArrayOutput(), Ports: []int{database.Port},
		},
		User:      d.databaseUser(args.Service),
		ConnectID: pulumi.Sprintf("projects/%s/instances/%s", d.s.Project, server.Name),
		SecretID:  none, KeyID: key.ID, Proxy: none,
	}, nil
}

// databaseContents registers the one database and the service's user. Both go with the server: Postgres refuses to
// drop what others own or may use.
func (d *Driver) databaseContents(
	ctx *pulumi.Context, name string, server pulumi.StringOutput, user pulumi.StringInput, parent pulumi.Resource,
) error {
	if _, err := sql.NewDatabase(ctx, name+"-database", &sql.DatabaseArgs{
		Project: pulumi.String(d.s.Project), Instance: server, Name: pulumi.String(database.Name),
		DeletionPolicy: pulumi.String("ABANDON"),
	}, d.under(parent)); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if _, err := sql.NewUser(ctx, name+"-user", &sql.UserArgs{
		Project: pulumi.String(d.s.Project), Instance: server, Name: user.ToStringOutput().ToStringPtrOutput(),
		Type:           pulumi.String("CLOUD_IAM_SERVICE_ACCOUNT"),
		DeletionPolicy: pulumi.String("ABANDON"),
	}, d.under(parent)); err != nil {
		return fmt.Errorf("user: %w", err)
	}
	return nil
}

// serverArgs is all of the server but its name.
func (d *Driver) serverArgs(args database.Args, key pulumi.StringInput) (*sql.DatabaseInstanceArgs, error) {
	size, err := databaseSizeOf(args.Size)
	if err != nil {
		return nil, err
	}
	edition := databaseEdition(args.BackupDays)
	availability := "ZONAL"
	if args.MultiZone {
		availability = "REGIONAL"
	}
	return &sql.DatabaseInstanceArgs{
		Project: pulumi.String(d.s.Project), Region: pulumi.String(d.s.Region),
		DatabaseVersion:   pulumi.String("POSTGRES_" + args.Version),
		EncryptionKeyName: key.ToStringOutput().ToStringPtrOutput(),
		// The provider's own protection, which is on unless it is set; the setting below is the cloud's.
		DeletionProtection: pulumi.Bool(args.DeleteProtection),
		Settings: sql.DatabaseInstanceSettingsArgs{
			Edition:                   pulumi.String(edition),
			Tier:                      pulumi.String(size.tiers[edition]),
			AvailabilityType:          pulumi.String(availability),
			DeletionProtectionEnabled: pulumi.Bool(args.DeleteProtection),
			DiskType:                  pulumi.String("PD_SSD"),
			DiskSize:                  pulumi.Int(args.StorageGiB),
			// A disk that grows by itself would differ from what was reviewed, and never shrinks; an alarm tells.
			DiskAutoresize:      pulumi.Bool(false),
			DatabaseFlags:       databaseFlags(size),
			IpConfiguration:     serverAddress(args),
			BackupConfiguration: d.serverBackups(args),
			InsightsConfig: sql.DatabaseInstanceSettingsInsightsConfigArgs{
				QueryInsightsEnabled: pulumi.Bool(true),
			},
			UserLabels: labelMap(args.Tags),
		},
	}, nil
}

// databaseFlags let identities log in, and fix the connections that the arithmetic counts with.
func databaseFlags(size databaseSize) sql.DatabaseInstanceSettingsDatabaseFlagArray {
	flag := func(name, value string) sql.DatabaseInstanceSettingsDatabaseFlagArgs {
		return sql.DatabaseInstanceSettingsDatabaseFlagArgs{Name: pulumi.String(name), Value: pulumi.String(value)}
	}
	return sql.DatabaseInstanceSettingsDatabaseFlagArray{
		flag("cloudsql.iam_authentication", "on"),
		flag("max_connections", strconv.Itoa(size.connections)),
	}
}

// serverAddress is in the network's own range for services, and nowhere else.
func serverAddress(args database.Args) sql.DatabaseInstanceSettingsIpConfigurationArgs {
	address := sql.DatabaseInstanceSettingsIpConfigurationArgs{
		Ipv4Enabled:    pulumi.Bool(false),
		PrivateNetwork: args.Network.ID.ToStringPtrOutput(),
		SslMode:        pulumi.String("ENCRYPTED_ONLY"),
	}
	for _, subnet := range args.Network.DataSubnets {
		address.AllocatedIpRange = subnet.ID.ToStringPtrOutput()
	}
	return address
}

// serverBackups keep one backup more than there are days of logs, since logs go with the backup that they begin at
// (https://cloud.google.com/sql/docs/postgres/backup-recovery/pitr#log-retention). They stay in the region: without
// a location Cloud SQL chooses the nearest multi-region.
func (d *Driver) serverBackups(args database.Args) sql.DatabaseInstanceSettingsBackupConfigurationArgs {
	return sql.DatabaseInstanceSettingsBackupConfigurationArgs{
		Enabled: pulumi.Bool(true), PointInTimeRecoveryEnabled: pulumi.Bool(true),
		StartTime: pulumi.String("02:00"), Location: pulumi.String(d.s.Region),
		TransactionLogRetentionDays: pulumi.Int(args.BackupDays),
		BackupRetentionSettings: sql.DatabaseInstanceSettingsBackupConfigurationBackupRetentionSettingsArgs{
			RetainedBackups: pulumi.Int(args.BackupDays + 1), RetentionUnit: pulumi.String("COUNT"),
		},
	}
}

// serviceAccountDomain is what the names of Postgres's users leave out of an email
// (https://cloud.google.com/sql/docs/postgres/iam-logins).
const serviceAccountDomain = ".gserviceaccount.com"

// userOf is the server's user of a service's account, which must be the one that the service is told of.
func (d *Driver) userOf(service string, email pulumi.StringOutput) pulumi.StringOutput {
	return email.ApplyT(func(email string) (string, error) {
		user, told := strings.TrimSuffix(email, serviceAccountDomain), d.databaseUser(service)
		if user != told {
			return "", fmt.Errorf("identity of service %s: its email is %s, and the database's user would be %s instead of %s",
				service, email, user, told)
		}
		return user, nil
	}).(pulumi.StringOutput)
}

// databaseUser is known before the service's account is built.
func (d *Driver) databaseUser(service string) string {
	return fmt.Sprintf("%s@%s.iam", d.physical(KindServiceAccount, service), d.s.Project)
}

var _ database.Driver = (*Driver)(nil)
