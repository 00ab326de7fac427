package azure

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/documents"
	"platform/components/network"
)

// The types of Cosmos DB for NoSQL.
const (
	cosmosAccountToken   = "azure-native:documentdb:DatabaseAccount"
	cosmosDatabaseToken  = "azure-native:documentdb:SqlResourceSqlDatabase"
	cosmosContainerToken = "azure-native:documentdb:SqlResourceSqlContainer"
)

// What is in every account, equal for all services.
const (
	cosmosDatabase  = "app"
	cosmosContainer = "documents"
)

const (
	// cosmosServerless: nothing to plan, and nothing to pay while nobody reads. An account is serverless or not
	// for all its life, so this hangs on no switch of the environment
	// (https://learn.microsoft.com/azure/cosmos-db/serverless).
	cosmosServerless = "EnableServerless"
	// cosmosBackups is the longer of the two times for which any second can be restored
	// (https://learn.microsoft.com/azure/cosmos-db/continuous-backup-restore-introduction).
	cosmosBackups = "Continuous30Days"
	// cosmosFromAzure is the firewall's word for addresses of Azure, of which the network's own is one
	// (https://learn.microsoft.com/azure/cosmos-db/how-to-configure-firewall).
	cosmosFromAzure = "0.0.0.0"
)

// CreateDocuments builds a service's Cosmos DB account, with one container in it. Documents are found by the
// partition key; the key of the order within a partition is a field like any other, which is indexed.
func (d *Driver) CreateDocuments(
	ctx *pulumi.Context, name string, args documents.Args, parent pulumi.Resource,
) (documents.Outputs, error) {
	// A service may have a database beside its documents, so the role is in the name.
	logical := name + "-documents"
	crypt, err := d.encryption(ctx, logical, "Documents of service "+args.Service, args.Tags, parent)
	if err != nil {
		return documents.Outputs{}, err
	}
	account, err := native(ctx, cosmosAccountToken, logical+"-account", d.cosmosArgs(args, crypt), parent,
		pulumi.DependsOn([]pulumi.Resource{crypt.ready}), pulumi.Protect(args.DeleteProtection))
	if err != nil {
		return documents.Outputs{}, err
	}
	inside, err := d.cosmosInside(ctx, logical, args, account, parent)
	if err != nil {
		return documents.Outputs{}, err
	}
	id := account.ID().ToStringOutput()
	if args.Network.Has(network.EndpointDocuments) {
		endpoint, err := d.privateEndpoint(ctx, logical+"-endpoint", id, "Sql",
			args.Network.Details["endpoints-subnet"], args.Network.Details["zone-documents"], args.Tags, parent)
		if err != nil {
			return documents.Outputs{}, err
		}
		inside = append(inside, endpoint)
	}
	if args.DeleteProtection {
		if err := d.lock(ctx, logical, id, parent, inside...); err != nil {
			return documents.Outputs{}, err
		}
	}
	return documents.Outputs{Name: account.Name, ID: id, KeyID: crypt.key.URI}, nil
}

// cosmosArgs admits identities only. Without an endpoint in the network, the account is open to addresses of
// Azure alone.
func (d *Driver) cosmosArgs(args documents.Args, crypt encryption) pulumi.Map {
	spec := pulumi.Map{
		"resourceGroupName":        d.ground.group,
		"accountName":              pulumi.String(d.physical(KindCosmos, args.Service)),
		"location":                 pulumi.String(d.s.Region),
		"kind":                     pulumi.String("GlobalDocumentDB"),
		"databaseAccountOfferType": pulumi.String("Standard"),
		"capabilities":             pulumi.Array{pulumi.Map{"name": pulumi.String(cosmosServerless)}},
		// One region, over all its zones; that, too, is for an account's whole life
		// (https://learn.microsoft.com/azure/reliability/reliability-cosmos-db-nosql).
		"locations": pulumi.Array{pulumi.Map{
			"locationName": pulumi.String(d.s.Region), "failoverPriority": pulumi.Int(0), "isZoneRedundant": pulumi.Bool(true),
		}},
		"consistencyPolicy":                  pulumi.Map{"defaultConsistencyLevel": pulumi.String("Session")},
		"disableLocalAuth":                   pulumi.Bool(true),
		"disableKeyBasedMetadataWriteAccess": pulumi.Bool(true),
		"minimalTlsVersion":                  pulumi.String("Tls12"),
		"backupPolicy": pulumi.Map{
			"type": pulumi.String("Continuous"), "continuousModeProperties": pulumi.Map{"tier": pulumi.String(cosmosBackups)},
		},
		"identity":        pulumi.Map{"type": pulumi.String("UserAssigned"), "userAssignedIdentities": pulumi.Array{crypt.identity}},
		"defaultIdentity": pulumi.Sprintf("UserAssignedIdentity=%s", crypt.identity),
		"keyVaultKeyUri":  crypt.key.URI,
		"tags":            tagMap(args.Tags),
	}
	if args.Network.Has(network.EndpointDocuments) {
		spec["publicNetworkAccess"] = pulumi.String("Disabled")
	} else {
		spec["publicNetworkAccess"] = pulumi.String("Enabled")
		spec["ipRules"] = pulumi.Array{pulumi.Map{"ipAddressOrRange": pulumi.String(cosmosFromAzure)}}
	}
	return spec
}

// cosmosInside registers the account's database and container.
func (d *Driver) cosmosInside(
	ctx *pulumi.Context, logical string, args documents.Args, account *resource, parent pulumi.Resource,
) ([]pulumi.Resource, error) {
	in := pulumi.Map{"resourceGroupName": d.ground.group, "accountName": account.Name, "tags": tagMap(args.Tags)}
	base, err := native(ctx, cosmosDatabaseToken, logical+"-database", with(in, pulumi.Map{
		"databaseName": pulumi.String(cosmosDatabase), "resource": pulumi.Map{"id": pulumi.String(cosmosDatabase)},
	}), parent)
	if err != nil {
		return nil, err
	}
	container, err := native(ctx, cosmosContainerToken, logical+"-container", with(in, pulumi.Map{
		"databaseName": base.Name, "containerName": pulumi.String(cosmosContainer),
		"resource": pulumi.Map{
			"id": pulumi.String(cosmosContainer),
			"partitionKey": pulumi.Map{
				"kind": pulumi.String("Hash"), "paths": pulumi.Array{pulumi.String("/" + documents.PartitionKey)}, "version": pulumi.Int(2),
			},
		},
	}), parent)
	if err != nil {
		return nil, err
	}
	logs, err := d.logsOf(ctx, logical, account.ID().ToStringOutput(), parent, "ControlPlaneRequests")
	if err != nil {
		return nil, err
	}
	return []pulumi.Resource{base, container, logs}, nil
}

// with is a copy of the arguments with others added.
func with(in, more pulumi.Map) pulumi.Map {
	out := pulumi.Map{}
	for _, m := range []pulumi.Map{in, more} {
		for key, value := range m {
			out[key] = value
		}
	}
	return out
}

var _ documents.Driver = (*Driver)(nil)
