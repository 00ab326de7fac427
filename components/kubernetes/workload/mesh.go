package workload

// MeshKind is which mesh a cluster has.
type MeshKind string

// The kinds. None is said as any other: an environment whose services talk in the clear shows it.
const (
	Istio  MeshKind = "istio"
	NoMesh MeshKind = "none"
)

// MeshKinds lists the kinds.
var MeshKinds = []MeshKind{Istio, NoMesh}

// MeshLabels are those of a namespace whose pods are in the mesh
// (https://istio.io/latest/docs/ambient/usage/add-workloads/).
func MeshLabels(kind MeshKind) map[string]string {
	if kind != Istio {
		return nil
	}
	return map[string]string{"istio.io/dataplane-mode": "ambient"}
}

// MeshDoor annotates pods in the mesh to which callers come who are not: what comes in is theirs to judge, and what goes
// out is carried (https://istio.io/latest/docs/reference/config/annotations/#AmbientBypassInboundCapture).
func MeshDoor(kind MeshKind) map[string]string {
	if kind != Istio {
		return nil
	}
	return map[string]string{"ambient.istio.io/bypass-inbound-capture": "true"}
}

// MeshProxy labels pods that are a proxy of the mesh's own: they prove who they are and speak the tunnel themselves, and what
// carries other pods must not carry theirs a second time
// (https://istio.io/latest/docs/reference/config/labels/#IoIstioDataplaneMode).
func MeshProxy() map[string]string { return map[string]string{"istio.io/dataplane-mode": "none"} }

// What goes from pod to pod in a mesh goes through its tunnel, whatever port is meant: TunnelPort is where each pod's end is
// (https://istio.io/latest/docs/ambient/architecture/hbone/). Probes is where those of the kubelet come from, which has no
// identity (https://istio.io/latest/docs/ambient/usage/networkpolicy/): an address of the node's own that no packet from
// outside of it can bear.
const (
	TunnelPort = 15008
	Probes     = "169.254.7.127/32"
)
