package ingress

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/kubernetes/image"
	"platform/components/kubernetes/workload"
	"platform/components/limit"
)

// Namespace is where the ingress is: what comes out of it, routed services let in.
const Namespace = workload.Ingress

// name is that of each of its objects, and of the account by which services know it in the mesh.
const name = workload.Ingress

// Replicas is how many pods it may have.
var Replicas = limit.Range{Least: 1, Most: 20}

// Args configures the ingress.
type Args struct {
	// Doors is what every gateway is asked for: audiences and routes.
	Doors gateway.Args
	// Entrance is how the doors reach the cluster.
	Entrance gateway.Entrance
	Replicas int
	// Mesh is what carries the way to services; the ingress is a proxy of Istio's.
	Mesh workload.MeshKind
	// TrustDomain begins the ingress's identity, as all of the mesh's.
	TrustDomain string
	Images      image.Registry
	// Inside are ranges that are not the internet, besides those that nobody has there.
	Inside []netip.Prefix
	// Issuer is the cluster's issuer who signs its certificate.
	Issuer string
	// Priority is the class of its pods.
	Priority string
	// After is what must be there before, and go after it: the mesh, what signs certificates, publishes names and has the class.
	After []pulumi.Resource
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed. The doors' own were found
// when they were built.
func (a Args) Validate() error {
	var faults []error
	fault := func(path string, value any, allowed string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), fmt.Sprintf(allowed, args...)))
	}
	if a.Mesh != workload.Istio {
		fault("mesh", a.Mesh, "%q is allowed: the ingress is one of its proxies; doors in the cluster need none", workload.Istio)
	}
	if err := Replicas.Fault("replicas", a.Replicas); err != nil {
		faults = append(faults, err)
	}
	for path, value := range map[string]string{"trustDomain": a.TrustDomain, "issuer": a.Issuer, "priority": a.Priority} {
		if value == "" {
			fault(path, value, "a value is needed")
		}
	}
	if len(a.After) == 0 {
		faults = append(faults, errors.New("after: none is given: the mesh and what signs certificates must be there first"))
	}
	faults = append(faults, a.entranceFaults()...)
	for _, key := range a.Doors.Tags.Missing() {
		fault("tags."+key, a.Doors.Tags[key], "a value is needed")
	}
	slices.SortFunc(faults, func(a, b error) int {
		if a.Error() < b.Error() {
			return -1
		}
		return 1
	})
	return errors.Join(faults...)
}

// nodePorts is the range from which Kubernetes gives ports of nodes, unless a cluster says otherwise
// (https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport).
var nodePorts = limit.Range{Least: 30000, Most: 32767}

// entranceFaults: either the doors come from ranges that are known, or they prove who they are. Whoever could come without either
// would be whatever audience he says.
func (a Args) entranceFaults() []error {
	var faults []error
	fault := func(path string, value any, allowed string) {
		faults = append(faults, fmt.Errorf("entrance.%s: value %q: %s", path, fmt.Sprint(value), allowed))
	}
	in := a.Entrance
	if in.NodePort != 0 {
		if err := nodePorts.Fault("entrance.nodePort", in.NodePort); err != nil {
			faults = append(faults, err)
		}
		if len(in.Annotations) > 0 || in.Published {
			fault("nodePort", in.NodePort, "0 is allowed with a load balancer of the cluster's own")
		}
	}
	if in.Published != (in.Proof != nil) {
		fault("published", in.Published, "a published name and proof of the doors are needed together, or neither")
	}
	if !in.Published && len(in.Sources) == 0 {
		fault("sources", "[]", "at least one is needed: nobody proves who he is")
	}
	if in.Published && len(in.Sources) > 0 {
		fault("sources", in.Sources, "nothing is allowed: doors that come by a published name come from no known address")
	}
	for i, text := range in.Sources {
		if from, err := netip.ParsePrefix(text); err != nil || !from.Addr().Is4() || from != from.Masked() || from.Bits() == 0 {
			fault(fmt.Sprintf("sources[%d]", i), text, "a range of IPv4 without host bits is allowed")
		}
	}
	if in.Proof == nil {
		return faults
	}
	for path, value := range map[string]string{"proof.issuer": in.Proof.Issuer, "proof.keys": in.Proof.Keys} {
		if len(value) < len("https://x") || value[:len("https://")] != "https://" {
			fault(path, value, "an https URL is allowed")
		}
	}
	for audience := range a.Doors.Audiences {
		if token, shown := in.Proof.Doors[audience]; !shown || token.Audience == "" || token.Subject.OutputState == nil {
			fault("proof.doors."+audience, token.Audience, "the token of the audience's door is needed: for whom it is, and who shows it")
		}
	}
	return faults
}
