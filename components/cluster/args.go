package cluster

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/workload"
	"platform/components/limit"
	"platform/components/network"
	"platform/components/tags"
)

// Capacity says how a pool's machines are bought.
type Capacity string

// On-demand machines stay; spot machines are cheap and may be taken back at short notice.
const (
	OnDemand Capacity = "on-demand"
	Spot     Capacity = "spot"
)

// Size is a neutral machine or instance size, mapped to the cloud's types in its sizes.go.
type Size string

// The sizes.
const (
	Small  Size = "small"
	Medium Size = "medium"
	Large  Size = "large"
)

// Sizes lists the sizes in ascending order.
var Sizes = []Size{Small, Medium, Large}

// Pool is a group of equal nodes.
type Pool struct {
	Size     Size
	Capacity Capacity
	Min, Max int
	System   bool // runs only what carries the system toleration
	DiskGiB  int
}

// Taints keep pods away from a pool that do not tolerate them. Each is a label too, by which pods ask for
// such nodes; PoolLabel names the pool.
const (
	SystemTaint = "platform/system"
	SpotTaint   = "platform/spot"
	PoolLabel   = "platform/pool"
	// AddonsTaint is Kubernetes' own word for SystemTaint, which not every cloud takes; it is no label
	// (https://github.com/kubernetes/kubernetes/blob/master/cluster/addons/dns/coredns/coredns.yaml.base).
	AddonsTaint = "CriticalAddonsOnly"
)

// Offer is what a cloud's clusters can be.
type Offer struct {
	Versions  []string    // minor versions of Kubernetes
	PoolNodes limit.Range // nodes of one pool
	DiskGiB   limit.Range // of one node
	// Idle are the nodes that a pool of services can hold while no pod needs them, and Steady says that nothing scales a
	// system pool.
	Idle   limit.Range
	Steady bool
}

// Fault says what is allowed instead of a pool's bounds; it is empty if they are.
func (o Offer) Fault(p Pool) string {
	switch {
	case p.Min < 0 || p.Max < max(p.Min, 1) || p.Max > o.PoolNodes.Most:
		return fmt.Sprintf("min of at least 0, and max of at least 1, not below min and not above %d, is allowed", o.PoolNodes.Most)
	case p.System && o.Steady && p.Min != p.Max:
		return "min and max that are the same are allowed: nothing scales a system pool here"
	case !p.System && !o.Idle.Holds(p.Min):
		return fmt.Sprintf("min of %d to %d is allowed: nodes come with the pods that need them", o.Idle.Least, o.Idle.Most)
	}
	return ""
}

// Args configures a managed Kubernetes cluster.
type Args struct {
	Version      string   // minor version, as "1.33"
	PublicAccess []string // CIDRs that may reach the API from the internet; empty means private only
	LogDays      int      // retention of the control plane's logs
	Admins       []string // cloud principals with administrator access (break-glass and the pipeline)
	Viewers      []string // cloud principals with read access
	// Teams are each team's people as the cloud knows them. They reach the API; what they may do there, roles in
	// their own namespaces say.
	Teams map[string]string
	Pools map[string]Pool
	// DeleteProtection refuses the deletion of the control plane where the cloud offers it.
	DeleteProtection bool
	Network          network.Outputs
	Tags             tags.Set
}

// StorageClass is the default storage class as the cloud's driver wants it.
type StorageClass struct {
	Name        string
	Provisioner string
	Parameters  pulumi.StringMap
}

// Provisioner makes nodes for pods that find no room, and ends those that are not needed, where the cloud's own groups of
// machines do not. It is a chart in the cluster, of which this is what only the cloud knows.
type Provisioner struct {
	Settings pulumi.Map           // of the chart
	Classes  map[string]NodeClass // by pool, of those that serve traffic
	// Ways are those that it takes out of the cluster, by what they are for.
	Ways map[string]network.Way
	// Ready is what its pods need besides nodes: their identity, and whence they learn what is about to be taken back.
	Ready []pulumi.Resource
}

// NodeClass is what a pool's nodes are made of: an object of the cluster in the cloud's own words.
type NodeClass struct {
	APIVersion, Kind string
	Spec             pulumi.Map
	Types            []string // of machines, all with as many cores
	Cores            int
}

// API is the cluster's own, as policies in the cluster can name it.
type API struct {
	// Way is where it answers pods.
	Way network.Way
	// From are the ranges out of which it asks what answers for it: webhooks, and those who tell metrics. Where it asks
	// through pods of kube-system, they bear the label Agent.
	From  pulumi.StringArrayOutput
	Agent Label
}

// Label is a label of pods.
type Label struct{ Key, Value string }

// Outputs is what other components need of a cluster.
type Outputs struct {
	Name       pulumi.StringOutput
	Endpoint   pulumi.StringOutput
	Kubeconfig pulumi.StringOutput // secret; carries no credential, a plugin mints the token
	// WorkloadIssuer is the OIDC issuer URL for workload identity.
	WorkloadIssuer pulumi.StringOutput
	// Nodes are the resources without which nothing can be scheduled.
	Nodes        []pulumi.Resource
	StorageClass StorageClass
	Provisioner  *Provisioner // nil where the cloud scales its own groups of machines
	// PluginFolder is where nodes keep the programs of their network plugins.
	PluginFolder string
	// TeamGroups are the groups by which role bindings name the people of Args.Teams.
	TeamGroups map[string]string
	// NodeSecurityGroup guards the nodes; unset where the network's own rules do.
	NodeSecurityGroup pulumi.StringOutput
	// Identity is where pods get the tokens of their identities, and Exchange where somebody else gets them who may show
	// the tokens of their accounts.
	Identity, Exchange network.Way
	API                API
	// Names is where the pods that resolve names tell how they fare.
	Names workload.Target
	// PoolGroups are the scaling groups of the pools through whose nodes doors reach the cluster, by pool name, where they
	// do so by groups.
	PoolGroups map[string]pulumi.StringOutput
	// Details are what only the same cloud's driver reads, under names of its own.
	Details map[string]pulumi.StringOutput
}
