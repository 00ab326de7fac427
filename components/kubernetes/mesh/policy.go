package mesh

import (
	"fmt"
	"slices"
	"strconv"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/custom"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

const (
	apiVersion = "security.istio.io/v1"
	kindPeer   = "PeerAuthentication"
	kindAccess = "AuthorizationPolicy"
)

// close refuses whoever does not prove who he is, and whomever no policy of a service lists: what is said in the mesh's
// own namespace is said of all (https://istio.io/latest/docs/reference/config/security/peer_authentication/,
// https://istio.io/latest/docs/concepts/security/#allow-nothing-deny-all-and-allow-all-policy).
func (a Args) close(ctx *pulumi.Context, name string, parent pulumi.Resource, after []pulumi.Resource) ([]pulumi.Resource, error) {
	var out []pulumi.Resource
	for _, policy := range []struct {
		kind, object string
		spec         any
	}{
		{kindPeer, "default", map[string]any{"mtls": map[string]any{"mode": "STRICT"}}},
		{kindAccess, "default-deny", map[string]any{}},
	} {
		made, err := custom.New(ctx, name+"-"+policy.object, custom.Args{
			APIVersion: apiVersion, Kind: policy.kind, Spec: policy.spec,
			Metadata: metav1.ObjectMetaArgs{Name: pulumi.String(policy.object), Namespace: pulumi.String(Namespace), Labels: pulumi.ToStringMap(a.Tags)},
		}, pulumi.Parent(parent), pulumi.DependsOn(after))
		if err != nil {
			return nil, err
		}
		out = append(out, made)
	}
	return out, nil
}

// Principal is who the pods under an account are in the mesh.
func Principal(trustDomain, namespace, account string) string {
	return trustDomain + "/ns/" + namespace + "/sa/" + account
}

// Callers are those of one service.
type Callers struct {
	Namespace pulumi.StringInput // that of the service
	// CalledBy are services, whose pods run under accounts named as they are.
	CalledBy    []string
	Routed      bool // the gateway leads to it
	TrustDomain string
	Tags        tags.Set
}

type accessSpec struct {
	Rules []accessRule `json:"rules"`
}

// accessRule says only what is enforced without a proxy of the service's own: who, by certificate, and which port
// (https://istio.io/latest/docs/ambient/usage/l4-policy/#allowed-policy-attributes).
type accessRule struct {
	From []accessFrom `json:"from"`
	To   []accessTo   `json:"to"`
}

type accessFrom struct {
	Source struct {
		Principals []string `json:"principals,omitempty"`
		Namespaces []string `json:"namespaces,omitempty"`
	} `json:"source"`
}

type accessTo struct {
	Operation struct {
		Ports []string `json:"ports"`
	} `json:"operation"`
}

func (c Callers) entries() []Entry {
	callers := slices.Sorted(slices.Values(c.CalledBy))
	if c.Routed {
		callers = append(callers, workload.Ingress)
	}
	var out []Entry
	if len(callers) > 0 {
		out = append(out, Entry{Services: callers, Ports: []int{workload.Port}})
	}
	return append(out, Entry{Namespaces: []string{workload.Observability}, Ports: []int{workload.MetricsPort}})
}

// Entry is who may come at which ports: services, each under the account that is named as it is, or all pods of namespaces.
type Entry struct {
	Services, Namespaces []string
	Ports                []int
}

// Opening lets some into the pods of a namespace.
type Opening struct {
	Name        string // of the policy
	Namespace   pulumi.StringInput
	Entries     []Entry
	TrustDomain string
	Tags        tags.Set
}

func (o Opening) spec() accessSpec {
	var spec accessSpec
	for _, entry := range o.Entries {
		var from accessFrom
		var to accessTo
		for _, name := range entry.Services {
			from.Source.Principals = append(from.Source.Principals, Principal(o.TrustDomain, name, name))
		}
		from.Source.Namespaces = entry.Namespaces
		for _, port := range entry.Ports {
			to.Operation.Ports = append(to.Operation.Ports, strconv.Itoa(port))
		}
		spec.Rules = append(spec.Rules, accessRule{[]accessFrom{from}, []accessTo{to}})
	}
	return spec
}

// Open lets in whom an opening names, and nobody else gets in. An entry that names nobody, or no port, would let in
// everybody, and is refused. After is what Ready of the mesh says.
func Open(ctx *pulumi.Context, name string, opening Opening, parent pulumi.Resource, after []pulumi.Resource) (pulumi.Resource, error) {
	if !trustDomain.MatchString(opening.TrustDomain) {
		return nil, fmt.Errorf("callers %s: trustDomain: value %q: the mesh's is needed", name, opening.TrustDomain)
	}
	for i, entry := range opening.Entries {
		if (len(entry.Services) == 0) == (len(entry.Namespaces) == 0) || len(entry.Ports) == 0 {
			return nil, fmt.Errorf("callers %s: entries[%d]: value %v: either services or namespaces, and a port, are needed", name, i, entry)
		}
	}
	return custom.New(ctx, name+"-"+opening.Name, custom.Args{
		APIVersion: apiVersion, Kind: kindAccess, Spec: opening.spec(),
		Metadata: metav1.ObjectMetaArgs{
			Name: pulumi.String(opening.Name), Namespace: opening.Namespace.ToStringOutput(), Labels: pulumi.ToStringMap(opening.Tags),
		},
	}, pulumi.Parent(parent), pulumi.DependsOn(after))
}

// Admit lets the callers of a service in, and whoever collects its metrics; nobody else gets in.
func Admit(ctx *pulumi.Context, name string, callers Callers, parent pulumi.Resource, after []pulumi.Resource) (pulumi.Resource, error) {
	return Open(ctx, name, Opening{
		Name: "callers", Namespace: callers.Namespace, Entries: callers.entries(), TrustDomain: callers.TrustDomain, Tags: callers.Tags,
	}, parent, after)
}
