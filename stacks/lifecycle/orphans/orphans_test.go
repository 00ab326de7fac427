//go:build !aws && !azure && !gcp

package orphans

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"platform/stacks/config"
	"platform/stacks/lifecycle/inventory"
)

func item(kind, id string, tags ...string) inventory.Item {
	i := inventory.Item{Type: kind, ID: id, Tags: map[string]string{}}
	for n := 0; n < len(tags); n += 2 {
		i.Tags[tags[n]] = tags[n+1]
	}
	return i
}

func TestWhatIsAnOrphan(t *testing.T) {
	const (
		machine = "arn:aws:ec2:eu-central-1:111122223333:instance/i-1"
		cluster = "arn:aws:eks:eu-central-1:111122223333:cluster/dev-aws-cluster"
		disk    = "//compute.googleapis.com/projects/p/zones/z/disks/pvc-1"
		rule    = "//compute.googleapis.com/projects/p/regions/r/forwardingRules/k8s2-tcp-a771a0c2-ingress-mobile-1629aa57"
		old     = "//compute.googleapis.com/projects/p/regions/r/targetPools/a0123456789abcdef0123456789abcde"
		gke     = "//container.googleapis.com/projects/p/locations/r/clusters/other"
	)
	mine := []string{"environment", "dev-aws", "project", config.Project}
	ours := append(slices.Clone(mine), "kubernetes.io/cluster/dev-aws-cluster", "owned")
	for name, c := range map[string]struct {
		items  []inventory.Item
		want   []string
		listed string
	}{
		"its cluster is gone":                                {items: []inventory.Item{item("ec2:instance", machine, ours...)}, want: []string{machine}},
		"its cluster is there":                               {items: []inventory.Item{item("ec2:instance", machine, ours...), item("eks:cluster", cluster)}, listed: cluster},
		"another environment's":                              {items: []inventory.Item{item("ec2:instance", machine, "environment", "prod-aws", "project", config.Project, "kubernetes.io/cluster/a", "owned")}},
		"another project's":                                  {items: []inventory.Item{item("ec2:instance", machine, "environment", "dev-aws", "project", "other", "kubernetes.io/cluster/a", "owned")}},
		"made by hand":                                       {items: []inventory.Item{item("ec2:instance", machine, mine...)}},
		"only used by a cluster":                             {items: []inventory.Item{item("ec2:instance", machine, append(slices.Clone(mine), "kubernetes.io/cluster/a", "shared")...)}},
		"of a type that is not removed":                      {items: []inventory.Item{item("ec2:subnet", machine, ours...)}},
		"a disk on Google Cloud":                             {items: []inventory.Item{item("compute.googleapis.com/Disk", disk, append(slices.Clone(mine), "goog-k8s-cluster-name", "c")...)}, want: []string{disk}},
		"Google's parts of load balancers without a cluster": {items: []inventory.Item{item("compute.googleapis.com/ForwardingRule", rule), item("compute.googleapis.com/TargetPool", old)}, want: []string{rule, old}},
		"Google's parts of load balancers beside a cluster":  {items: []inventory.Item{item("compute.googleapis.com/ForwardingRule", rule), item("container.googleapis.com/Cluster", gke)}, listed: gke},
		"a rule on Google Cloud that somebody named":         {items: []inventory.Item{item("compute.googleapis.com/ForwardingRule", rule[:len(rule)-len("k8s2-tcp-a771a0c2-ingress-mobile-1629aa57")]+"shop")}},
	} {
		t.Run(name, func(t *testing.T) {
			remover, ok := inventory.AWS(aws.Config{}).(inventory.Remover)
			if strings.Contains(name, "Google") {
				remover, ok = inventory.GCP("p", "", "", nil, nil).(inventory.Remover)
			}
			if !ok {
				t.Fatal("it removes nothing")
			}
			found, listed := Find("dev-aws", c.items, remover)
			var got []string
			for _, f := range found {
				got = append(got, f.ID)
			}
			if !slices.Equal(got, c.want) || listed != c.listed {
				t.Errorf("%v, listed %q; want %v, %q", got, listed, c.want, c.listed)
			}
		})
	}
}
