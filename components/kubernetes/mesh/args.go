package mesh

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/workload"
	"platform/components/limit"
	"platform/components/network"
	"platform/components/tags"
)

// Where the mesh is controlled, and what carries it on each node.
const (
	Namespace = workload.MeshControl
	Nodes     = workload.MeshNodes
)

// Args configures the mesh.
type Args struct {
	Kind     workload.MeshKind
	Replicas int // limit.Replicas of what controls it
	// TrustDomain begins every identity, so that those of two environments are never the same.
	TrustDomain string
	// PluginFolder is where a node keeps the programs of its network plugins.
	PluginFolder string
	Around       flows.Around
	// Proxies are the namespaces whose pods are proxies of the mesh's own, which what controls it tells what they are to know.
	Proxies []string
	// Ways are those that what controls the mesh takes out of the cluster: it fetches the keys of those whose tokens proxies ask
	// for (https://istio.io/latest/docs/reference/config/security/jwt/).
	Ways map[string]network.Way
	// Issuers sign the mesh's own authority.
	Issuers []pulumi.Resource
	// After is what must be there before the charts, which wait for their pods to run.
	After []pulumi.Resource
	Tags  tags.Set
}

// trustDomain is what the name of one may be (https://spiffe.io/docs/latest/spiffe-specs/spiffe-id/#21-trust-domain).
var trustDomain = regexp.MustCompile(`^[a-z0-9._-]{1,255}$`)

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if a.Kind != workload.Istio {
		faults = append(faults, fmt.Errorf("kind: value %q: %q is allowed: there is nothing to build for another", a.Kind, workload.Istio))
	}
	if err := limit.Replicas.Fault("replicas", a.Replicas); err != nil {
		faults = append(faults, err)
	}
	if !trustDomain.MatchString(a.TrustDomain) {
		faults = append(faults, fmt.Errorf("trustDomain: value %q: 1 to 255 lower-case letters, digits, dots, dashes and underscores are allowed", a.TrustDomain))
	}
	if !strings.HasPrefix(a.PluginFolder, "/") {
		faults = append(faults, fmt.Errorf("pluginFolder: value %q: a path from the root is allowed", a.PluginFolder))
	}
	if len(a.Issuers) == 0 {
		faults = append(faults, errors.New("issuers: value []: at least one is needed: the mesh would sign with an authority that nobody knows"))
	}
	for _, key := range a.Tags.Missing() {
		faults = append(faults, fmt.Errorf("tags.%s: value %q: a value is needed", key, a.Tags[key]))
	}
	return errors.Join(faults...)
}
