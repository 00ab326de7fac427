package inventory

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// state is one with a resource of each cloud, as their providers write ids.
func state() []apitype.ResourceV3 {
	one := func(typ, name, id string, outputs map[string]any, retained bool) apitype.ResourceV3 {
		return apitype.ResourceV3{
			URN: resource.URN("urn:pulumi:dev::platform::" + typ + "::" + name), Custom: true, ID: resource.ID(id), Outputs: outputs, RetainOnDelete: retained,
		}
	}
	external := one("aws:route53/zone:Zone", "zone", "Z0123456789DEVELOPMT", nil, false)
	external.External = true
	return []apitype.ResourceV3{
		one("aws:eks/cluster:Cluster", "cluster", "dev-cluster", map[string]any{"arn": "arn:aws:eks:eu-central-1:111122223333:cluster/dev-cluster"}, false),
		one("aws:s3/bucketV2:BucketV2", "trail", "dev-trail-1234", map[string]any{"arn": "arn:aws:s3:::dev-trail-1234"}, true),
		one("azure-native:resources:ResourceGroup", "group", "/subscriptions/s/resourceGroups/dev", nil, false),
		one("gcp:compute/network:Network", "network", "projects/p/global/networks/dev-network", nil, false),
		external,
	}
}

func TestWhatIsTheEnvironments(t *testing.T) {
	whose := map[string]string{"environment": "dev", "project": "platform"}
	for _, test := range []struct {
		name  string
		item  Item
		why   string // how it is the environment's; empty if it is not
		stays bool
	}{
		{"known by its ARN", Item{ID: "arn:aws:eks:eu-central-1:111122223333:cluster/dev-cluster"}, "the state knew it", false},
		{"known, in other letters", Item{ID: "/subscriptions/s/resourcegroups/DEV"}, "the state knew it", false},
		{"known, behind a host", Item{ID: "//compute.googleapis.com/projects/p/global/networks/dev-network"}, "the state knew it", false},
		{"asked to be kept", Item{ID: "arn:aws:s3:::dev-trail-1234"}, "the state knew it", true},
		{"by its tags", Item{ID: "arn:aws:ec2:eu-central-1:111122223333:volume/vol-1", Tags: whose}, "its tags say so", false},
		{"in a group", Item{ID: "/subscriptions/s/resourceGroups/dev/providers/Microsoft.Compute/disks/x"}, "it refers to", false},
		{"by the cluster's name within its own", Item{ID: "arn:aws:logs:eu-central-1:111122223333:log-group:/aws/eks/dev-cluster/cluster"}, "it refers to", false},
		{"by a controller's tag", Item{ID: "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-1", Tags: map[string]string{"kubernetes.io/cluster/dev-cluster": "owned"}}, "it refers to", false},
		{"made for something", Item{ID: "/subscriptions/s/resourceGroups/nodes", Owner: "/subscriptions/s/resourceGroups/dev/providers/x/y/z"}, "it refers to", false},
		{"another environment's", Item{ID: "arn:aws:eks:eu-central-1:111122223333:cluster/staging-cluster", Tags: map[string]string{"environment": "staging", "project": "platform"}}, "", false},
		{"another project's of the same name", Item{ID: "arn:aws:ec2:eu-central-1:111122223333:volume/vol-2", Tags: map[string]string{"environment": "dev", "project": "other"}}, "", false},
		{"in a group whose name begins so", Item{ID: "/subscriptions/s/resourceGroups/dev2/providers/Microsoft.Compute/disks/x"}, "", false},
		{"what was only read", Item{ID: "arn:aws:route53:::hostedzone/Z0123456789DEVELOPMT"}, "", false},
		{"nobody's", Item{ID: "arn:aws:ec2:eu-central-1:111122223333:vpc/vpc-1"}, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			found := ScopeOf("dev", state()).Find([]Item{test.item})
			switch {
			case test.why == "" && len(found) > 0:
				t.Errorf("found %s", found[0])
			case test.why == "":
			case len(found) != 1 || !strings.HasPrefix(found[0].Why, test.why) || (found[0].Stays != "") != test.stays:
				t.Errorf("found %+v, want %q, stays %v", found, test.why, test.stays)
			}
		})
	}
}

// late is an inventory that lists a thing so many times after it was deleted.
type late struct{ times, asked int }

func (l *late) List(context.Context) ([]Item, []string, error) {
	l.asked++
	if l.asked > l.times {
		return nil, []string{"what bears no tag"}, nil
	}
	return []Item{{ID: "arn:aws:eks:eu-central-1:111122223333:cluster/dev-cluster", Type: "eks:cluster"}}, nil, nil
}

func TestEmptinessIsAskedForUntilItIsThere(t *testing.T) {
	var said []string
	proof := func(l *late, settle time.Duration) error {
		said = nil
		return Proof{Inventory: l, Scope: ScopeOf("dev", state()), Settle: settle, Every: time.Millisecond,
			Say: func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }}.Empty(context.Background())
	}
	if err := proof(&late{times: 3}, time.Minute); err != nil || !strings.Contains(strings.Join(said, "\n"), "not seen: what bears no tag") {
		t.Errorf("ended with %v, said %q", err, said)
	}
	var left LeftError
	if err := proof(&late{times: 3}, 0); !errors.As(err, &left) || !strings.Contains(err.Error(), "cluster/dev-cluster (the state knew it)") {
		t.Errorf("ended with %v", err)
	}
}

func TestALostCreateIsFoundByItsNameOrByItsTags(t *testing.T) {
	for _, test := range []struct {
		cloud, typ string
		inputs     map[string]any
		items      []Item
		want       string
	}{
		{"aws", "aws:ec2/vpc:Vpc", map[string]any{"tags": map[string]any{"Name": "dev", "environment": "dev"}}, []Item{
			{ID: "arn:aws:ec2:r:a:vpc/vpc-1", Type: "ec2:vpc", Tags: map[string]string{"Name": "dev", "environment": "dev", "aws:x": "y"}},
			{ID: "arn:aws:ec2:r:a:vpc/vpc-2", Type: "ec2:vpc", Tags: map[string]string{"Name": "other", "environment": "dev"}},
			{ID: "arn:aws:ec2:r:a:subnet/subnet-1", Type: "ec2:subnet", Tags: map[string]string{"Name": "dev", "environment": "dev"}},
		}, "[vpc-1]"},
		{"aws", "aws:ec2/subnet:Subnet", map[string]any{"tags": map[string]any{"environment": "dev"}}, []Item{
			{ID: "arn:aws:ec2:r:a:subnet/subnet-1", Type: "ec2:subnet", Tags: map[string]string{"environment": "dev"}},
		}, "[]"},
		{"aws", "aws:secretsmanager/secret:Secret", map[string]any{"name": "dev-mail", "tags": map[string]any{"Name": "dev-mail"}}, []Item{
			{ID: "arn:aws:secretsmanager:r:a:secret:dev-mail-AbCdEf", Type: "secretsmanager:secret", Tags: map[string]string{"Name": "dev-mail"}},
		}, "[arn:aws:secretsmanager:r:a:secret:dev-mail-AbCdEf]"},
		{"azure", "azure-native:network:VirtualNetwork", map[string]any{"virtualNetworkName": "dev-network"}, []Item{
			{ID: "/subscriptions/s/resourceGroups/dev/providers/Microsoft.Network/virtualNetworks/dev-network", Type: "microsoft.network/virtualnetworks"},
			{ID: "/subscriptions/s/resourceGroups/dev/providers/Microsoft.Network/virtualNetworks/dev-network-2", Type: "microsoft.network/virtualnetworks"},
		}, "[/subscriptions/s/resourceGroups/dev/providers/Microsoft.Network/virtualNetworks/dev-network]"},
		{"gcp", "gcp:compute/network:Network", map[string]any{"name": "dev-network"}, []Item{
			{ID: "//compute.googleapis.com/projects/p/global/networks/dev-network", Type: "compute.googleapis.com/Network"},
		}, "[projects/p/global/networks/dev-network]"},
		{"gcp", "kubernetes:core/v1:Namespace", map[string]any{}, nil, "[]"},
	} {
		finder, err := FinderOf(test.cloud, listed(test.items))
		if err != nil {
			t.Fatal(err)
		}
		ids, err := finder.Find(context.Background(), apitype.ResourceV3{Type: tokens.Type(test.typ), Inputs: test.inputs})
		if err != nil || fmt.Sprint(ids) != test.want {
			t.Errorf("%s: found %v (%v), want %s", test.typ, ids, err, test.want)
		}
	}
}

type listed []Item

func (l listed) List(context.Context) ([]Item, []string, error) { return l, nil, nil }

// What machines, their disks and the groups of a cluster's nodes bear and are in tells that nobody made them by hand, whatever
// their tags say; a machine that only has the environment's tags somebody made.
func TestWhatCameWithSomethingIsNobodysHandiwork(t *testing.T) {
	whose := map[string]string{"environment": "dev", "project": "platform"}
	named := func(name string) map[string]string {
		return map[string]string{"environment": "dev", "project": "platform", "Name": name}
	}
	one := func(typ, name, id string, outputs map[string]any) apitype.ResourceV3 {
		return apitype.ResourceV3{
			URN: resource.URN("urn:pulumi:dev::platform::" + typ + "::" + name), Type: tokens.Type(typ), Custom: true, ID: resource.ID(id), Outputs: outputs,
		}
	}
	scope := ScopeOf("dev", append(state(),
		one("aws:ec2/launchTemplate:LaunchTemplate", "pool", "lt-0123456789abcdef0", map[string]any{"name": "dev-pool-system"}),
		one("gcp:container/cluster:Cluster", "control-plane", "projects/p/locations/europe-west3/clusters/dev-gke", map[string]any{"name": "dev-gke"}),
		one("gcp:sql/databaseInstance:DatabaseInstance", "server", "dev-orders-0123456", map[string]any{
			"selfLink": "https://sqladmin.googleapis.com/sql/v1beta4/projects/p/instances/dev-orders-0123456",
		})))
	const nodes = "/subscriptions/s/resourceGroups/dev-nodes"
	for _, f := range scope.Find([]Item{
		{ID: nodes, Owner: "/subscriptions/s/resourceGroups/dev/providers/Microsoft.ContainerService/managedClusters/dev"},
		{ID: nodes + "/providers/Microsoft.Compute/disks/made-pvc-1", Tags: whose},
		{ID: "arn:aws:ec2:eu-central-1:111122223333:volume/made-vol-1", Tags: named("dev-pool-system")},
		{ID: "//compute.googleapis.com/projects/p/zones/z/disks/made-pvc-2", Tags: map[string]string{"environment": "dev", "project": "platform", "goog-k8s-cluster-name": "dev-gke"}},
		{ID: "//cloudsql.googleapis.com/projects/p/instances/dev-orders-0123456", Tags: whose},
		{ID: "arn:aws:ec2:eu-central-1:111122223333:instance/hand-1", Tags: named("dev-pool")},
		{ID: "/subscriptions/s/resourceGroups/dev/providers/Microsoft.Compute/virtualMachines/hand-2", Tags: whose},
		{ID: "//compute.googleapis.com/projects/p/zones/z/instances/hand-3", Tags: whose},
	}) {
		if by := strings.Contains(f.ID, "/hand-"); by == (f.Made() || f.Same) {
			t.Errorf("%+v: made by hand is %v", f, by)
		}
	}
}
