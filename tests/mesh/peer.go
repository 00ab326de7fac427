package mesh

import (
	"maps"
	"strconv"
)

// peer is a PeerAuthentication (https://istio.io/latest/docs/reference/config/security/peer_authentication/).
type peer struct {
	namespace string
	spec      struct {
		Selector      *selector       `json:"selector"`
		MTLS          *mode           `json:"mtls"`
		PortLevelMTLS map[string]mode `json:"portLevelMtls"`
	}
}

type selector struct {
	MatchLabels map[string]string `json:"matchLabels"`
}

func (s *selector) empty() bool { return s == nil || len(s.MatchLabels) == 0 }

func (s *selector) selects(labels map[string]string) bool {
	if s == nil {
		return true
	}
	for k, v := range s.MatchLabels {
		if labels[k] != v {
			return false
		}
	}
	return true
}

type mode struct {
	Mode string `json:"mode"`
}

func (m *mode) unset() bool { return m == nil || m.Mode == "" || m.Mode == "UNSET" }

// said is what the peers of one level say: nothing, or whether all of them are strict. Of several the oldest counts, and
// which that is only the cluster knows.
func said(peers []peer, of func(peer) *mode) (strict, any bool) {
	strict = true
	for _, p := range peers {
		if m := of(p); !m.unset() {
			any, strict = true, strict && m.Mode == "STRICT"
		}
	}
	return strict && any, any
}

// Strict says whether whoever comes in the clear is refused: the pod's own policy wins over the namespace's, and that over
// the mesh's. Ports are looked at in a pod's own policy alone, and such a policy has no effect in the root namespace.
func (m Mesh) Strict(to Target) bool {
	var levels [3][]peer
	for _, p := range m.peers {
		switch {
		case p.spec.Selector.empty() && p.namespace == Root:
			levels[0] = append(levels[0], p)
		case p.spec.Selector.empty() && p.namespace == to.Namespace:
			levels[1] = append(levels[1], p)
		case p.namespace == to.Namespace && p.namespace != Root && p.spec.Selector.selects(to.Labels):
			levels[2] = append(levels[2], p)
		}
	}
	strict := false
	for _, peers := range levels {
		if now, any := said(peers, func(p peer) *mode { return p.spec.MTLS }); any {
			strict = now
		}
	}
	port := strconv.Itoa(to.Port)
	if now, any := said(levels[2], func(p peer) *mode {
		if at, ok := maps.Clone(p.spec.PortLevelMTLS)[port]; ok {
			return &at
		}
		return nil
	}); any {
		strict = now
	}
	return strict
}
