package rules

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// inside wants a place where data may lie; a resource that is everywhere holds none.
var inside = test{
	func(e Environment) string {
		return fmt.Sprintf("a place in %s: %s", e.Residency, strings.Join(e.Regions, ", "))
	},
	func(v property.Value, e Environment) bool {
		place := text(v)
		return place == "" || strings.EqualFold(place, "global") || e.in(strings.ToLower(strings.ReplaceAll(place, " ", "")))
	},
}

// stated wants the place to be said.
var stated = test{inside.allowed, func(v property.Value, e Environment) bool { return !v.IsNull() && inside.holds(v, e) }}

const (
	awsPlaces   = "https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html"
	azurePlaces = "https://learn.microsoft.com/azure/reliability/regions-list"
	gcpPlaces   = "https://cloud.google.com/about/locations"
)

var residency = Rule{
	ID: "residency", Severity: Critical, Controls: placed,
	Holds: "Everything lies in a region of the environment's residency",
	Why:   "the law keeps this data where it is; a copy elsewhere is a breach that cannot be called back",
	Mend:  "choose a region of the residency, or another residency in the environment's file if the law allows it",
	table: map[string][]condition{
		"pulumi:providers:aws": {must("region", stated, awsPlaces)},
		"pulumi:providers:gcp": {must("region", inside, gcpPlaces)},
		"aws:ec2/subnet:Subnet": {
			must("availabilityZone", inside, awsPlaces),
		},
		"aws:dynamodb/table:Table": {
			must("replicas[].regionName", inside, "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html"),
		},
		"aws:secretsmanager/secret:Secret": {
			must("replicas[].region", inside, "https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html"),
		},
		"azure-native:*": {
			must("location", inside, azurePlaces),
		},
		"azure-native:documentdb:DatabaseAccount": {
			must("locations[].locationName", inside, "https://learn.microsoft.com/azure/cosmos-db/distribute-data-globally"),
		},
		"gcp:*": {
			must("region", inside, gcpPlaces),
			must("location", inside, gcpPlaces),
			must("locationId", inside, gcpPlaces),
			must("zone", inside, gcpPlaces),
		},
		"gcp:secretmanager/secret:Secret": {
			must("replication.userManaged.replicas[].location", inside, "https://cloud.google.com/secret-manager/docs/choosing-replication"),
			must("replication.auto", allow("replicas in named places", property.Value.IsNull), "https://cloud.google.com/secret-manager/docs/choosing-replication"),
		},
		"gcp:pubsub/topic:Topic": {
			must("messageStoragePolicy.allowedPersistenceRegions", given("a list of regions"), "https://cloud.google.com/pubsub/docs/resource-location-restriction"),
			must("messageStoragePolicy.allowedPersistenceRegions[]", inside, "https://cloud.google.com/pubsub/docs/resource-location-restriction"),
		},
		"gcp:sql/databaseInstance:DatabaseInstance": {
			must("settings.backupConfiguration.location", stated, "https://cloud.google.com/sql/docs/postgres/backup-recovery/backups#locations"),
		},
	},
}
