package gcp

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/tags"
)

// given are the inputs of a recorded resource, as JSON.
func given(t *testing.T, resources record.Resources, key string, leave ...string) string {
	t.Helper()
	inputs, ok := resources[key]
	if !ok {
		t.Fatalf("%s is not registered", key)
	}
	inputs = inputs.Copy()
	for _, name := range leave {
		delete(inputs, resource.PropertyKey(name))
	}
	raw, err := json.Marshal(inputs.Mappable())
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// account is what it makes up for a service account.
func account(id string) resource.PropertyMap {
	email := id + "@platform-dev.iam.gserviceaccount.com"
	return resource.PropertyMap{
		"email": resource.NewProperty(email), "member": resource.NewProperty("serviceAccount:" + email),
		"name": resource.NewProperty("projects/platform-dev/serviceAccounts/" + email),
	}
}

func fixed(s string) pulumi.StringOutput { return pulumi.String(s).ToStringOutput() }

func clusterArgs() cluster.Args {
	return cluster.Args{
		Version: "1.33", LogDays: 30, Tags: tags.Set{tags.Team: "platform", tags.Service: "cluster"},
		Admins: []string{"serviceAccount:pipeline@platform-dev.iam.gserviceaccount.com"}, Viewers: []string{"group:engineers@example.com"},
		Pools: map[string]cluster.Pool{
			"system":  {Size: cluster.Small, Capacity: cluster.OnDemand, Min: 1, Max: 3, System: true, DiskGiB: 50},
			"general": {Size: cluster.Medium, Capacity: cluster.OnDemand, Min: 4, Max: 9, DiskGiB: 100},
			"spot":    {Size: cluster.Large, Capacity: cluster.Spot, Min: 0, Max: 9, DiskGiB: 100},
		},
		Network: network.Outputs{
			ID: fixed("projects/platform-dev/global/networks/dev-gcp"),
			PrivateSubnets: []network.Subnet{{
				Zone: network.AllZones, ID: fixed("projects/platform-dev/regions/europe-west3/subnetworks/dev-gcp-private"),
			}},
		},
	}
}

// built are the resources of a cluster, and what it puts out.
func built(t *testing.T, args cluster.Args) (resources record.Resources, kubeconfig, pool string, class map[string]string) {
	t.Helper()
	own := record.Outputs(record.Made{
		"gcp:container/cluster:Cluster": {
			"endpoint":             resource.NewProperty("10.16.0.2"),
			"privateClusterConfig": resource.NewProperty(resource.PropertyMap{"privateEndpoint": resource.NewProperty("10.16.0.2")}),
			"masterAuth":           resource.NewProperty(resource.PropertyMap{"clusterCaCertificate": resource.NewProperty("Y2E=")}),
		},
		"gcp:serviceaccount/account:Account": account("nodes"),
	})
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		c, err := cluster.New(ctx, "cluster", d, args)
		if err != nil {
			return err
		}
		c.Outputs.Kubeconfig.ApplyT(func(text string) string { kubeconfig = text; return text })
		c.Outputs.Details[detailWorkloadPool].ApplyT(func(text string) string { pool = text; return text })
		// What hangs on no resource is not waited for.
		pulumi.All(c.Outputs.Name, c.Outputs.StorageClass.Parameters).ApplyT(func(all []any) string {
			class, _ = all[1].(map[string]string)
			return ""
		})
		return nil
	}, own)
	if err != nil {
		t.Fatal(err)
	}
	return resources, kubeconfig, pool, class
}

const controlPlane = "gcp:container/cluster:Cluster cluster-control-plane"

func TestAControlPlaneIsPrivateAndEncrypted(t *testing.T) {
	resources, kubeconfig, pool, class := built(t, clusterArgs())
	record.SameDocument(t, given(t, resources, controlPlane, "databaseEncryption", "nodeConfig"), `{
		"name": "dev-gcp-cluster", "project": "platform-dev", "location": "europe-west3",
		"network": "projects/platform-dev/global/networks/dev-gcp",
		"subnetwork": "projects/platform-dev/regions/europe-west3/subnetworks/dev-gcp-private",
		"networkingMode": "VPC_NATIVE", "datapathProvider": "ADVANCED_DATAPATH",
		"ipAllocationPolicy": {"clusterSecondaryRangeName": "pods", "servicesSecondaryRangeName": "services"},
		"privateClusterConfig": {"enablePrivateNodes": true, "enablePrivateEndpoint": true,
			"privateEndpointSubnetwork": "projects/platform-dev/regions/europe-west3/subnetworks/dev-gcp-private"},
		"masterAuthorizedNetworksConfig": {"gcpPublicCidrsAccessEnabled": false},
		"removeDefaultNodePool": true, "initialNodeCount": 1,
		"releaseChannel": {"channel": "REGULAR"}, "minMasterVersion": "1.33",
		"maintenancePolicy": {"recurringWindow": {"startTime": "2026-01-03T01:00:00Z", "endTime": "2026-01-03T09:00:00Z", "recurrence": "FREQ=WEEKLY;BYDAY=SA,SU"}},
		"workloadIdentityConfig": {"workloadPool": "platform-dev.svc.id.goog"},
		"masterAuth": {"clientCertificateConfig": {"issueClientCertificate": false}},
		"enableShieldedNodes": true, "enableLegacyAbac": false, "enableIntranodeVisibility": true, "enableL4IlbSubsetting": true,
		"addonsConfig": {"gcePersistentDiskCsiDriverConfig": {"enabled": true}, "httpLoadBalancing": {"disabled": false}},
		"loggingConfig": {"enableComponents": ["SYSTEM_COMPONENTS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"]},
		"monitoringConfig": {"enableComponents": ["SYSTEM_COMPONENTS"]},
		"securityPostureConfig": {"mode": "BASIC", "vulnerabilityMode": "VULNERABILITY_DISABLED"},
		"deletionProtection": false, "resourceLabels": {"team": "platform", "service": "cluster"}}`)
	encryption := resources[controlPlane]["databaseEncryption"].ObjectValue()
	if encryption["state"].StringValue() != "ENCRYPTED" || !strings.Contains(encryption["keyName"].StringValue(), "secrets-key") {
		t.Errorf("secrets are encrypted by %v", encryption)
	}
	record.SameDocument(t, kubeconfig, `{"apiVersion": "v1", "kind": "Config", "current-context": "dev-gcp-cluster",
		"clusters": [{"name": "dev-gcp-cluster", "cluster": {"server": "https://10.16.0.2", "certificate-authority-data": "Y2E="}}],
		"contexts": [{"name": "dev-gcp-cluster", "context": {"cluster": "dev-gcp-cluster", "user": "dev-gcp-cluster"}}],
		"users": [{"name": "dev-gcp-cluster", "user": {"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1",
			"command": "gke-gcloud-auth-plugin", "provideClusterInfo": true, "interactiveMode": "Never"}}}]}`)
	if pool != "platform-dev.svc.id.goog" {
		t.Errorf("the workload pool is %q", pool)
	}
	if class["labels"] != "service=cluster,team=platform" || class["type"] != "pd-balanced" || !strings.Contains(class["disk-encryption-kms-key"], "disk-key") {
		t.Errorf("the storage class has %v", class)
	}
}

func TestLogsAreKeptBeforeTheControlPlaneSpeaks(t *testing.T) {
	resources, _, _, _ := built(t, clusterArgs())
	record.SameDocument(t, given(t, resources, "gcp:logging/projectBucketConfig:ProjectBucketConfig cluster-logs"), `{
		"project": "platform-dev", "location": "europe-west3", "bucketId": "dev-gcp-cluster-logs-0123abc", "retentionDays": 30,
		"description": "Logs of cluster dev-gcp-cluster", "cmekSettings": {"kmsKeyName": "id-cluster-logs-key"}}`)
	const filter = `"filter": "resource.type=~\"^(k8s_|gke_)\" AND resource.labels.location=\"europe-west3\" AND resource.labels.cluster_name=\"dev-gcp-cluster\""`
	record.SameDocument(t, given(t, resources, "gcp:logging/projectSink:ProjectSink cluster-logs-sink"), `{"project": "platform-dev",
		"name": "dev-gcp-cluster-logs", "description": "Keeps the logs of cluster dev-gcp-cluster", "uniqueWriterIdentity": true,
		"destination": "logging.googleapis.com/id-cluster-logs", `+filter+`}`)
	record.SameDocument(t, given(t, resources, "gcp:logging/projectExclusion:ProjectExclusion cluster-logs-exclusion"), `{"project": "platform-dev",
		"name": "dev-gcp-cluster-logs", "description": "Logs of cluster dev-gcp-cluster are kept in a bucket of their own", `+filter+`}`)
}

func TestEachKeyIsForOneAgent(t *testing.T) {
	resources, _, _, _ := built(t, clusterArgs())
	for key, agent := range map[string]string{"secrets": "container", "disk": "compute", "logs": "logging"} {
		logical := "cluster-" + key + "-key"
		record.SameDocument(t, given(t, resources, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember "+logical+"-user-"+agent), `{"cryptoKeyId": "id-`+logical+`",
			"role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "member": "serviceAccount:agent-of-`+agent+`@example.iam.gserviceaccount.com"}`)
	}
}

func TestAPublicControlPlaneAnswersOnlyToNamedRanges(t *testing.T) {
	args := clusterArgs()
	args.PublicAccess, args.DeleteProtection = []string{"203.0.113.0/24"}, true
	resources, _, _, _ := built(t, args)
	inputs := resources[controlPlane]
	if inputs["privateClusterConfig"].ObjectValue()["enablePrivateEndpoint"].BoolValue() {
		t.Error("the public endpoint is off")
	}
	record.SameDocument(t, given(t, record.Resources{"a": inputs["masterAuthorizedNetworksConfig"].ObjectValue()}, "a"),
		`{"gcpPublicCidrsAccessEnabled": false, "cidrBlocks": [{"cidrBlock": "203.0.113.0/24"}]}`)
	if !inputs["deletionProtection"].BoolValue() {
		t.Error("it is not protected")
	}
}

func TestAPoolHasWhatItIsAskedFor(t *testing.T) {
	resources, _, _, _ := built(t, clusterArgs())
	const common = `"project": "platform-dev", "location": "europe-west3", "cluster": "id-cluster-control-plane",
		"management": {"autoRepair": true, "autoUpgrade": true}, "upgradeSettings": {"strategy": "SURGE", "maxSurge": 1, "maxUnavailable": 0},
		"networkConfig": {"enablePrivateNodes": true}`
	config := func(machine, disk, spot, labels, taints string) string {
		return `"nodeConfig": {"machineType": "` + machine + `", "imageType": "COS_CONTAINERD", "diskType": "pd-balanced", "diskSizeGb": ` + disk + `,
			"bootDiskKmsKey": "KEY", "serviceAccount": "nodes@platform-dev.iam.gserviceaccount.com",
			"oauthScopes": ["https://www.googleapis.com/auth/cloud-platform"],
			"shieldedInstanceConfig": {"enableSecureBoot": true, "enableIntegrityMonitoring": true},
			"workloadMetadataConfig": {"mode": "GKE_METADATA"}, "metadata": {"disable-legacy-endpoints": "true"},
			"spot": ` + spot + `, "labels": {` + labels + `}, "resourceLabels": {"team": "platform", "service": "cluster"}` + taints + `}`
	}
	disk := resources[controlPlane]["nodeConfig"].ObjectValue()["bootDiskKmsKey"].StringValue()
	if !strings.Contains(disk, "disk-key") {
		t.Errorf("the disks' key is %q", disk)
	}
	for pool, want := range map[string]string{
		"system": `{"name": "dev-gcp-system", ` + common + `, "initialNodeCount": 1,
			"autoscaling": {"totalMinNodeCount": 1, "totalMaxNodeCount": 3, "locationPolicy": "BALANCED"}, ` +
			config("n2-standard-2", "50", "false", `"platform/pool": "system", "platform/system": "true"`,
				`, "taints": [{"key": "platform/system", "value": "true", "effect": "NO_SCHEDULE"}]`) + `}`,
		"general": `{"name": "dev-gcp-general", ` + common + `, "initialNodeCount": 2,
			"autoscaling": {"totalMinNodeCount": 4, "totalMaxNodeCount": 9, "locationPolicy": "BALANCED"}, ` +
			config("n2-standard-4", "100", "false", `"platform/pool": "general"`, "") + `}`,
		"spot": `{"name": "dev-gcp-spot", ` + common + `, "initialNodeCount": 0,
			"autoscaling": {"totalMinNodeCount": 0, "totalMaxNodeCount": 9, "locationPolicy": "ANY"}, ` +
			config("n2-standard-8", "100", "true", `"platform/pool": "spot", "platform/spot": "true"`,
				`, "taints": [{"key": "platform/spot", "value": "true", "effect": "NO_SCHEDULE"}]`) + `}`,
	} {
		record.SameDocument(t, given(t, resources, "gcp:container/nodePool:NodePool cluster-pool-"+pool), strings.ReplaceAll(want, "KEY", disk))
	}
	for role, want := range map[string]string{"images": "roles/artifactregistry.reader", "node": "roles/container.defaultNodeServiceAccount"} {
		record.SameDocument(t, given(t, resources, "gcp:projects/iAMMember:IAMMember cluster-nodes-"+role),
			`{"project": "platform-dev", "role": "`+want+`", "member": "serviceAccount:nodes@platform-dev.iam.gserviceaccount.com"}`)
	}
}

func TestAccessIsToThisClusterAlone(t *testing.T) {
	asked := clusterArgs()
	asked.Teams = map[string]string{"payments": "team-payments@example.com"}
	resources, _, _, _ := built(t, asked)
	const condition = `"condition": {"title": "cluster dev-gcp-cluster", "expression": "resource.service == \"container.googleapis.com\" && (resource.name == \"id-cluster-control-plane\" || resource.name.startsWith(\"id-cluster-control-plane/\"))"}`
	want := map[string]string{
		"serviceAccount:pipeline@platform-dev.iam.gserviceaccount.com": "roles/container.admin",
		"group:engineers@example.com":                                  "roles/container.viewer",
		"group:team-payments@example.com":                              "roles/container.clusterViewer",
	}
	found := 0
	for key, inputs := range resources {
		if !strings.Contains(key, " cluster-access-") && !strings.Contains(key, " cluster-team-") {
			continue
		}
		found++
		member := inputs["member"].StringValue()
		record.SameDocument(t, given(t, resources, key), `{"project": "platform-dev", "member": "`+member+`", "role": "`+want[member]+`", `+condition+`}`)
	}
	if found != len(want) {
		t.Errorf("%d have access, want %d", found, len(want))
	}
	groups := resources[controlPlane]["authenticatorGroupsConfig"].ObjectValue()["securityGroup"].StringValue()
	if groups != "gke-security-groups@example.com" {
		t.Errorf("the cluster knows the groups in %q", groups)
	}
	args := clusterArgs()
	args.Viewers = []string{"allAuthenticatedUsers"}
	_, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := cluster.New(ctx, "cluster", d, args)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), `value "allAuthenticatedUsers"`) {
		t.Errorf("everyone may view: %v", err)
	}
}
