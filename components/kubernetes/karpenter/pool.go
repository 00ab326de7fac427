package karpenter

import (
	"fmt"
	"strings"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/kubernetes/custom"
)

// apiVersion is that of pools
// (https://github.com/aws/karpenter-provider-aws/blob/v1.14.1/pkg/apis/crds/karpenter.sh_nodepools.yaml).
const apiVersion = "karpenter.sh/v1"

const (
	// settle is how long a node must have been left alone before it may be given up for a better one, so that a
	// deployment does not move all it has just placed.
	settle = "5m"
	// budget is the part of a pool's nodes that may go at once, as in an upgrade of a group of machines.
	budget = "33%"
	// life is how long a node lives at most: whoever broke into one is off it within two weeks. No budget bounds its end,
	// but nodes are not all made on one day (https://karpenter.sh/docs/concepts/disruption/#expiration).
	life = "336h"
	// grace is how long pods have to go from a node that ends; then it ends without them, so that no pod that refuses
	// can hold a machine, or the end of the environment.
	grace = "15m"
	// patience is how long the end of a pool may take: its nodes go at once, each after its grace.
	patience = "30m"
)

type poolSpec struct {
	Template   template          `json:"template"`
	Disruption disruption        `json:"disruption"`
	Limits     map[string]string `json:"limits"`
}

type template struct {
	Metadata struct {
		Labels map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec nodeSpec `json:"spec"`
}

type nodeSpec struct {
	Class        classRef      `json:"nodeClassRef"`
	Requirements []requirement `json:"requirements"`
	Taints       []taint       `json:"taints,omitempty"`
	ExpireAfter  string        `json:"expireAfter"`
	Grace        string        `json:"terminationGracePeriod"`
}

type classRef struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
	Name  string `json:"name"`
}

type requirement struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"`
	Values   []string `json:"values"`
}

type taint struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Effect string `json:"effect"`
}

type disruption struct {
	Policy  string  `json:"consolidationPolicy"`
	After   string  `json:"consolidateAfter"`
	Budgets []nodes `json:"budgets"`
}

type nodes struct {
	Nodes string `json:"nodes"`
}

// pool makes what a pool's nodes are made of, and the pool. It owns its nodes: whoever deletes it in the foreground, as the
// provider does, waits until all are gone (https://github.com/pulumi/pulumi-kubernetes/pull/2379); and what they are made
// of is held until then (https://github.com/aws/karpenter-provider-aws/blob/v1.14.1/pkg/controllers/nodeclass/controller.go).
func (a Args) pool(ctx *pulumi.Context, name, pool string, parent, release pulumi.Resource) (pulumi.Resource, error) {
	class := a.Cloud.Classes[pool]
	metadata := metav1.ObjectMetaArgs{Name: pulumi.String(pool), Labels: pulumi.ToStringMap(a.Tags)}
	opts := []pulumi.ResourceOption{pulumi.Parent(parent), pulumi.Timeouts(&pulumi.CustomTimeouts{Delete: patience})}
	made, err := custom.New(ctx, name+"-class-"+pool, custom.Args{
		APIVersion: class.APIVersion, Kind: class.Kind, Metadata: metadata, Spec: class.Spec,
	}, append(opts, pulumi.DependsOn([]pulumi.Resource{release}))...)
	if err != nil {
		return nil, fmt.Errorf("pool %s: %w", pool, err)
	}
	out, err := custom.New(ctx, name+"-pool-"+pool, custom.Args{
		APIVersion: apiVersion, Kind: "NodePool", Metadata: metadata, Spec: a.spec(pool),
	}, append(opts, pulumi.DependsOn([]pulumi.Resource{release, made}))...)
	if err != nil {
		return nil, fmt.Errorf("pool %s: %w", pool, err)
	}
	return out, nil
}

// spec: a pool has at most as many cores as its largest number of machines.
func (a Args) spec(name string) poolSpec {
	pool, class := a.Pools[name], a.Cloud.Classes[name]
	spec := poolSpec{
		Disruption: disruption{Policy: "WhenEmptyOrUnderutilized", After: settle, Budgets: []nodes{{budget}}},
		Limits:     map[string]string{"cpu": fmt.Sprint(pool.Max * class.Cores)},
	}
	group, _, _ := strings.Cut(class.APIVersion, "/")
	node := nodeSpec{
		Class: classRef{Group: group, Kind: class.Kind, Name: name}, ExpireAfter: life, Grace: grace,
		Requirements: []requirement{
			{"karpenter.sh/capacity-type", "In", []string{string(pool.Capacity)}},
			{"node.kubernetes.io/instance-type", "In", class.Types},
		},
	}
	labels := map[string]string{cluster.PoolLabel: name}
	if pool.Capacity == cluster.Spot {
		labels[cluster.SpotTaint] = "true"
		node.Taints = []taint{{cluster.SpotTaint, "true", "NoSchedule"}}
	}
	spec.Template.Metadata.Labels, spec.Template.Spec = labels, node
	return spec
}
