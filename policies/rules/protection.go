package rules

import (
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"platform/policies/document"
)

var deletionProtection = Rule{
	ID: "deletion-protection", Severity: High, Controls: kept,
	Holds: "In production nothing that holds data can be deleted by one mistaken command",
	Why:   "a mistaken destroy of production data is found when the data is gone",
	Mend:  "set deleteProtection in the environment's file; to take the environment down on purpose, write an exception that ends soon",
	table: map[string][]condition{
		"aws:rds/instance:Instance": {
			must("deletionProtection", is("true"), "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html").on(inProduction),
			must("skipFinalSnapshot", is("false"), "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html").on(inProduction),
		},
		"aws:dynamodb/table:Table": {
			must("deletionProtectionEnabled", is("true"), "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html").on(inProduction),
		},
		"aws:s3/bucketV2:BucketV2": {
			must("forceDestroy", orNothing(is("false")), "https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html").on(inProduction),
		},
		"azure-native:keyvault:Vault": {
			must("properties.enablePurgeProtection", is("true"), "https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview").on(inProduction),
		},
		"gcp:sql/databaseInstance:DatabaseInstance": {
			must("deletionProtection", is("true"), "https://cloud.google.com/sql/docs/postgres/deletion-protection").on(inProduction),
			must("settings.deletionProtectionEnabled", is("true"), "https://cloud.google.com/sql/docs/postgres/deletion-protection").on(inProduction),
		},
		"gcp:firestore/database:Database": {
			must("deleteProtectionState", is("DELETE_PROTECTION_ENABLED"), "https://cloud.google.com/firestore/native/docs/manage-databases#delete_protection").on(inProduction),
		},
		"gcp:container/cluster:Cluster": {
			must("deletionProtection", is("true"), "https://cloud.google.com/kubernetes-engine/docs/how-to/deleting-a-cluster").on(inProduction),
		},
		"gcp:storage/bucket:Bucket": {
			must("forceDestroy", orNothing(is("false")), "https://cloud.google.com/storage/docs/deleting-buckets").on(inProduction),
		},
	},
	looks: []string{"azure-native:authorization:ManagementLockByScope", "azure-native:dbforpostgresql:Server", "azure-native:documentdb:DatabaseAccount"},
	// Azure protects by locks, which are resources of their own
	// (https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources).
	whole: func(s *stack, e Environment) []fault {
		if e.Tier != Production {
			return nil
		}
		locked := func(r Resource) bool {
			level := at(r.Props, "level")[0]
			return r.kind() == "azure-native:authorization:ManagementLockByScope" && (level.unknown || text(level.value) == "CanNotDelete")
		}
		var out []fault
		for _, kind := range []string{"azure-native:dbforpostgresql:Server", "azure-native:documentdb:DatabaseAccount"} {
			out = append(out, s.lacking(kind, "no lock", "a ManagementLockByScope CanNotDelete on it", locked)...)
		}
		return out
	},
}

// Protects says whether the rule of deletion protection speaks of a type: what is taken down on purpose needs an
// exception of it.
func Protects(of string) bool {
	return deletionProtection.types()[document.Kind(of)]
}

// backupDays are how far back a tier must be able to go.
var backupDays = tiers{"development": 1, "staging": 7, Production: 30}

var backups = Rule{
	ID: "backups", Severity: High, Controls: restored,
	Holds: "Data can be brought back to any moment of the last days that the tier asks for",
	Why:   "after a mistake or an attack the newest copy is the broken one",
	Mend:  "raise database.backupDays in the environment's file; documents keep their history by the driver",
	table: map[string][]condition{
		"aws:rds/instance:Instance": {
			must("backupRetentionPeriod", atLeast(backupDays, "days"), "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html"),
		},
		"aws:dynamodb/table:Table": {
			must("pointInTimeRecovery.enabled", is("true"), "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html"),
		},
		"aws:s3/bucketVersioningV2:BucketVersioningV2": {
			must("versioningConfiguration.status", is("Enabled"), "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html"),
		},
		"azure-native:dbforpostgresql:Server": {
			must("backup.backupRetentionDays", atLeast(backupDays, "days"), "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-backup-restore"),
		},
		"azure-native:documentdb:DatabaseAccount": {
			must("backupPolicy.type", is("Continuous"), "https://learn.microsoft.com/azure/cosmos-db/continuous-backup-restore-introduction"),
		},
		"gcp:sql/databaseInstance:DatabaseInstance": {
			must("settings.backupConfiguration.enabled", is("true"), "https://cloud.google.com/sql/docs/postgres/backup-recovery/backups"),
			must("settings.backupConfiguration.pointInTimeRecoveryEnabled", is("true"), "https://cloud.google.com/sql/docs/postgres/backup-recovery/pitr"),
			must("settings.backupConfiguration.transactionLogRetentionDays", atLeast(backupDays, "days"), "https://cloud.google.com/sql/docs/postgres/backup-recovery/pitr"),
		},
		"gcp:firestore/database:Database": {
			must("pointInTimeRecoveryEnablement", is("POINT_IN_TIME_RECOVERY_ENABLED"), "https://cloud.google.com/firestore/native/docs/pitr"),
		},
	},
}

var redundancy = Rule{
	ID: "zone-redundancy", Severity: High, Controls: available,
	Holds: "In production what holds data runs in more than one zone",
	Why:   "20 minutes without service are a breach that is reported; a zone is away for longer",
	Mend:  "set database.multiZone in the environment's file",
	table: map[string][]condition{
		"aws:rds/instance:Instance": {
			must("multiAz", is("true"), "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.html").on(inProduction),
		},
		"azure-native:dbforpostgresql:Server": {
			must("highAvailability.mode", is("ZoneRedundant"), "https://learn.microsoft.com/azure/reliability/reliability-postgresql-flexible-server").on(inProduction),
		},
		"azure-native:documentdb:DatabaseAccount": {
			must("locations[].isZoneRedundant", is("true"), "https://learn.microsoft.com/azure/reliability/reliability-cosmos-db-nosql").on(inProduction),
		},
		"azure-native:storage:StorageAccount": {
			must("sku.name", allow("a SKU with ZRS", func(v property.Value) bool {
				return text(v) == "Standard_ZRS" || text(v) == "Premium_ZRS" || text(v) == "Standard_GZRS" || text(v) == "Standard_RAGZRS"
			}), "https://learn.microsoft.com/azure/storage/common/storage-redundancy").on(inProduction),
		},
		"gcp:sql/databaseInstance:DatabaseInstance": {
			must("settings.availabilityType", is("REGIONAL"), "https://cloud.google.com/sql/docs/postgres/high-availability").on(inProduction),
		},
	},
}
