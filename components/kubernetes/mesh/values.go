package mesh

import "platform/components/kubernetes/system"

// The values are those that differ from the charts' own
// (https://github.com/istio/istio/tree/1.31.0/manifests/charts). Registry and tag of images are the charts'.
const variant = "distroless" // images without a shell

type base struct {
	// DefaultRevision is whose webhook would be asked whether policies are right; nobody's is.
	DefaultRevision string     `json:"defaultRevision"`
	Global          baseGlobal `json:"global"`
}

type baseGlobal struct {
	// EnableReaderRBAC is an account that other clusters would use to read all secrets.
	EnableReaderRBAC bool `json:"enableReaderRBAC"`
}

func baseValues() base { return base{} }

type control struct {
	system.Placement
	AutoscaleEnabled bool              `json:"autoscaleEnabled"`
	ReplicaCount     int               `json:"replicaCount"`
	Resources        system.Resources  `json:"resources"`
	Seccomp          seccomp           `json:"seccompProfile"`
	Spread           []system.Spread   `json:"topologySpreadConstraints"`
	TunnelsFrom      string            `json:"trustedZtunnelNamespace"`
	Env              map[string]string `json:"env"`
	PodLabels        map[string]string `json:"podLabels"`
	MeshConfig       meshConfig        `json:"meshConfig"`
	Global           controlGlobal     `json:"global"`
	Volumes          []volume          `json:"volumes"`
	VolumeMounts     []mount           `json:"volumeMounts"`
}

type seccomp struct {
	Type string `json:"type"`
}

type meshConfig struct {
	TrustDomain string `json:"trustDomain"`
}

// controlGlobal has no webhooks: nothing is put into pods, the definitions of policies check these, and no cloud's
// control plane reaches their port by itself
// (https://cloud.google.com/kubernetes-engine/docs/concepts/firewall-rules).
type controlGlobal struct {
	Variant           string `json:"variant"`
	PriorityClassName string `json:"priorityClassName"`
	EnableReaderRBAC  bool   `json:"enableReaderRBAC"`
	Validation        bool   `json:"configValidation"`
	OperatorWebhooks  bool   `json:"operatorManageWebhooks"`
	OmitInjector      bool   `json:"omitSidecarInjectorConfigMap"`
}

type volume struct {
	Name   string `json:"name"`
	Secret struct {
		Name string `json:"secretName"`
	} `json:"secret"`
}

type mount struct {
	Name     string `json:"name"`
	Path     string `json:"mountPath"`
	ReadOnly bool   `json:"readOnly"`
}

// controlValues: a company of a thousand services takes a gigabyte and a half and one core
// (https://istio.io/v1.16/docs/ops/deployment/performance-and-scalability), which is an upper bound here: without
// sidecars, what is told to each node is less.
func (a Args) controlValues() control {
	v := control{
		Placement: system.Pool(), ReplicaCount: a.Replicas, Resources: system.Room(200, 1536), Seccomp: seccomp{"RuntimeDefault"},
		Spread: system.SpreadOf(map[string]string{"app": "istiod"}), TunnelsFrom: Nodes, PodLabels: a.Tags,
		MeshConfig: meshConfig{TrustDomain: a.TrustDomain},
		Env: map[string]string{
			"PILOT_ENABLE_AMBIENT": "true",
			// It makes no gateways, and so needs no right to make Deployments.
			"PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER": "false",
			// What is said of a gateway's proxies, only their own namespace may say
			// (https://istio.io/latest/docs/ops/best-practices/security/#isolate-gateways).
			"PILOT_SCOPE_GATEWAY_TO_NAMESPACE": "true",
			"INJECT_ENABLED":                   "false", "INJECTION_WEBHOOK_CONFIG_NAME": "", "VALIDATION_WEBHOOK_CONFIG_NAME": "",
		},
		Global: controlGlobal{Variant: variant, PriorityClassName: criticalPriority, OperatorWebhooks: true, OmitInjector: true},
	}
	// The chart takes an authority if there is one, and makes one up if not. Mounted once more and without that choice,
	// it keeps the pods from starting before it is there.
	needed := volume{Name: "authority"}
	needed.Secret.Name = authoritySecret
	v.Volumes, v.VolumeMounts = []volume{needed}, []mount{{Name: "authority", Path: "/etc/authority", ReadOnly: true}}
	return v
}

type nodeAgent struct {
	PluginFolder string            `json:"cniBinDir"`
	Ambient      ambient           `json:"ambient"`
	Repair       switched          `json:"repair"` // of pods with sidecars
	Annotated    bool              `json:"useAppArmorAnnotation"`
	Quotas       switched          `json:"resourceQuotas"`
	PodLabels    map[string]string `json:"podLabels"`
	Resources    system.Resources  `json:"resources"`
	Global       images            `json:"global"`
}

// ambient leaves names to the cluster: no policy is about names, and pods may ask the cluster's own servers alone.
type ambient struct {
	Enabled    bool `json:"enabled"`
	DNSCapture bool `json:"dnsCapture"`
}

type switched struct {
	Enabled bool `json:"enabled"`
}

type images struct {
	Variant string `json:"variant"`
}

// nodeValues: there are clouds where pods with the nodes' own priority need a quota of it
// (https://istio.io/latest/docs/ambient/install/platform-prerequisites/#namespace-restrictions). AppArmor is a field
// since Kubernetes 1.30 (https://kubernetes.io/docs/tutorials/security/apparmor/).
func (a Args) nodeValues() nodeAgent {
	return nodeAgent{
		PluginFolder: a.PluginFolder, Ambient: ambient{Enabled: true}, Quotas: switched{true}, PodLabels: a.Tags,
		Resources: system.Room(50, 128), Global: images{variant},
	}
}

type tunnel struct {
	Variant   string            `json:"variant"`
	Control   string            `json:"istioNamespace"`
	Quotas    switched          `json:"resourceQuotas"`
	PodLabels map[string]string `json:"podLabels"`
	Resources system.Resources  `json:"resources"`
}

// tunnelValues: half a gigabyte carries a hundred thousand connections, by the chart's own words; a node has some
// hundred pods.
func (a Args) tunnelValues() tunnel {
	return tunnel{Variant: variant, Control: Namespace, Quotas: switched{true}, PodLabels: a.Tags, Resources: system.Room(100, 256)}
}
