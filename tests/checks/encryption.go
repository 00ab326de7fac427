package checks

import (
	"strings"

	"platform/tests/cloud"
)

// keyed says by which property a type names the customer's own key.
var keyed = map[string]string{
	"aws:sqs/queue:Queue": "kmsMasterKeyId", "aws:sns/topic:Topic": "kmsMasterKeyId", "aws:rds/instance:Instance": "kmsKeyId",
	"aws:dynamodb/table:Table": "serverSideEncryption.kmsKeyArn", "aws:cloudwatch/logGroup:LogGroup": "kmsKeyId",
	"aws:eks/cluster:Cluster": "encryptionConfig.provider.keyArn", "aws:secretsmanager/secret:Secret": "kmsKeyId",
	"aws:cloudtrail/trail:Trail": "kmsKeyId",

	"azure-native:dbforpostgresql/v20240801:Server": "dataEncryption.primaryKeyURI",
	"azure-native:documentdb:DatabaseAccount":       "keyVaultKeyUri",
	"azure-native:storage:StorageAccount":           "encryption.keyVaultProperties.keyName",
	"azure-native:containerservice:ManagedCluster":  "securityProfile.azureKeyVaultKms.keyId",
	"compute:os-disk": "diskEncryptionSetID",

	"gcp:pubsub/topic:Topic": "kmsKeyName", "gcp:sql/databaseInstance:DatabaseInstance": "encryptionKeyName",
	"gcp:container/cluster:Cluster": "databaseEncryption.keyName", "gcp:container/nodePool:NodePool": "nodeConfig.bootDiskKmsKey",
	"gcp:logging/projectBucketConfig:ProjectBucketConfig": "cmekSettings.kmsKeyName", "gcp:storage/bucket:Bucket": "encryption.defaultKmsKeyName",
}

// hardened are judgements of how types are encrypted, on the way or at rest, besides the key.
var hardened = map[string]judgement{
	"ec2:volume": unless(func(o *cloud.Object) bool { return o.Bool("encrypted") }, "an encrypted volume", "a plain one"),
	"aws:ec2/launchTemplate:LaunchTemplate": unless(func(o *cloud.Object) bool {
		return o.Str("metadataOptions.httpTokens") == "required"
	}, "IMDSv2 to be required", "optional"),
	// Disks of both clouds are called so; each names its key in its own way.
	"compute:disk": unless(func(o *cloud.Object) bool { return o.Str("diskEncryptionSetID") != "" || o.Str("kmsKeyName") != "" },
		"a disk with a key of our own", "one without"),
	"azure-native:servicebus:Namespace": unless(func(o *cloud.Object) bool {
		return o.Str("minimumTlsVersion") == "1.2" && (o.Str("sku.name") != "Premium" || o.Value("encryption.keyVaultProperties") != nil)
	}, "TLS 1.2 at least, and a key of our own where the kind takes one", "less"),
	"azure-native:dbforpostgresql/v20240801:Configuration": unless(func(o *cloud.Object) bool {
		return !strings.HasSuffix(o.ID, "/require_secure_transport") || strings.EqualFold(o.Str("value"), "on")
	}, "TLS to be required", "optional"),
	"gcp:compute/sSLPolicy:SSLPolicy": unless(func(o *cloud.Object) bool { return o.Str("minTlsVersion") == "TLS_1_2" },
		"TLS 1.2 at least", "less"),
}

// Encryption finds what is not encrypted with a key of our own, or less than it could be.
func Encryption(objects []*cloud.Object) []Finding {
	var out []Finding
	for _, o := range objects {
		if o.Retained != "" {
			continue
		}
		if property, ok := keyed[o.Type]; ok && o.Str(property) == "" {
			out = append(out, Finding{"encryption", o.String(), property + " to name a key", "none", see(o)})
		}
		if judge := hardened[o.Type]; judge != nil {
			if want, got := judge(o, objects); want != "" {
				out = append(out, Finding{"encryption", o.String(), want, got, see(o)})
			}
		}
	}
	return out
}
