package azure

import (
	"reflect"
	"strings"
	"testing"

	engine "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/tags"
)

const (
	admins  = "aaaaaaaa-0000-4000-a000-000000000001"
	viewers = "aaaaaaaa-0000-4000-a000-000000000002"
)

func text(s string) pulumi.StringOutput { return pulumi.String(s).ToStringOutput() }

var inCluster = tags.Set{tags.Team: "platform", tags.Service: "cluster"}

func clusterArgs() cluster.Args {
	return cluster.Args{
		Version: "1.33", LogDays: 7, Admins: []string{admins}, Viewers: []string{viewers}, Tags: inCluster,
		Network: network.Outputs{
			PrivateSubnets: []network.Subnet{{Zone: network.AllZones, ID: text("subnet")}},
			Details:        map[string]pulumi.StringOutput{egressDetail: text("20.1.2.3")},
		},
		Pools: map[string]cluster.Pool{
			"system":  {Size: cluster.Small, Capacity: cluster.OnDemand, Min: 1, Max: 2, System: true, DiskGiB: 50},
			"general": {Size: cluster.Medium, Capacity: cluster.OnDemand, Min: 2, Max: 6, DiskGiB: 60},
			"spot":    {Size: cluster.Large, Capacity: cluster.Spot, Min: 0, Max: 4, DiskGiB: 70},
		},
	}
}

func recordCluster(t *testing.T, args cluster.Args) (record.Resources, cluster.Outputs, error) {
	t.Helper()
	var outputs cluster.Outputs
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		made, err := cluster.New(ctx, "cluster", d, args)
		if err != nil {
			return err
		}
		outputs = made.Outputs
		for _, each := range []pulumi.StringOutput{outputs.Kubeconfig, outputs.Endpoint, outputs.WorkloadIssuer} {
			ctx.Export("wait", each)
		}
		return nil
	})
	return resources, outputs, err
}

func TestTheControlPlaneIsPrivateKnowsEntraAloneAndHasKeysOfItsOwn(t *testing.T) {
	resources, _, err := recordCluster(t, clusterArgs())
	if err != nil {
		t.Fatal(err)
	}
	owned := object{"team": "platform", "service": "cluster"}
	record.Exactly(t, resources, "azure-native:containerservice:ManagedCluster cluster-control-plane", object{
		"resourceGroupName": "group", "resourceName": "dev-azure-cluster", "location": "germanywestcentral", "dnsPrefix": "dev-azure-cluster",
		"nodeResourceGroup": "dev-azure-cluster-nodes", "kubernetesVersion": "1.33", "sku": object{"name": "Base", "tier": "Standard"},
		"identity":   object{"type": "UserAssigned", "userAssignedIdentities": list{"id-cluster-control-plane-identity"}},
		"enableRBAC": true, "disableLocalAccounts": true,
		"aadProfile": object{"managed": true, "enableAzureRBAC": true, "adminGroupObjectIDs": list{admins}},
		"apiServerAccessProfile": object{
			"disableRunCommand": true, "enablePrivateCluster": true, "privateDNSZone": "system", "enablePrivateClusterPublicFQDN": false,
		},
		"networkProfile": object{
			"networkPlugin": "azure", "networkPluginMode": "overlay", "networkDataplane": "cilium", "networkPolicy": "cilium",
			"loadBalancerSku": "standard", "outboundType": "userAssignedNATGateway", "podCidr": "100.64.0.0/12", "serviceCidr": "100.80.0.0/16",
			"dnsServiceIP": "100.80.0.10",
		},
		"diskEncryptionSetID": "id-cluster-disks", "oidcIssuerProfile": object{"enabled": true},
		"securityProfile": object{
			"workloadIdentity": object{"enabled": true},
			"azureKeyVaultKms": object{"enabled": true, "keyId": "https://vault.example/keys/key/1", "keyVaultNetworkAccess": "Public"},
		},
		"storageProfile": object{
			"diskCSIDriver": object{"enabled": true}, "fileCSIDriver": object{"enabled": false}, "snapshotController": object{"enabled": true},
		},
		"autoUpgradeProfile": object{"upgradeChannel": "patch"},
		"agentPoolProfiles": list{object{
			"name": "system", "mode": "System", "type": "VirtualMachineScaleSets", "vmSize": "Standard_D2s_v5", "osType": "Linux",
			"osSKU": "Ubuntu", "osDiskType": "Managed", "osDiskSizeGB": 50.0, "enableAutoScaling": true, "count": 1.0, "minCount": 1.0, "maxCount": 2.0,
			"orchestratorVersion": "1.33", "availabilityZones": list{"1", "2", "3"}, "maxPods": 110.0, "vnetSubnetID": "subnet",
			"nodeLabels": object{"platform/pool": "system", "platform/system": "true"}, "nodeTaints": list{"CriticalAddonsOnly=true:NoSchedule"},
			"enableNodePublicIP": false, "upgradeSettings": object{"maxSurge": "33%"}, "tags": owned,
		}},
		"tags": owned,
	})
	if pools := record.Count(resources, "azure-native:containerservice:AgentPool"); pools != 2 {
		t.Errorf("%d pools beside the control plane's, want 2", pools)
	}
}

func TestPoolsAreTaintedLabelledAndSpread(t *testing.T) {
	resources, _, err := recordCluster(t, clusterArgs())
	if err != nil {
		t.Fatal(err)
	}
	owned := object{"team": "platform", "service": "cluster"}
	general := object{
		"resourceGroupName": "group", "resourceName": "cluster-control-plane", "agentPoolName": "general", "mode": "User",
		"type": "VirtualMachineScaleSets", "vmSize": "Standard_D4s_v5", "osType": "Linux", "osSKU": "Ubuntu", "osDiskType": "Managed",
		"osDiskSizeGB": 60.0, "enableAutoScaling": true, "count": 2.0, "minCount": 2.0, "maxCount": 6.0, "orchestratorVersion": "1.33",
		"availabilityZones": list{"1", "2", "3"}, "maxPods": 110.0, "vnetSubnetID": "subnet",
		"nodeLabels": object{"platform/pool": "general"}, "enableNodePublicIP": false, "upgradeSettings": object{"maxSurge": "33%"}, "tags": owned,
	}
	record.Exactly(t, resources, "azure-native:containerservice:AgentPool cluster-pool-general", general)
	record.Exactly(t, resources, "azure-native:containerservice:AgentPool cluster-pool-spot", object{
		"resourceGroupName": "group", "resourceName": "cluster-control-plane", "agentPoolName": "spot", "mode": "User",
		"type": "VirtualMachineScaleSets", "vmSize": "Standard_D8s_v5", "osType": "Linux", "osSKU": "Ubuntu", "osDiskType": "Managed",
		"osDiskSizeGB": 70.0, "enableAutoScaling": true, "count": 0.0, "minCount": 0.0, "maxCount": 4.0, "orchestratorVersion": "1.33",
		"availabilityZones": list{"1", "2", "3"}, "maxPods": 110.0, "vnetSubnetID": "subnet", "enableNodePublicIP": false,
		"nodeLabels":       object{"platform/pool": "spot", "platform/spot": "true", "kubernetes.azure.com/scalesetpriority": "spot"},
		"nodeTaints":       list{"platform/spot=true:NoSchedule", "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"},
		"scaleSetPriority": "Spot", "scaleSetEvictionPolicy": "Delete", "spotMaxPrice": -1.0, "tags": owned,
	})
}

func TestTheClusterMayDoWhatItMustAndNoMore(t *testing.T) {
	args := clusterArgs()
	args.Teams = map[string]string{"payments": "0b0b0b0b-0000-4000-8000-000000000001"}
	resources, _, err := recordCluster(t, args)
	if err != nil {
		t.Fatal(err)
	}
	const control = "principal-cluster-control-plane-identity"
	for name, want := range map[string][4]string{
		"cluster-control-plane-subnet":      {builtin.NetworkContributor, control, "subnet", "ServicePrincipal"},
		"cluster-control-plane-disks":       {builtin.Reader, control, "id-cluster-disks", "ServicePrincipal"},
		"cluster-control-plane-secrets-key": {builtin.KeyCryptoUser, control, "id-cluster-secrets-key", "ServicePrincipal"},
		"cluster-disks-key":                 {builtin.KeyUser, "principal-of-disks", "id-cluster-disk-key", "ServicePrincipal"},
		"cluster-access-" + viewers:         {builtin.ClusterReader, viewers, "id-cluster-control-plane", "Group"},
		"cluster-team-payments":             {builtin.ClusterUser, args.Teams["payments"], "id-cluster-control-plane", "Group"},
	} {
		got := resources["azure-native:authorization:RoleAssignment "+name]
		role := got["roleDefinitionId"].StringValue()
		found := [4]string{role[strings.LastIndex(role, "/")+1:], got["principalId"].StringValue(), got["scope"].StringValue(), got["principalType"].StringValue()}
		if found != want {
			t.Errorf("%s: got %v, want %v", name, found, want)
		}
	}
}

func TestDisksHaveAKeyOfTheirOwnAndVolumesAreTagged(t *testing.T) {
	resources, outputs, err := recordCluster(t, clusterArgs())
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, resources, "azure-native:compute:DiskEncryptionSet cluster-disks", object{
		"resourceGroupName": "group", "diskEncryptionSetName": "dev-azure-cluster", "location": "germanywestcentral",
		"encryptionType": "EncryptionAtRestWithCustomerKey", "identity": object{"type": "SystemAssigned"},
		"activeKey":                         object{"keyUrl": "https://vault.example/keys/key/1", "sourceVault": object{"id": "vault-id"}},
		"rotationToLatestKeyVersionEnabled": true, "tags": object{"team": "platform", "service": "cluster"},
	})
	class := outputs.StorageClass
	if class.Provisioner != "disk.csi.azure.com" || class.Parameters["tags"] != pulumi.String("service=cluster,team=platform") ||
		class.Parameters["networkAccessPolicy"] != pulumi.String("DenyAll") {
		t.Errorf("storage class: %v", class)
	}
}

func TestSecretsHaveAVaultThatTheControlPlaneReaches(t *testing.T) {
	resources, _, err := recordCluster(t, clusterArgs())
	if err != nil {
		t.Fatal(err)
	}
	vault := resources["azure-native:keyvault:Vault "+vaultName("cluster", "secrets")]["properties"].ObjectValue()
	for property, want := range map[engine.PropertyKey]engine.PropertyValue{
		"publicNetworkAccess": engine.NewProperty("Enabled"), "enableRbacAuthorization": engine.NewProperty(true),
		"enablePurgeProtection": engine.NewProperty(true), "softDeleteRetentionInDays": engine.NewProperty(7.0),
	} {
		if !vault[property].DeepEquals(want) {
			t.Errorf("%s is %v, want %v", property, vault[property], want)
		}
	}
	operations := resources["azure-native:keyvault:Key cluster-secrets-key"]["properties"].ObjectValue()["keyOps"]
	if want := engine.NewProperty([]engine.PropertyValue{engine.NewProperty("encrypt"), engine.NewProperty("decrypt")}); !operations.DeepEquals(want) {
		t.Errorf("the key may %v", operations)
	}
	record.Exactly(t, resources, "azure-native:insights:DiagnosticSetting cluster-secrets-logs", object{
		"name": "workspace", "resourceUri": "id-" + vaultName("cluster", "secrets"), "workspaceId": "workspace",
		"logAnalyticsDestinationType": "Dedicated", "logs": []any{object{"category": "AuditEvent", "enabled": true}},
	})
	rotation := resources["azure-native:keyvault:Key cluster-secrets-key"]["properties"].ObjectValue()["rotationPolicy"].String()
	if !strings.Contains(rotation, "Rotate") || !strings.Contains(rotation, "P365D") || strings.Contains(rotation, "expiryTime") {
		t.Errorf("the key rotates by %s", rotation)
	}
}

func TestTheKubeconfigHoldsNoCredential(t *testing.T) {
	got, err := kubeconfigText("dev", "api.example", "QUJD")
	if err != nil {
		t.Fatal(err)
	}
	want := `{"apiVersion":"v1","clusters":[{"cluster":{"certificate-authority-data":"QUJD","server":"https://api.example:443"},"name":"dev"}],` +
		`"contexts":[{"context":{"cluster":"dev","user":"dev"},"name":"dev"}],"current-context":"dev","kind":"Config",` +
		`"users":[{"name":"dev","user":{"exec":{"apiVersion":"client.authentication.k8s.io/v1beta1",` +
		`"args":["get-token","--login","azurecli","--server-id","6dae42f8-4368-4678-94ff-3960e28e3630"],"command":"kubelogin","interactiveMode":"Never"}}}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAPublicAPILetsInTheNamedRangesAndTheNodes(t *testing.T) {
	args := clusterArgs()
	args.PublicAccess = []string{"203.0.113.0/24"}
	resources, outputs, err := recordCluster(t, args)
	if err != nil {
		t.Fatal(err)
	}
	profile := resources["azure-native:containerservice:ManagedCluster cluster-control-plane"]["apiServerAccessProfile"]
	want := object{
		"disableRunCommand": true, "enablePrivateCluster": false, "authorizedIPRanges": list{"203.0.113.0/24", "20.1.2.3/32"},
	}
	if got := profile.Mappable(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	outputs.Endpoint.ApplyT(func(endpoint string) string {
		if endpoint != "https://public.example:443" {
			t.Errorf("the endpoint is %s", endpoint)
		}
		return endpoint
	})
}

func TestLogsOfTheControlPlaneGoToTheWorkspace(t *testing.T) {
	resources, _, err := recordCluster(t, clusterArgs())
	if err != nil {
		t.Fatal(err)
	}
	var logs []any
	for _, category := range controlPlaneLogs {
		logs = append(logs, object{"category": category, "enabled": true})
	}
	record.Exactly(t, resources, "azure-native:insights:DiagnosticSetting cluster-logs", object{
		"name": "workspace", "resourceUri": "id-cluster-control-plane", "workspaceId": "workspace",
		"logAnalyticsDestinationType": "Dedicated", "logs": logs,
	})
}

func TestWhatAKSCannotBeIsRefused(t *testing.T) {
	for want, change := range map[string]func(*cluster.Args){
		"without a way out": func(a *cluster.Args) { a.Network.Details = nil },
		"no spot pool be a system pool": func(a *cluster.Args) {
			a.Pools["system"] = cluster.Pool{Size: cluster.Small, Capacity: cluster.Spot, Min: 1, Max: 2, System: true, DiskGiB: 50}
		},
		"30 to 2048 is allowed": func(a *cluster.Args) {
			a.Pools["general"] = cluster.Pool{Size: cluster.Small, Capacity: cluster.OnDemand, Min: 1, Max: 2, DiskGiB: 20}
		},
		`one of [1.32 1.33] is allowed`: func(a *cluster.Args) { a.Version = "1.20" },
	} {
		args := clusterArgs()
		change(&args)
		if _, _, err := recordCluster(t, args); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}

func TestPoolsHaveTheirOwnNames(t *testing.T) {
	for name, want := range map[string]string{"general": "general", "gpu": "gpu"} {
		if got := newDriver().physical(KindNodePool, name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if got := newDriver().physical(KindNodePool, "interruptible"); len(got) > 12 || !strings.HasPrefix(got, "int") {
		t.Errorf("interruptible: got %s", got)
	}
	if a, b := newDriver().physical(KindNodePool, "gpu-a"), newDriver().physical(KindNodePool, "gpua"); a == b {
		t.Errorf("two pools are named %s", a)
	}
}
