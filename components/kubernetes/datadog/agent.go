package datadog

import (
	"fmt"
	"path"

	"platform/components/kubernetes/system"
	"platform/components/tags"
)

// agentSpec is what the operator makes agents of
// (https://github.com/DataDog/datadog-operator/blob/v1.29.0/docs/configuration.v2alpha1.md).
type agentSpec struct {
	Global   global              `json:"global"`
	Features features            `json:"features"`
	Override map[string]override `json:"override"`
}

type global struct {
	ClusterName string            `json:"clusterName"`
	Site        string            `json:"site"`
	Registry    string            `json:"registry"`
	Credentials credentials       `json:"credentials"`
	Tags        []string          `json:"tags"`
	Labels      map[string]string `json:"commonLabels"`
	Namespaces  map[string]string `json:"namespaceLabelsAsTags"`
	Service     localService      `json:"localService"`
	Kubelet     kubelet           `json:"kubelet"`
	Env         []variable        `json:"env"`
}

type credentials struct {
	API secretKey `json:"apiSecret"`
	App secretKey `json:"appSecret"`
}

type secretKey struct {
	Secret string `json:"secretName"`
	Key    string `json:"keyName"`
}

// localService leads each pod to the agent of its own node.
type localService struct {
	Name  string `json:"nameOverride"`
	Force bool   `json:"forceEnableLocalService"`
}

// kubelet: it is asked on its own node alone, and not every cloud's bears a certificate that anybody can check
// (https://docs.datadoghq.com/containers/kubernetes/distributions/).
type kubelet struct {
	Verify bool `json:"tlsVerify"`
}

type variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type switched struct {
	Enabled bool `json:"enabled"`
}

// features: whatever is off says so, since some are on by default.
type features struct {
	OTLP   otlp   `json:"otlp"`
	APM    apm    `json:"apm"`
	Logs   logs   `json:"logCollection"`
	State  state  `json:"kubeStateMetricsCore"`
	Events events `json:"eventCollection"`
	Checks checks `json:"clusterChecks"`
	Statsd statsd `json:"dogstatsd"`
	// The API server is nobody in the mesh, and could not ask it.
	Admission switched `json:"admissionController"`
	// The autoscaler reads queues itself (components/kubernetes/keda).
	Metrics switched `json:"externalMetricsServer"`
	// What these see of processes and packets, command lines and addresses of people among it, no alert needs, and some of them need
	// more of the node than the rest.
	Processes  switched `json:"liveProcessCollection"`
	Discovery  switched `json:"processDiscovery"`
	Network    switched `json:"npm"`
	Services   switched `json:"usm"`
	Inventory  switched `json:"serviceDiscovery"`
	Containers switched `json:"liveContainerCollection"`
	// It would send all objects of the cluster, with whatever is in them.
	Explorer switched `json:"orchestratorExplorer"`
	// What runs comes from Git, and not from whoever may enter Datadog's pages.
	Remote switched `json:"remoteConfiguration"`
	// What the cloud runs out of sight tells nobody how it fares.
	ControlPlane switched `json:"controlPlaneMonitoring"`
}

type otlp struct {
	Receiver struct {
		Protocols struct {
			GRPC receiver `json:"grpc"`
			HTTP receiver `json:"http"`
		} `json:"protocols"`
	} `json:"receiver"`
}

// receiver: no port of the node is opened, which would be past every policy.
type receiver struct {
	Enabled  bool     `json:"enabled"`
	Endpoint string   `json:"endpoint"`
	HostPort switched `json:"hostPortConfig"`
}

// apm takes the traces that come by OTLP. Neither a port nor a socket of the node is for pods of services: they may mount nothing of it.
type apm struct {
	Enabled    bool     `json:"enabled"`
	HostPort   switched `json:"hostPortConfig"`
	Socket     switched `json:"unixDomainSocketConfig"`
	Instrument switched `json:"instrumentation"`
}

type logs struct {
	Enabled bool `json:"enabled"`
	All     bool `json:"containerCollectAll"`
}

type state struct {
	Enabled bool `json:"enabled"`
}

type events struct {
	Collect bool `json:"collectKubernetesEvents"`
}

type checks struct {
	Enabled bool `json:"enabled"`
	Runners bool `json:"useClusterChecksRunners"`
}

type statsd struct {
	HostPort switched `json:"hostPortConfig"`
	Socket   switched `json:"unixDomainSocketConfig"`
}

// override is what one of the two kinds of agents has of its own.
type override struct {
	Replicas     int                  `json:"replicas,omitempty"`
	Image        *agentImage          `json:"image,omitempty"`
	Priority     string               `json:"priorityClassName"`
	NodeSelector map[string]string    `json:"nodeSelector,omitempty"`
	Tolerations  any                  `json:"tolerations"`
	Spread       []system.Spread      `json:"topologySpreadConstraints,omitempty"`
	Budget       bool                 `json:"createPodDisruptionBudget,omitempty"`
	Labels       map[string]string    `json:"labels"`
	Containers   map[string]container `json:"containers"`
	Checks       *checkFiles          `json:"extraConfd,omitempty"`
}

type agentImage struct {
	Name string `json:"name"`
	Tag  string `json:"tag"`
}

type container struct {
	Resources system.Resources `json:"resources"`
}

type checkFiles struct {
	Files map[string]string `json:"configDataMap"`
}

// everywhere is borne by whatever keeps pods away: every node is watched.
type everywhere struct {
	Operator string `json:"operator"`
}

const (
	// agentName leads the names of what the operator makes; agentService is the Service of the agent of one's own node.
	agentName    = "datadog"
	agentService = "datadog-agent"
	// keys is the Secret with both, by their keys.
	keys, apiKey, appKey = "datadog-keys", "api-key", "app-key"

	// images is where Datadog's are kept, and version that of both agents, which the operator would choose by itself
	// (https://github.com/DataDog/datadog-operator/blob/v1.29.0/pkg/images/images.go).
	images  = "registry.datadoghq.com"
	version = "7.81.2"

	// clusterLabel is that of the pods of the cluster's agent
	// (https://github.com/DataDog/datadog-operator/blob/v1.29.0/api/datadoghq/common/const.go).
	clusterLabel, clusterValue = "agent.datadoghq.com/component", "cluster-agent"
)

// The ports at which agents take telemetry, on all addresses of their pods: in the cluster nobody but services reaches them.
func (o *otlp) on(grpc, http int) {
	o.Receiver.Protocols.GRPC = receiver{Enabled: true, Endpoint: fmt.Sprintf("0.0.0.0:%d", grpc)}
	o.Receiver.Protocols.HTTP = receiver{Enabled: true, Endpoint: fmt.Sprintf("0.0.0.0:%d", http)}
}

func (a Args) agent() (agentSpec, error) {
	env, err := masking()
	if err != nil {
		return agentSpec{}, err
	}
	files, err := a.checks()
	if err != nil {
		return agentSpec{}, err
	}
	small := container{system.Room(20, 128)}
	pool := system.Pool()
	spec := agentSpec{
		Global: global{
			ClusterName: a.Environment, Site: a.Site, Registry: a.Registry.Of(images),
			Credentials: credentials{API: secretKey{keys, apiKey}, App: secretKey{keys, appKey}},
			// What is of a service bears its owner's tags by the labels of its namespace.
			Tags:   []string{"env:" + a.Environment, "cloud:" + a.Cloud},
			Labels: a.Tags,
			Namespaces: map[string]string{
				tags.Team: "team", tags.Service: "service", tags.CostCentre: "cost_centre", tags.DataClass: "data_class",
			},
			Service: localService{Name: agentService, Force: true}, Env: env,
		},
		Features: features{
			APM: apm{Enabled: true}, Logs: logs{Enabled: true, All: true}, State: state{true}, Events: events{true},
			Checks: checks{Enabled: true},
		},
		Override: map[string]override{
			"nodeAgent": {
				Image: &agentImage{"agent", version}, Priority: a.Priority, Tolerations: []everywhere{{"Exists"}}, Labels: a.Tags,
				Containers: map[string]container{
					"agent": {system.Room(200, 512)}, "trace-agent": {system.Room(50, 256)}, "init-volume": small, "init-config": small,
				},
			},
			"clusterAgent": {
				Image: &agentImage{"cluster-agent", version}, Priority: a.Priority, Replicas: a.Replicas, Budget: a.Replicas > 1,
				NodeSelector: pool.NodeSelector, Tolerations: pool.Tolerations, Spread: system.SpreadOf(map[string]string{clusterLabel: clusterValue}), Labels: a.Tags,
				Containers: map[string]container{"cluster-agent": {system.Room(100, 512)}}, Checks: &checkFiles{files},
			},
		},
	}
	spec.Features.OTLP.on(telemetryGRPC, telemetryHTTP)
	return spec, nil
}

// image is where one of Datadog's images is.
func (a Args) image(name string) string { return a.Registry.Of(path.Join(images, name)) }
