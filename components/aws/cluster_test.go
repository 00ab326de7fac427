package aws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/tags"
)

func clusterArgs() cluster.Args {
	return cluster.Args{
		Version: "1.33", LogDays: 30, Tags: tags.Set{tags.Team: "platform"},
		Admins: []string{"arn:aws:iam::111122223333:role/pipeline"}, Viewers: []string{"arn:aws:iam::111122223333:role/engineers"},
		Pools: map[string]cluster.Pool{
			"system":  {Size: cluster.Small, Capacity: cluster.OnDemand, Min: 2, Max: 2, System: true, DiskGiB: 50},
			"general": {Size: cluster.Medium, Capacity: cluster.OnDemand, Min: 0, Max: 6, DiskGiB: 80},
			"spot":    {Size: cluster.Medium, Capacity: cluster.Spot, Min: 0, Max: 6, DiskGiB: 80},
		},
		Network: network.Outputs{PrivateSubnets: []network.Subnet{{Zone: "a", ID: text("subnet-a")}, {Zone: "b", ID: text("subnet-b")}}},
	}
}

func recordCluster(t *testing.T, args cluster.Args) record.Resources {
	t.Helper()
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := cluster.New(ctx, "cluster", d, args)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

func controlPlane(access map[string]any) map[string]any {
	return map[string]any{
		"name": "dev-aws-cluster", "version": "1.33", "roleArn": "arn:cluster-control-plane-role", "vpcConfig": access,
		"accessConfig":               map[string]any{"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": false},
		"bootstrapSelfManagedAddons": false,
		"encryptionConfig":           map[string]any{"provider": map[string]any{"keyArn": "arn:cluster-secrets-key"}, "resources": []any{"secrets"}},
		"enabledClusterLogTypes":     []any{"api", "audit", "authenticator", "controllerManager", "scheduler"},
		"tags":                       named("dev-aws-cluster", nil),
	}
}

func TestTheControlPlaneIsPrivateUnlessRangesAreNamed(t *testing.T) {
	subnets := []any{"subnet-a", "subnet-b"}
	record.Exactly(t, recordCluster(t, clusterArgs()), "aws:eks/cluster:Cluster cluster-control-plane", controlPlane(map[string]any{
		"subnetIds": subnets, "endpointPrivateAccess": true, "endpointPublicAccess": false,
	}))
	args := clusterArgs()
	args.PublicAccess = []string{"198.51.100.0/24"}
	record.Exactly(t, recordCluster(t, args), "aws:eks/cluster:Cluster cluster-control-plane", controlPlane(map[string]any{
		"subnetIds": subnets, "endpointPrivateAccess": true, "endpointPublicAccess": true, "publicAccessCidrs": []any{"198.51.100.0/24"},
	}))
}

func TestMachinesDemandTokensEncryptDisksAndTagWhatTheyBring(t *testing.T) {
	name := "dev-aws-cluster-pool-system"
	var tagged []any
	for _, kind := range []string{"instance", "volume", "network-interface"} {
		tagged = append(tagged, map[string]any{"resourceType": kind, "tags": named(name, nil)})
	}
	record.Exactly(t, recordCluster(t, clusterArgs()), "aws:ec2/launchTemplate:LaunchTemplate cluster-pool-system-template", map[string]any{
		"name": name, "updateDefaultVersion": true,
		"metadataOptions": map[string]any{"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
		"blockDeviceMappings": []any{map[string]any{"deviceName": "/dev/xvda", "ebs": map[string]any{
			"volumeType": "gp3", "volumeSize": 50, "encrypted": "true", "kmsKeyId": "arn:cluster-disk-key", "deleteOnTermination": "true",
		}}},
		"tagSpecifications": tagged, "tags": named(name, nil),
	})
}

func TestTheSystemPoolHoldsItsNodes(t *testing.T) {
	name := "dev-aws-cluster-pool-system"
	got := recordCluster(t, clusterArgs())
	record.Exactly(t, got, "aws:eks/nodeGroup:NodeGroup cluster-pool-system", map[string]any{
		"clusterName": "dev-aws-cluster", "nodeGroupName": name, "nodeRoleArn": "arn:cluster-nodes-role", "version": "1.33",
		"subnetIds": []any{"subnet-a", "subnet-b"}, "instanceTypes": []any{"m7i.large"},
		"amiType": "AL2023_x86_64_STANDARD", "capacityType": "ON_DEMAND",
		"scalingConfig":    map[string]any{"minSize": 2, "maxSize": 2, "desiredSize": 2},
		"updateConfig":     map[string]any{"maxUnavailablePercentage": 33},
		"launchTemplate":   map[string]any{"id": "id-cluster-pool-system-template", "version": "3"},
		"nodeRepairConfig": map[string]any{"enabled": true},
		"labels":           map[string]any{"platform/pool": "system", "platform/system": "true"},
		"taints":           []any{map[string]any{"key": "platform/system", "value": "true", "effect": "NO_SCHEDULE"}},
		"tags":             named(name, nil),
	})
	if n := record.Count(got, "aws:eks/nodeGroup:NodeGroup"); n != 1 {
		t.Errorf("%d node groups, want that of the system pool alone", n)
	}
}

func TestAdminsAndViewersGetWhatTheyMayAndNobodyElseGetsAnything(t *testing.T) {
	got := recordCluster(t, clusterArgs())
	for principal, policy := range map[string]string{"pipeline": "AmazonEKSClusterAdminPolicy", "engineers": "AmazonEKSViewPolicy"} {
		record.Exactly(t, got, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation cluster-access-"+principal+"-policy", map[string]any{
			"clusterName": "dev-aws-cluster", "principalArn": "arn:aws:iam::111122223333:role/" + principal,
			"policyArn": "arn:aws:eks::aws:cluster-access-policy/" + policy, "accessScope": map[string]any{"type": "cluster"},
		})
	}
	if n := record.Count(got, "aws:eks/accessEntry:AccessEntry"); n != 2 {
		t.Errorf("%d access entries, want 2", n)
	}
}

func TestATeamReachesTheAPIAndNothingBehindIt(t *testing.T) {
	args := clusterArgs()
	args.Teams = map[string]string{"payments": "team-payments"}
	got := recordCluster(t, args)
	record.Exactly(t, got, "aws:eks/accessEntry:AccessEntry cluster-team-payments", map[string]any{
		"clusterName": "dev-aws-cluster", "principalArn": "arn:aws:iam::111122223333:role/team-payments", "type": "STANDARD",
		"kubernetesGroups": []any{"platform:team:payments"}, "tags": named("cluster-team-payments", nil),
	})
	if n := record.Count(got, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"); n != 2 {
		t.Errorf("%d access policies, want those of the administrator and the viewer", n)
	}
}

func TestATeamIsNoAdministrator(t *testing.T) {
	args := clusterArgs()
	args.Teams = map[string]string{"payments": "pipeline"}
	_, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := cluster.New(ctx, "cluster", d, args)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), `teams.payments: value "pipeline": an administrator or a viewer has this role`) {
		t.Errorf("got %v, want the role that is named twice", err)
	}
}

func TestAddonsArePinnedAndTheNetworkPolicyIsEnforced(t *testing.T) {
	got := recordCluster(t, clusterArgs())
	for name, version := range addonVersions["1.33"] {
		if pinned := got["aws:eks/addon:Addon cluster-addon-"+name]["addonVersion"].StringValue(); pinned != version {
			t.Errorf("%s is pinned to %q, want %q", name, pinned, version)
		}
	}
	record.SameDocument(t, got["aws:eks/addon:Addon cluster-addon-metrics-server"]["configurationValues"].StringValue(),
		`{"nodeSelector":{"platform/system":"true"},"tolerations":[{"key":"platform/system","operator":"Exists","effect":"NoSchedule"}]}`)
	record.SameDocument(t, got["aws:eks/addon:Addon cluster-addon-vpc-cni"]["configurationValues"].StringValue(), `{"enableNetworkPolicy":"true"}`)
}
