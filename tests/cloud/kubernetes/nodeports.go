package kubernetes

import (
	"platform/tests/cloud"
)

// The range of ports of nodes, unless a cluster says otherwise
// (https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport).
const (
	firstNodePort = 30000
	lastNodePort  = 32767
	// firstGivenPort is the first of those that are given to whoever asks for none
	// (https://kubernetes.io/docs/concepts/services-networking/service/#avoid-nodeport-collisions).
	firstGivenPort = firstNodePort + 86
)

// nodePortsFit refuses ports of nodes that are not in the range, that another Service has, and that a type without them asks for
// (https://github.com/kubernetes/kubernetes/blob/master/pkg/registry/core/service/portallocator/allocator.go,
// .../pkg/apis/core/validation/validation.go, ValidateService).
func (w *world) nodePortsFit(o *cloud.Object) error {
	if o.Type != serviceType {
		return nil
	}
	for _, asked := range list(o.Value("spec.ports")) {
		number, given := asked["nodePort"].(float64)
		if !given {
			continue
		}
		port := int(number)
		if typ := o.Str("spec.type"); typ != "NodePort" && typ != "LoadBalancer" {
			return cloud.Refuse("Invalid", "Service %q is invalid: spec.ports[].nodePort: Forbidden: may not be used when `type` is %q", nameOf(o), typ)
		}
		if port < firstNodePort || port > lastNodePort {
			return cloud.Refuse("Invalid", "Service %q is invalid: spec.ports[].nodePort: Invalid value: %d: provided port is not in the valid range. The range of valid ports is %d-%d",
				nameOf(o), port, firstNodePort, lastNodePort)
		}
		for _, other := range w.list(serviceType) {
			if other.ID == o.ID {
				continue
			}
			for _, taken := range ports(other) {
				if taken.NodePort == port && taken.Protocol == protocol(asked) {
					return cloud.Refuse("Invalid", "Service %q is invalid: spec.ports[].nodePort: Invalid value: %d: provided port is already allocated", nameOf(o), port)
				}
			}
		}
	}
	return nil
}
