package tenancy

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// Args configures the place of one service.
type Args struct {
	Service   string // names the namespace and the pods' account
	Pods      int    // the most that the service scales to
	MilliCPU  int    // what one pod requests, in thousandths of a core
	MemoryMiB int    // what one pod requests and may use at most
	// Group is by which the cluster knows the people of the service's team; without one nobody has access.
	Group string
	// Annotations of the pods' account, by which the cloud's agent knows the service's identity.
	Annotations pulumi.StringMap
	// Labels are the namespace's besides those of its owner and its security, as a mesh may want one.
	Labels map[string]string
	Tags   tags.Set
}

// Outputs is what workloads need of the place.
type Outputs struct {
	Namespace      pulumi.StringOutput
	ServiceAccount pulumi.StringOutput
	// Ready are the bounds that must stand before the first pod does.
	Ready []pulumi.Resource
}
