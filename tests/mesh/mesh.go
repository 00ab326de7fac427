package mesh

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"platform/tests/cloud"
)

// Root is the namespace whose policies are of the whole mesh.
const Root = "istio-system"

// modeLabel says of a namespace, or of a pod, which wins, whether it is in the mesh
// (https://istio.io/latest/docs/ambient/usage/add-workloads/).
const modeLabel = "istio.io/dataplane-mode"

// Mesh is what the objects of a cluster say of it.
type Mesh struct {
	spaces   map[string]map[string]string // labels by namespace
	peers    []peer
	accesses []access
	proofs   []proof
	gateways []entrance
	routings []routing
}

// Caller is who comes: under an identity, as <trust domain>/ns/<namespace>/sa/<account>, or in the clear.
type Caller struct {
	Principal string // "" in the clear
}

// Target is where he comes to.
type Target struct {
	Namespace string
	Labels    map[string]string // of the pod
	Port      int
}

// Of reads a mesh. What it does not know of a policy is an error: to overlook it could admit somebody.
func Of(objects []*cloud.Object) (Mesh, error) {
	m := Mesh{spaces: map[string]map[string]string{}}
	for _, o := range objects {
		if o.Inputs == nil {
			continue
		}
		switch kindOf(o.Type) {
		case "Namespace":
			labels := map[string]string{}
			given, _ := o.Value("metadata.labels").(map[string]any)
			for k, v := range given {
				labels[k] = fmt.Sprint(v)
			}
			m.spaces[o.Str("metadata.name")] = labels
		case "PeerAuthentication":
			p := peer{namespace: o.Str("metadata.namespace")}
			if err := read(o, &p.spec); err != nil {
				return m, err
			}
			m.peers = append(m.peers, p)
		case "AuthorizationPolicy":
			annotations, _ := o.Value("metadata.annotations").(map[string]any)
			a := access{namespace: o.Str("metadata.namespace"), dry: fmt.Sprint(annotations["istio.io/dry-run"]) == "true"}
			if err := read(o, &a.spec); err != nil {
				return m, err
			}
			if err := a.ofAddresses(); err != nil {
				return m, fmt.Errorf("%s: %w", o, err)
			}
			m.accesses = append(m.accesses, a)
		case "RequestAuthentication":
			p := proof{namespace: o.Str("metadata.namespace")}
			if err := read(o, &p.spec); err != nil {
				return m, err
			}
			m.proofs = append(m.proofs, p)
		case "Gateway":
			g := entrance{namespace: o.Str("metadata.namespace"), name: o.Str("metadata.name")}
			if err := read(o, &g.spec); err != nil {
				return m, err
			}
			m.gateways = append(m.gateways, g)
		case "VirtualService":
			r := routing{namespace: o.Str("metadata.namespace")}
			if err := read(o, &r.spec); err != nil {
				return m, err
			}
			m.routings = append(m.routings, r)
		}
	}
	return m, nil
}

// kindOf is the kind of a type that matters here, in any version.
func kindOf(typ string) string {
	if typ == "kubernetes:core/v1:Namespace" {
		return "Namespace"
	}
	for _, group := range []string{"security", "networking"} {
		rest, own := strings.CutPrefix(typ, "kubernetes:"+group+".istio.io/")
		if _, kind, ok := strings.Cut(rest, ":"); own && ok {
			return kind
		}
	}
	return ""
}

func read(o *cloud.Object, into any) error {
	raw, err := json.Marshal(o.Inputs["spec"])
	if err != nil {
		return err
	}
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	if err := strict.Decode(into); err != nil {
		return fmt.Errorf("%s: its meaning is not known: %w: add it in tests/mesh", o, err)
	}
	return nil
}

// Carries says whether a pod is in the mesh.
func (m Mesh) Carries(namespace string, labels map[string]string) bool {
	switch labels[modeLabel] {
	case "ambient":
		return true
	case "none":
		return false
	}
	return m.spaces[namespace][modeLabel] == "ambient"
}

// Admits says whether a caller is let in, and if not why. Nobody asks who comes to a pod that is not in the mesh.
func (m Mesh) Admits(from Caller, to Target) (admitted bool, why string) {
	if !m.Carries(to.Namespace, to.Labels) {
		return true, ""
	}
	if from.Principal == "" && m.Strict(to) {
		return false, "in the clear, and mutual TLS is strict"
	}
	var allows []access
	for _, a := range m.accesses {
		if !a.of(to) {
			continue
		}
		switch a.spec.Action {
		case "DENY":
			if a.matches(from, to) {
				return false, "a policy denies it"
			}
		case "", "ALLOW":
			allows = append(allows, a)
		}
	}
	if len(allows) == 0 || slices.ContainsFunc(allows, func(a access) bool { return a.matches(from, to) }) {
		return true, ""
	}
	return false, "no policy allows it"
}
