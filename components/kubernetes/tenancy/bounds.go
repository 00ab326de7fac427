package tenancy

import (
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// surgePercent is how many pods more than asked for a rolling update may run at once, rounded up
	// (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-surge).
	surgePercent = 25
	// burst is how much more CPU than it requests a container may take while others leave it: enough to
	// start quickly, too little for one that runs away to take a node.
	burst = 4
)

// bound is what all pods of a service may have together.
func (a Args) bound() int { return a.Pods + (a.Pods*surgePercent+99)/100 }

// quota has room for every pod that the service may scale to and for those that a rolling update
// starts before it stops others. What the catalogue does not know a service has, it cannot make: a
// load balancer or a node's port would be a door beside the gateway, a volume would be data that
// nobody classified or backs up.
func (a Args) quota() pulumi.StringMap {
	pods := a.bound()
	return text(map[string]string{
		"pods":                   strconv.Itoa(pods),
		"requests.cpu":           cpu(pods * a.MilliCPU),
		"limits.cpu":             cpu(pods * a.MilliCPU * burst),
		"requests.memory":        memory(pods * a.MemoryMiB),
		"limits.memory":          memory(pods * a.MemoryMiB),
		"services.loadbalancers": "0",
		"services.nodeports":     "0",
		"persistentvolumeclaims": "0",
	})
}

// request and limit are what a container has that says nothing, and no container has more. Memory has
// no burst: what is taken cannot be given back but by a kill.
func (a Args) request() pulumi.StringMap {
	return text(map[string]string{"cpu": cpu(a.MilliCPU), "memory": memory(a.MemoryMiB)})
}

func (a Args) limit() pulumi.StringMap {
	return text(map[string]string{"cpu": cpu(a.MilliCPU * burst), "memory": memory(a.MemoryMiB)})
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
