package checks_test

import (
	"testing"

	"platform/tests/checks"
	"platform/tests/cloud"
)

// TestEachMistakeOnAzureAndGoogleCloudIsFound makes one mistake on purpose in each case, beside its whole twin.
func TestEachMistakeOnAzureAndGoogleCloudIsFound(t *testing.T) {
	const role = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/"
	for _, test := range []struct {
		check, typ string
		good, bad  values
	}{
		{
			"exposure", "azure-native:dbforpostgresql/v20240801:Server",
			values{"network": values{"publicNetworkAccess": "Disabled"}, "dataEncryption": values{"primaryKeyURI": "k"}, "authConfig": values{"passwordAuth": "Disabled"}},
			values{"network": values{"publicNetworkAccess": "Enabled"}, "dataEncryption": values{"primaryKeyURI": "k"}, "authConfig": values{"passwordAuth": "Disabled"}},
		},
		{
			"admission", "azure-native:dbforpostgresql/v20240801:Server",
			values{"network": values{"publicNetworkAccess": "Disabled"}, "dataEncryption": values{"primaryKeyURI": "k"}, "authConfig": values{"passwordAuth": "Disabled"}},
			values{"network": values{"publicNetworkAccess": "Disabled"}, "dataEncryption": values{"primaryKeyURI": "k"}, "authConfig": values{"passwordAuth": "Enabled"}},
		},
		{
			"encryption", "azure-native:documentdb:DatabaseAccount",
			values{"publicNetworkAccess": "Disabled", "disableLocalAuth": true, "keyVaultKeyUri": "k"},
			values{"publicNetworkAccess": "Disabled", "disableLocalAuth": true},
		},
		{
			"exposure", "azure-native:storage:StorageAccount",
			values{"allowBlobPublicAccess": false, "allowSharedKeyAccess": false, "networkRuleSet": values{"defaultAction": "Deny"}, "encryption": values{"keyVaultProperties": values{"keyName": "k"}}},
			values{"allowSharedKeyAccess": false, "networkRuleSet": values{"defaultAction": "Deny"}, "encryption": values{"keyVaultProperties": values{"keyName": "k"}}},
		},
		{
			"exposure", "azure-native:network:NetworkSecurityGroup",
			values{"securityRules": []any{values{"direction": "Inbound", "access": "Allow", "sourceAddressPrefix": "VirtualNetwork"}}},
			values{"securityRules": []any{values{"direction": "Inbound", "access": "Allow", "sourceAddressPrefix": "Internet"}}},
		},
		{
			"admission", "azure-native:authorization:RoleAssignment",
			values{"roleDefinitionId": role + "x", "scope": "/subscriptions/s/resourceGroups/g/providers/p/t/n"},
			values{"roleDefinitionId": role + "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "scope": "/subscriptions/s/resourceGroups/g/providers/p/t/n"},
		},
		{
			"admission", "azure-native:authorization:RoleAssignment",
			values{"roleDefinitionId": role + "x", "scope": "/subscriptions/s/resourceGroups/g/providers/p/t/n"},
			values{"roleDefinitionId": role + "x", "scope": "/subscriptions/s/resourceGroups/g"},
		},
		{
			"encryption", "azure-native:servicebus:Namespace",
			values{"disableLocalAuth": true, "minimumTlsVersion": "1.2", "sku": values{"name": "Standard"}},
			values{"disableLocalAuth": true, "minimumTlsVersion": "1.2", "sku": values{"name": "Premium"}},
		},
		{"exposure", "network:frontend", values{"internal": true}, values{"internal": false}},
		{
			"exposure", "gcp:sql/databaseInstance:DatabaseInstance",
			values{"encryptionKeyName": "k", "settings": values{"ipConfiguration": values{"ipv4Enabled": false}}},
			values{"encryptionKeyName": "k", "settings": values{"ipConfiguration": values{"ipv4Enabled": true}}},
		},
		{
			"exposure", "gcp:container/cluster:Cluster",
			values{"databaseEncryption": values{"keyName": "k"}, "privateClusterConfig": values{"enablePrivateNodes": true, "enablePrivateEndpoint": true}},
			values{"databaseEncryption": values{"keyName": "k"}, "privateClusterConfig": values{"enablePrivateNodes": true}},
		},
		{
			"exposure", "gcp:compute/firewall:Firewall",
			values{"allows": []any{values{"protocol": "tcp"}}, "sourceRanges": []any{"10.0.0.0/8"}},
			values{"allows": []any{values{"protocol": "tcp"}}, "sourceRanges": []any{"0.0.0.0/0"}},
		},
		{"exposure", "compute:forwarding-rule", values{"scheme": "INTERNAL"}, values{"scheme": "EXTERNAL"}},
		{"encryption", "gcp:pubsub/topic:Topic", values{"kmsKeyName": "k"}, values{}},
		{"encryption", "compute:disk", values{"kmsKeyName": "k"}, values{}},
		{
			"admission", "gcp:pubsub/topicIAMMember:TopicIAMMember",
			values{"member": "serviceAccount:a", "role": "roles/pubsub.publisher"}, values{"member": "allUsers", "role": "roles/pubsub.publisher"},
		},
		{
			"admission", "gcp:projects/iAMMember:IAMMember",
			values{"member": "serviceAccount:a", "role": "roles/cloudsql.client", "condition": values{}},
			values{"member": "serviceAccount:a", "role": "roles/cloudsql.client"},
		},
		{
			"admission", "gcp:projects/apiKey:ApiKey",
			values{"restrictions": values{"apiTargets": []any{values{"service": "s"}}}}, values{},
		},
	} {
		find := func(inputs values) []checks.Finding {
			return checks.All([]*cloud.Object{{Type: test.typ, ID: "x", Tags: whole, Inputs: inputs}}, func(string) bool { return true })
		}
		if found := find(test.good); len(found) != 0 {
			t.Errorf("%s %s: the whole one is found: %v", test.check, test.typ, found)
		}
		if found := find(test.bad); len(found) != 1 || found[0].Check != test.check {
			t.Errorf("%s %s: the mistake gives %v, want one finding", test.check, test.typ, found)
		}
	}
}
