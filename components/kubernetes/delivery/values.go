package delivery

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/workload"
)

// values are those of the chart
// (https://github.com/argoproj/argo-helm/blob/argo-cd-10.8.0/charts/argo-cd/values.yaml).
type values struct {
	FullnameOverride string     `json:"fullnameOverride"`
	Global           global     `json:"global"`
	Configs          configs    `json:"configs"`
	Controller       controller `json:"controller"`
	Server           server     `json:"server"`
	RepoServer       repoServer `json:"repoServer"`
	ApplicationSet   part       `json:"applicationSet"`
	Redis            redis      `json:"redis"`
	RedisSecretInit  resourced  `json:"redisSecretInit"`
	// Dex stands between Argo CD and issuers that do not speak OIDC; notifications tell of applications by channels
	// that nobody asked for yet.
	Dex           switched `json:"dex"`
	Notifications switched `json:"notifications"`
}

type switched struct {
	Enabled bool `json:"enabled"`
}

type global struct {
	system.Placement
	Domain           string            `json:"domain"`
	AdditionalLabels map[string]string `json:"additionalLabels"`
	PodLabels        map[string]string `json:"podLabels"`
	// The chart's own policies let everybody reach the pages; ours take their place.
	NetworkPolicy created `json:"networkPolicy"`
}

type created struct {
	Create bool `json:"create"`
}

// configs are the tables of settings that Argo CD reads. Their keys have dots in them, which are part of the names.
type configs struct {
	CM     map[string]any    `json:"cm"`
	Params map[string]any    `json:"params"`
	RBAC   map[string]string `json:"rbac"`
}

type resourced struct {
	Resources system.Resources `json:"resources"`
}

type part struct {
	resourced
	Replicas int  `json:"replicas"`
	PDB      *pdb `json:"pdb,omitempty"`
}

type pdb struct {
	Enabled        bool `json:"enabled"`
	MaxUnavailable int  `json:"maxUnavailable"`
}

type controller struct {
	part
	ServiceAccount   account  `json:"serviceAccount"`
	ClusterRoleRules rules    `json:"clusterRoleRules"`
	Metrics          switched `json:"metrics"`
}

type server struct {
	part
	ServiceAccount   account `json:"serviceAccount"`
	ClusterRoleRules rules   `json:"clusterRoleRules"`
}

type repoServer struct {
	part
	CopyUtil resourced `json:"copyutil"`
	// AutomountServiceAccountToken: it builds what Git says and asks the cluster for nothing.
	AutomountServiceAccountToken bool `json:"automountServiceAccountToken"`
}

type redis struct {
	resourced
	AutomountServiceAccountToken bool `json:"automountServiceAccountToken"`
}

type account struct {
	Name string `json:"name"`
}

type rules struct {
	Enabled bool   `json:"enabled"`
	Rules   []rule `json:"rules"`
}

type rule struct {
	APIGroups []string `json:"apiGroups"`
	Resources []string `json:"resources"`
	Verbs     []string `json:"verbs"`
}

// prefix leads the names of the chart's objects, by which Argo CD's commands and pages know them.
const prefix = "argocd"

// The accounts of the two parts that write to namespaces of services.
const (
	controllerAccount = prefix + "-application-controller"
	serverAccount     = prefix + "-server"
)

// The ports of the chart: of the cache and of who reads repositories, for the other parts, and where each part tells how
// it fares.
var (
	togetherPorts = []int{6379, 8081}
	metricsPorts  = map[string]int{"applicationset-controller": 8080, "application-controller": 8082, "server": 8083, "repo-server": 8084}
)

func (a Args) flows() flows.Part {
	return flows.Part{Around: a.Around, Metrics: slices.Sorted(maps.Values(metricsPorts)), Together: togetherPorts}
}

// Targets are where its parts tell how they fare.
func Targets() map[string]workload.Target {
	out := map[string]workload.Target{}
	for part, port := range metricsPorts {
		name := prefix + "-" + part
		out[name] = workload.Target{Namespace: Namespace, Pods: map[string]string{"app.kubernetes.io/name": name}, Port: port}
	}
	return out
}

// values: the controller and the cache are one pod each. A second controller would take over other clusters, and there
// is one; the cache can be lost, and is built again
// (https://argo-cd.readthedocs.io/en/stable/operator-manual/high_availability/).
func (a Args) values() values {
	several := func(r system.Resources) part {
		out := part{resourced: resourced{r}, Replicas: a.Replicas}
		if a.Replicas > 1 {
			out.PDB = &pdb{Enabled: true, MaxUnavailable: 1}
		}
		return out
	}
	return values{
		FullnameOverride: prefix,
		Global: global{
			Placement: system.Pool(), Domain: a.Host, AdditionalLabels: a.Tags, PodLabels: a.Tags,
			NetworkPolicy: created{false},
		},
		Configs: configs{CM: a.settings(), Params: map[string]any{"server.insecure": false}, RBAC: a.rbac()},
		Controller: controller{
			part:           part{resourced: resourced{system.Room(250, 768)}, Replicas: 1},
			ServiceAccount: account{controllerAccount}, ClusterRoleRules: rules{true, reading()}, Metrics: switched{true},
		},
		Server: server{
			part: several(system.Room(50, 192)), ServiceAccount: account{serverAccount},
			ClusterRoleRules: rules{true, append(reading(), rule{[]string{""}, []string{"pods/log"}, []string{"get"}})},
		},
		RepoServer: repoServer{
			part: several(system.Room(100, 384)), CopyUtil: resourced{system.Room(10, 64)},
		},
		ApplicationSet:  several(system.Room(50, 192)),
		Redis:           redis{resourced: resourced{system.Room(50, 128)}},
		RedisSecretInit: resourced{system.Room(10, 64)},
	}
}

// settings of Argo CD (https://argo-cd.readthedocs.io/en/stable/operator-manual/argocd-cm-yaml/).
func (a Args) settings() map[string]any {
	return map[string]any{
		// Nobody comes in but by the issuer.
		"admin.enabled": false, "users.anonymous.enabled": false, "oidc.config": a.oidc(),
		// Nobody runs commands in pods, as nobody does by the cluster's own access.
		"exec.enabled": false,
		// It looks at what it may deliver and at what comes of that, and never at anything else: not at secrets, and not at
		// what the platform made.
		"resource.inclusions": inclusions(), "resource.respectRBAC": "normal",
		"application.resourceTrackingMethod": "annotation",
	}
}

// oidc names the client's secret by a Secret's name and key, which Argo CD finds by the label of its parts
// (https://argo-cd.readthedocs.io/en/stable/operator-manual/user-management/#sensitive-data-and-sso-client-secrets).
func (a Args) oidc() string {
	return fmt.Sprintf("name: SSO\nissuer: %q\nclientID: %q\nclientSecret: $%s:%s\nrequestedScopes: [%s]\n",
		a.SSO.Issuer, a.SSO.ClientID, ssoSecret, ssoKey, strings.Join(quoted(a.SSO.Scopes), ", "))
}

func quoted(texts []string) []string {
	var out []string
	for _, t := range texts {
		out = append(out, fmt.Sprintf("%q", t))
	}
	return out
}
