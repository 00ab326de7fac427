package rules

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"platform/components/kubernetes/workload"
)

const (
	spaceType  = "kubernetes:core/v1:Namespace"
	peerType   = "kubernetes:security.istio.io/v1:PeerAuthentication"
	proofType  = "kubernetes:security.istio.io/v1:RequestAuthentication"
	accessType = "kubernetes:security.istio.io/v1:AuthorizationPolicy"

	peerPage   = "https://istio.io/latest/docs/reference/config/security/peer_authentication/"
	accessPage = "https://istio.io/latest/docs/reference/config/security/authorization-policy/"
)

// nothing wants nothing to be said.
var nothing = allow("nothing", property.Value.IsNull)

// someone wants an identity, or some that begin or end alike, and not all that there are.
var someone = allow("whom it is about", func(v property.Value) bool { return text(v) != "*" && text(v) != "" })

// names wants one of some lists to be there.
func names(lists ...string) func(property.Value) bool {
	return func(v property.Value) bool {
		return v.IsMap() && slices.ContainsFunc(lists, func(list string) bool { return v.AsMap().Get(list).IsArray() })
	}
}

// allows are the policies that let somebody in; others only take away.
var allows = where("spec.action", orNothing(is("ALLOW")))

var meshStrict = Rule{
	ID: "mesh-strict", Severity: High, Controls: moved,
	Holds: "Where there is a mesh, services talk over mutual TLS alone, and only callers whom a policy names come in",
	Why:   "who gets into one pod could otherwise read what others say, and call every service in its name",
	Mend:  "leave mutual TLS strict and the namespace in the mesh, and name callers by their identity, as components/kubernetes/mesh does",
	table: map[string][]condition{
		peerType: {must("spec.mtls.mode", is("STRICT"), peerPage), must("spec.portLevelMtls", nothing, peerPage)},
		proofType: {
			must("spec.jwtRules[].audiences", given("for whom tokens are"), "https://istio.io/latest/docs/reference/config/security/request_authentication/"),
		},
		accessType: {
			must("spec.rules[].from", given("who comes in"), accessPage).on(allows),
			must("spec.rules[].from[].source", allow("principals, or namespaces", names("principals", "namespaces")), accessPage).
				on(allows).on(outside("platform:gateway:Gateway")),
			// Who comes through the doors is not of the mesh.
			must("spec.rules[].from[].source", allow("principals, namespaces, ranges, or who shows a token", names("principals", "namespaces", "ipBlocks", "requestPrincipals")), accessPage).
				on(allows),
			must("spec.rules[].from[].source.ipBlocks[]", notTheWorld, accessPage).on(allows),
			must("spec.rules[].from[].source.requestPrincipals[]", someone, accessPage).on(allows),
			must("spec.rules[].from[].source.principals[]", someone, accessPage).on(allows),
			must("spec.rules[].from[].source.namespaces[]", someone, accessPage).on(allows),
		},
	},
	looks: []string{spaceType},
	// https://istio.io/latest/docs/ambient/usage/add-workloads/
	each: func(r Resource, e Environment) []fault {
		labels := at(r.Props, "metadata.labels")[0]
		if !e.meshed(r) || labels.unknown {
			return nil
		}
		for label, want := range workload.MeshLabels(e.Mesh) {
			if s := labels.key(label); !s.unknown && text(s.value) != want {
				return []fault{{r, s.path, s.shown(), want + ", by which its pods are in the mesh"}}
			}
		}
		return nil
	},
	whole: func(s *stack, e Environment) []fault {
		services := slices.DeleteFunc(s.of(spaceType), func(r Resource) bool { return !e.meshed(r) })
		if len(services) == 0 {
			return nil
		}
		var out []fault
		for _, wanted := range []struct{ kind, lacks string }{
			{peerType, "no strict mutual TLS of the whole mesh"}, {accessType, "no refusal of all whom nobody names"},
		} {
			if !slices.ContainsFunc(s.of(wanted.kind), ofWholeMesh) {
				out = append(out, fault{services[0], "", wanted.lacks, "a policy in " + workload.MeshControl + " that is of all, and lists nobody"})
			}
		}
		return out
	},
}

// meshed says whether something is the namespace of a service that is to be in a mesh.
func (e Environment) meshed(r Resource) bool {
	return len(workload.MeshLabels(e.Mesh)) > 0 && slices.Contains(e.Services, labelled(r))
}

// ofWholeMesh says whether a policy is in the mesh's own namespace, is of all pods, and lets nobody in, as far as that is
// known.
func ofWholeMesh(r Resource) bool {
	namespace, spec := at(r.Props, "metadata.namespace")[0], at(r.Props, "spec")[0]
	if namespace.unknown || spec.unknown {
		return true
	}
	return text(namespace.value) == workload.MeshControl && spec.key("selector").value.IsNull() && spec.key("rules").value.IsNull()
}
