package rules

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

const ours = "a key of this environment"

var encryptionAtRest = Rule{
	ID: "encryption-at-rest", Severity: High, Controls: stored,
	Holds: "What is stored is encrypted with a key of this environment",
	Why:   "without a key of ours nobody can end a stranger's access to a copied disk, snapshot or backup",
	Mend:  "let the component make its key and hand it to the resource, as the drivers' key files do",
	table: map[string][]condition{
		"aws:rds/instance:Instance": {
			must("storageEncrypted", is("true"), "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html"),
			must("kmsKeyId", given(ours), "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html"),
		},
		"aws:dynamodb/table:Table": {
			must("serverSideEncryption.kmsKeyArn", given(ours), "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html"),
		},
		"aws:sqs/queue:Queue": {
			must("kmsMasterKeyId", given(ours), "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html"),
		},
		"aws:sns/topic:Topic": {
			must("kmsMasterKeyId", given(ours), "https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html"),
		},
		"aws:cfg/deliveryChannel:DeliveryChannel": {
			must("s3KmsKeyArn", given(ours), "https://docs.aws.amazon.com/config/latest/APIReference/API_DeliveryChannel.html"),
		},
		"aws:cloudwatch/logGroup:LogGroup": {
			must("kmsKeyId", given(ours), "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"),
		},
		"aws:secretsmanager/secret:Secret": {
			must("kmsKeyId", given(ours), "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"),
		},
		"aws:cloudtrail/trail:Trail": {
			must("kmsKeyId", given(ours), "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html"),
		},
		"aws:eks/cluster:Cluster": {
			must("encryptionConfig.resources", has("secrets"), "https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html"),
			must("encryptionConfig.provider.keyArn", given(ours), "https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html"),
		},
		"aws:ec2/launchTemplate:LaunchTemplate": {
			must("blockDeviceMappings[].ebs.encrypted", is("true"), "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html"),
			must("blockDeviceMappings[].ebs.kmsKeyId", given(ours), "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html"),
		},
		"kubernetes:karpenter.k8s.aws/v1:EC2NodeClass": {
			must("spec.blockDeviceMappings", given("disks by name"), "https://karpenter.sh/docs/concepts/nodeclasses/"),
			must("spec.blockDeviceMappings[].ebs.encrypted", is("true"), "https://karpenter.sh/docs/concepts/nodeclasses/"),
			must("spec.blockDeviceMappings[].ebs.kmsKeyID", given(ours), "https://karpenter.sh/docs/concepts/nodeclasses/"),
		},
		// Whatever reads a bucket at the edge must be able to, so the algorithm is asked for and not the key.
		"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {
			must("rules[].applyServerSideEncryptionByDefault.sseAlgorithm", is("AES256", "aws:kms", "aws:kms:dsse"), "https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html"),
		},
		"azure-native:dbforpostgresql:Server": {
			must("dataEncryption.type", is("AzureKeyVault"), "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-data-encryption"),
			must("dataEncryption.primaryKeyURI", given(ours), "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-data-encryption"),
		},
		"azure-native:documentdb:DatabaseAccount": {
			must("keyVaultKeyUri", given(ours), "https://learn.microsoft.com/azure/cosmos-db/how-to-setup-customer-managed-keys"),
		},
		// Only the Premium tier takes keys of customers.
		"azure-native:servicebus:Namespace": {
			must("encryption.keyVaultProperties", given(ours), "https://learn.microsoft.com/azure/service-bus-messaging/configure-customer-managed-key").
				on(where("sku.name", is("Premium"))),
		},
		"azure-native:storage:StorageAccount": {
			must("encryption.keySource", is("Microsoft.Keyvault"), "https://learn.microsoft.com/azure/storage/common/customer-managed-keys-overview"),
		},
		"azure-native:containerservice:ManagedCluster": {
			must("diskEncryptionSetID", given("a set with a key of this environment"), "https://learn.microsoft.com/azure/aks/azure-disk-customer-managed-keys"),
			must("securityProfile.azureKeyVaultKms.enabled", is("true"), "https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption"),
		},
		"azure-native:compute:DiskEncryptionSet": {
			must("activeKey.keyUrl", given(ours), "https://learn.microsoft.com/azure/virtual-machines/disk-encryption"),
		},
		"gcp:sql/databaseInstance:DatabaseInstance": {
			must("encryptionKeyName", given(ours), "https://cloud.google.com/sql/docs/postgres/cmek"),
		},
		"gcp:firestore/database:Database": {
			must("cmekConfig.kmsKeyName", given(ours), "https://cloud.google.com/firestore/native/docs/cmek"),
		},
		"gcp:pubsub/topic:Topic": {
			must("kmsKeyName", given(ours), "https://cloud.google.com/pubsub/docs/encryption"),
		},
		"gcp:secretmanager/secret:Secret": {
			must("replication.userManaged.replicas[].customerManagedEncryption.kmsKeyName", given(ours), "https://cloud.google.com/secret-manager/docs/cmek"),
		},
		"gcp:container/cluster:Cluster": {
			must("databaseEncryption.state", is("ENCRYPTED"), "https://cloud.google.com/kubernetes-engine/docs/how-to/encrypting-secrets"),
			must("databaseEncryption.keyName", given(ours), "https://cloud.google.com/kubernetes-engine/docs/how-to/encrypting-secrets"),
		},
		"gcp:container/nodePool:NodePool": {
			must("nodeConfig.bootDiskKmsKey", given(ours), "https://cloud.google.com/kubernetes-engine/docs/how-to/using-cmek"),
		},
		"gcp:logging/projectBucketConfig:ProjectBucketConfig": {
			must("cmekSettings.kmsKeyName", given(ours), "https://cloud.google.com/logging/docs/routing/managed-encryption-storage"),
		},
		"gcp:storage/bucket:Bucket": {
			must("encryption.defaultKmsKeyName", given(ours), "https://cloud.google.com/storage/docs/encryption/customer-managed-keys"),
		},
	},
	looks: []string{"kubernetes:storage.k8s.io/v1:StorageClass"},
	each:  encryptedClass,
}

// diskKeys are how the clouds' disk drivers are told of a key:
//   - https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
//   - https://github.com/kubernetes-sigs/azuredisk-csi-driver/blob/master/docs/driver-parameters.md
//   - https://cloud.google.com/kubernetes-engine/docs/how-to/using-cmek#dynamically_provision_an_encrypted_persistent_disk
var diskKeys = map[string]string{
	"ebs.csi.aws.com": "kmsKeyId", "disk.csi.azure.com": "diskEncryptionSetID", "pd.csi.storage.gke.io": "disk-encryption-kms-key",
}

// encryptedClass wants every storage class to name its disks' key.
func encryptedClass(r Resource, e Environment) []fault {
	provisioner := at(r.Props, "provisioner")[0]
	if provisioner.unknown {
		return nil
	}
	key, ok := diskKeys[text(provisioner.value)]
	if !ok {
		return []fault{{r, "provisioner", provisioner.shown(), "a driver of this cloud's disks, which takes a key"}}
	}
	return must("parameters."+key, given(ours), "").judge(r, e)
}

var encryptionInTransit = Rule{
	ID: "encryption-in-transit", Severity: High, Controls: moved,
	Holds: "What moves is encrypted, with TLS 1.2 or later",
	Why:   "whoever is on the way could read or change what passes",
	Mend:  "ask for TLS 1.2 or later at the property that is named",
	table: map[string][]condition{
		"aws:apigatewayv2/domainName:DomainName": {
			must("domainNameConfiguration.securityPolicy", is("TLS_1_2"), "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html"),
		},
		"aws:lb/listener:Listener": {
			must("protocol", is("TLS", "HTTPS"), "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/create-tls-listener.html"),
			must("sslPolicy", begins("ELBSecurityPolicy-TLS13-1-2-"), "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/describe-ssl-policies.html"),
		},
		"aws:lb/targetGroup:TargetGroup": {
			must("protocol", is("TLS", "HTTPS"), "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html"),
		},
		"aws:rds/proxy:Proxy": {
			must("requireTls", is("true"), "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-setup.html"),
		},
		"aws:sns/topicSubscription:TopicSubscription": {
			must("protocol", unset("http"), "https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html"),
		},
		"azure-native:dbforpostgresql:Configuration": {
			must("value", is("on"), "https://learn.microsoft.com/azure/postgresql/flexible-server/how-to-connect-tls-ssl").
				on(where("configurationName", is("require_secure_transport"))),
		},
		"azure-native:documentdb:DatabaseAccount": {
			must("minimalTlsVersion", is("Tls12"), "https://learn.microsoft.com/azure/cosmos-db/self-serve-minimum-tls-enforcement"),
		},
		"azure-native:servicebus:Namespace": {
			must("minimumTlsVersion", is("1.2", "1.3"), "https://learn.microsoft.com/azure/service-bus-messaging/transport-layer-security-enforce-minimum-version"),
		},
		"azure-native:storage:StorageAccount": {
			must("enableHttpsTrafficOnly", is("true"), "https://learn.microsoft.com/azure/storage/common/storage-require-secure-transfer"),
			must("minimumTlsVersion", is("TLS1_2", "TLS1_3"), "https://learn.microsoft.com/azure/storage/common/transport-layer-security-configure-minimum-version"),
		},
		"azure-native:apimanagement:Api": {
			must("protocols[]", is("https"), "https://learn.microsoft.com/azure/api-management/api-management-howto-manage-protocols-ciphers"),
		},
		"azure-native:apimanagement:Backend": {
			must("url", begins("https://"), "https://learn.microsoft.com/azure/api-management/backends"),
		},
		"gcp:sql/databaseInstance:DatabaseInstance": {
			must("settings.ipConfiguration.sslMode", is("ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"), "https://cloud.google.com/sql/docs/postgres/configure-ssl-instance"),
		},
		"kubernetes:networking.istio.io/v1:Gateway": {
			must("spec.servers[].port.protocol", is("HTTPS"), "https://istio.io/latest/docs/reference/config/networking/gateway/#Port"),
			must("spec.servers[].tls.mode", is("SIMPLE", "MUTUAL"), "https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings-TLSmode"),
			must("spec.servers[].tls.minProtocolVersion", is("TLSV1_2", "TLSV1_3"), "https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings-TLSProtocol"),
		},
		"gcp:compute/sSLPolicy:SSLPolicy": {
			must("minTlsVersion", is("TLS_1_2", "TLS_1_3"), "https://cloud.google.com/load-balancing/docs/ssl-policies-concepts"),
			must("profile", is("MODERN", "RESTRICTED"), "https://cloud.google.com/load-balancing/docs/ssl-policies-concepts"),
		},
		"gcp:compute/targetHttpsProxy:TargetHttpsProxy": {
			must("sslPolicy", given("a policy of TLS versions"), "https://cloud.google.com/load-balancing/docs/use-ssl-policies"),
		},
		"gcp:compute/globalForwardingRule:GlobalForwardingRule": {
			must("portRange", is("443", "443-443"), "https://cloud.google.com/load-balancing/docs/https"),
		},
		"gcp:compute/backendService:BackendService": {
			must("protocol", is("HTTPS", "HTTP2"), "https://cloud.google.com/load-balancing/docs/backend-service"),
		},
	},
	looks: []string{"aws:rds/parameterGroup:ParameterGroup", "aws:s3/bucketPolicy:BucketPolicy", "aws:sqs/queuePolicy:QueuePolicy"},
	each:  refusesPlainText,
}

// refusesPlainText wants servers to force TLS, and buckets and queues to refuse who comes without:
//   - https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
//   - https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
//   - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html
func refusesPlainText(r Resource, _ Environment) []fault {
	if r.kind() == "aws:rds/parameterGroup:ParameterGroup" {
		return forcesTLS(r)
	}
	doc, ok := documentAt(r, "policy")
	if !ok {
		return nil
	}
	for _, s := range doc.statements {
		if s.Effect == "Deny" && s.Principal.All && strings.Contains(strings.ToLower(string(s.Condition)), `"aws:securetransport"`) {
			return nil
		}
	}
	return []fault{{r, "policy", "no statement that denies requests without TLS", `a Deny for everyone where aws:SecureTransport is false`}}
}

func forcesTLS(r Resource) []fault {
	if family := at(r.Props, "family")[0]; family.unknown || !strings.HasPrefix(text(family.value), "postgres") {
		return nil
	}
	parameters := at(r.Props, "parameters")[0]
	if parameters.unknown || parameters.value.HasComputed() {
		return nil
	}
	if parameters.value.IsArray() {
		for _, p := range parameters.value.AsArray().All {
			if p.IsMap() && text(p.AsMap().Get("name")) == "rds.force_ssl" && text(p.AsMap().Get("value")) == "1" {
				return nil
			}
		}
	}
	return []fault{{r, "parameters", parameters.shown(), "rds.force_ssl of 1"}}
}

// empty says that nothing is said at a place.
func empty(v property.Value) bool { return v.IsNull() || text(v) == "" }
