package tenancy

import (
	"strconv"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// surgePercent is how many pods more than asked for a rolling update may run at once, rounded up
	// (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-surge).
	surgePercent = 25
	// Burst is how much more CPU than it requests a container may take while others leave it: enough to
	// start quickly, too little for one that runs away to take a node.
	Burst = 4
)

// Bounds are what pods may have together, in the units of Args. Those of a team are the sum of its services'.
type Bounds struct{ Pods, MilliCPU, MemoryMiB int }

// Bounds are those of a service: every pod that it may scale to, and those that a rolling update starts before
// it stops others.
func (a Args) Bounds() Bounds {
	pods := a.Pods + (a.Pods*surgePercent+99)/100
	return Bounds{pods, pods * a.MilliCPU, pods * a.MemoryMiB}
}

// Plus is the sum of two.
func (b Bounds) Plus(other Bounds) Bounds {
	return Bounds{b.Pods + other.Pods, b.MilliCPU + other.MilliCPU, b.MemoryMiB + other.MemoryMiB}
}

// Text is the bounds as Kubernetes writes them, by the names of a quota.
func (b Bounds) Text() map[string]string {
	return map[string]string{
		"pods": strconv.Itoa(b.Pods), "requests.cpu": cpu(b.MilliCPU), "limits.cpu": cpu(b.MilliCPU * Burst),
		"requests.memory": memory(b.MemoryMiB), "limits.memory": memory(b.MemoryMiB),
	}
}

// quota has room for the bounds of the service and for no more. What the catalogue does not know a service has, it
// cannot make: a load balancer or a node's port would be a door beside the gateway, a volume would be data that
// nobody classified or backs up.
func (a Args) quota() pulumi.StringMap {
	hard := a.Bounds().Text()
	for _, name := range []string{"services.loadbalancers", "services.nodeports", "persistentvolumeclaims"} {
		hard[name] = "0"
	}
	return text(hard)
}

// critical are the classes by which Kubernetes keeps its own parts alive; no service is one of them
// (https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/).
var critical = []string{"system-cluster-critical", "system-node-critical"}

// criticalArgs leave no room for pods that would take that of the cluster's own parts
// (https://kubernetes.io/docs/concepts/policy/resource-quotas/#resource-quota-per-priorityclass).
func criticalArgs() corev1.ResourceQuotaSpecArgs {
	return corev1.ResourceQuotaSpecArgs{
		Hard: text(map[string]string{"pods": "0"}),
		ScopeSelector: corev1.ScopeSelectorArgs{MatchExpressions: corev1.ScopedResourceSelectorRequirementArray{
			corev1.ScopedResourceSelectorRequirementArgs{
				ScopeName: pulumi.String("PriorityClass"), Operator: pulumi.String("In"), Values: pulumi.ToStringArray(critical),
			},
		}},
	}
}

// request and limit are what a container has that says nothing, and no container has more. Memory has
// no burst: what is taken cannot be given back but by a kill.
func (a Args) request() pulumi.StringMap { return Request(a.MilliCPU, a.MemoryMiB) }

func (a Args) limit() pulumi.StringMap {
	return text(map[string]string{"cpu": cpu(a.MilliCPU * Burst), "memory": memory(a.MemoryMiB)})
}

// Request is what one pod asks for.
func Request(milliCPU, memoryMiB int) pulumi.StringMap {
	return text(map[string]string{"cpu": cpu(milliCPU), "memory": memory(memoryMiB)})
}

// cpu and memory write quantities as the API server does, which would otherwise show as drift
// (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/).
func cpu(milli int) string {
	if milli%1000 == 0 {
		return strconv.Itoa(milli / 1000)
	}
	return strconv.Itoa(milli) + "m"
}

func memory(mebi int) string {
	units := []string{"Mi", "Gi", "Ti", "Pi"}
	for len(units) > 1 && mebi%1024 == 0 {
		mebi, units = mebi/1024, units[1:]
	}
	return strconv.Itoa(mebi) + units[0]
}

func text(values map[string]string) pulumi.StringMap { return pulumi.ToStringMap(values) }
