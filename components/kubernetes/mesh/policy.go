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

func (c Callers) spec() accessSpec {
	var spec accessSpec
	add := func(principals, namespaces []string, port int) {
		var from accessFrom
		var to accessTo
		from.Source.Principals, from.Source.Namespaces, to.Operation.Ports = principals, namespaces, []string{strconv.Itoa(port)}
		spec.Rules = append(spec.Rules, accessRule{[]accessFrom{from}, []accessTo{to}})
	}
	callers := slices.Sorted(slices.Values(c.CalledBy))
	if c.Routed {
		callers = append(callers, workload.Ingress)
	}
	var principals []string
	for _, caller := range callers {
		principals = append(principals, Principal(c.TrustDomain, caller, caller))
	}
	if len(principals) > 0 {
		add(principals, nil, workload.Port)
	}
	add(nil, []string{workload.Observability}, workload.MetricsPort)
	return spec
}

// Admit lets the callers of a service in, and whoever collects its metrics; nobody else gets in. After is what Ready of
// the mesh says.
func Admit(ctx *pulumi.Context, name string, callers Callers, parent pulumi.Resource, after []pulumi.Resource) (pulumi.Resource, error) {
	if !trustDomain.MatchString(callers.TrustDomain) {
		return nil, fmt.Errorf("callers %s: trustDomain: value %q: the mesh's is needed", name, callers.TrustDomain)
	}
	return custom.New(ctx, name+"-callers", custom.Args{
		APIVersion: apiVersion, Kind: kindAccess, Spec: callers.spec(),
		Metadata: metav1.ObjectMetaArgs{
			Name: pulumi.String("callers"), Namespace: callers.Namespace.ToStringOutput(), Labels: pulumi.ToStringMap(callers.Tags),
		},
	}, pulumi.Parent(parent), pulumi.DependsOn(after))
}
