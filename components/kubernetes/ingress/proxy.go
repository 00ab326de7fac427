package ingress

import (
	"encoding/json"
	"fmt"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/mesh"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

// proxyImage is Istio's proxy in the release of the mesh (chart.IstioControl). The digest is that of the index of its platforms, as
// clusters report it of pods that run it; that of the variant without a shell is published nowhere that could be compared.
const proxyImage = "docker.io/istio/proxyv2:1.31.0@sha256:e3b973cce2442c2883188d8cf839dff8a21075fab0e00e5079df6ef28c9caf17"

const (
	tlsPort     = 8443 // above those that only root may open
	healthPort  = 15021
	metricsPort = 15020 // of the proxy and its agent together

	metricsPath = "/stats/prometheus"
	tlsPath     = "/tls"
	// clusterDomain is that in which Services have their names.
	clusterDomain = "cluster.local"
	// user is who the image's makers run it as.
	user = 1337

	// A pod that is to end goes on until no load balancer sends it requests any more.
	drain  = "20s"
	endSec = 60
)

// What a pod asks for: two workers, and what they know of all services of the mesh.
const (
	workers   = 2
	cpuMilli  = 250
	memoryMiB = 512
)

// Targets are where it tells how it fares.
func Targets() map[string]workload.Target {
	return map[string]workload.Target{"ingress": {Namespace: Namespace, Pods: Labels(), Port: metricsPort, Path: metricsPath}}
}

// proxies are the pods, in the form in which Istio's webhook puts a gateway's proxy into a pod
// (https://github.com/istio/istio/blob/1.31.0/manifests/charts/istio-control/istio-discovery/files/gateway-injection-template.yaml):
// a test holds both against each other. Said here, they need no webhook, and are looked at before anything is built, as all pods of
// the platform's own.
func (p *place) proxies(ctx *pulumi.Context, after []pulumi.Resource) (pulumi.Resource, error) {
	labels := Labels()
	selector := metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(labels)}
	metadata := p.metadata()
	metadata.Labels = pulumi.ToStringMap(p.Doors.Tags.Merge(labels))
	container, err := p.container()
	if err != nil {
		return nil, err
	}
	return appsv1.NewDeployment(ctx, p.logical+"-pods", &appsv1.DeploymentArgs{
		Metadata: metadata,
		Spec: appsv1.DeploymentSpecArgs{
			Replicas: pulumi.Int(p.Replicas), Selector: selector,
			Strategy: appsv1.DeploymentStrategyArgs{
				Type: pulumi.String("RollingUpdate"), RollingUpdate: appsv1.RollingUpdateDeploymentArgs{MaxSurge: pulumi.Int(1), MaxUnavailable: pulumi.Int(0)},
			},
			Template: corev1.PodTemplateSpecArgs{
				Metadata: metav1.ObjectMetaArgs{Labels: pulumi.ToStringMap(p.podLabels())},
				Spec: corev1.PodSpecArgs{
					ServiceAccountName: pulumi.String(name), AutomountServiceAccountToken: pulumi.Bool(false), EnableServiceLinks: pulumi.Bool(false),
					PriorityClassName: pulumi.String(p.Priority), TerminationGracePeriodSeconds: pulumi.Int(endSec),
					SecurityContext: corev1.PodSecurityContextArgs{
						RunAsNonRoot: pulumi.Bool(true), RunAsUser: pulumi.Int(user), RunAsGroup: pulumi.Int(user), FsGroup: pulumi.Int(user),
						SeccompProfile: corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")},
					},
					TopologySpreadConstraints: system.SpreadPods(Labels(), workload.Zone, system.Host),
					Containers:                corev1.ContainerArray{container}, Volumes: volumes(),
				},
			},
		},
	}, pulumi.Parent(p.parent), pulumi.DependsOn(after))
}

// podLabels keep what carries other pods, and a webhook, away from these, and name what they are in metrics.
func (p *place) podLabels() tags.Set {
	return p.Doors.Tags.Merge(Labels()).Merge(workload.MeshProxy()).Merge(map[string]string{
		"sidecar.istio.io/inject": "false", "service.istio.io/canonical-name": name, "service.istio.io/canonical-revision": "latest",
	})
}

func (p *place) container() (corev1.ContainerArgs, error) {
	environment, err := p.environment()
	if err != nil {
		return corev1.ContainerArgs{}, err
	}
	var mounts corev1.VolumeMountArray
	for _, v := range mounted {
		mounts = append(mounts, corev1.VolumeMountArgs{Name: pulumi.String(v.name), MountPath: pulumi.String(v.path), ReadOnly: pulumi.Bool(v.given)})
	}
	return corev1.ContainerArgs{
		Name: pulumi.String("istio-proxy"), Image: pulumi.String(p.Images.Of(proxyImage)), Env: environment,
		Args: pulumi.ToStringArray([]string{
			"proxy", "router", "--domain", "$(POD_NAMESPACE).svc." + clusterDomain,
			"--proxyLogLevel=warning", "--proxyComponentLogLevel=misc:error", "--log_output_level=default:info", "--log_as_json",
		}),
		Ports: corev1.ContainerPortArray{
			corev1.ContainerPortArgs{Name: pulumi.String("https"), ContainerPort: pulumi.Int(tlsPort), Protocol: pulumi.String("TCP")},
			corev1.ContainerPortArgs{Name: pulumi.String("status"), ContainerPort: pulumi.Int(healthPort), Protocol: pulumi.String("TCP")},
			corev1.ContainerPortArgs{Name: pulumi.String("metrics"), ContainerPort: pulumi.Int(metricsPort), Protocol: pulumi.String("TCP")},
		},
		StartupProbe: probe(1, 30), ReadinessProbe: probe(5, 4),
		Resources: system.PodRoom(cpuMilli, memoryMiB), SecurityContext: system.Hardened(true), VolumeMounts: mounts,
	}, nil
}

// probe asks whether the proxy knows what it is to know.
func probe(everySec, failures int) corev1.ProbeArgs {
	return corev1.ProbeArgs{
		HttpGet:       corev1.HTTPGetActionArgs{Path: pulumi.String("/healthz/ready"), Port: pulumi.Int(healthPort)},
		PeriodSeconds: pulumi.Int(everySec), FailureThreshold: pulumi.Int(failures), TimeoutSeconds: pulumi.Int(3),
	}
}

// environment is what the agent in the pod is told
// (https://istio.io/latest/docs/reference/commands/pilot-agent/#envvars, https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig).
func (p *place) environment() (corev1.EnvVarArray, error) {
	proxy, err := json.Marshal(struct {
		Workers int    `json:"concurrency"`
		Drain   string `json:"terminationDrainDuration"`
	}{workers, drain})
	if err != nil {
		return nil, err
	}
	out := corev1.EnvVarArray{}
	said := func(name, value string) {
		out = append(out, corev1.EnvVarArgs{Name: pulumi.String(name), Value: pulumi.String(value)})
	}
	field := func(name, path string) {
		out = append(out, corev1.EnvVarArgs{Name: pulumi.String(name), ValueFrom: corev1.EnvVarSourceArgs{
			FieldRef: corev1.ObjectFieldSelectorArgs{FieldPath: pulumi.String(path)},
		}})
	}
	said("PILOT_CERT_PROVIDER", "istiod")
	said("CA_ADDR", fmt.Sprintf("istiod.%s.svc:%d", mesh.Namespace, mesh.ControlPort))
	for _, each := range [][2]string{
		{"POD_NAME", "metadata.name"}, {"POD_NAMESPACE", "metadata.namespace"}, {"INSTANCE_IP", "status.podIP"},
		{"SERVICE_ACCOUNT", "spec.serviceAccountName"}, {"HOST_IP", "status.hostIP"}, {"ISTIO_META_NODE_NAME", "spec.nodeName"},
	} {
		field(each[0], each[1])
	}
	said("PROXY_CONFIG", string(proxy))
	said("ISTIO_META_POD_PORTS", "[]")
	said("ISTIO_META_APP_CONTAINERS", "")
	said("ISTIO_META_CLUSTER_ID", "Kubernetes")
	said("ISTIO_META_INTERCEPTION_MODE", "REDIRECT")
	said("ISTIO_META_WORKLOAD_NAME", name)
	said("ISTIO_META_OWNER", fmt.Sprintf("kubernetes://apis/apps/v1/namespaces/%s/deployments/%s", Namespace, name))
	said("ISTIO_META_MESH_ID", p.TrustDomain)
	said("TRUST_DOMAIN", p.TrustDomain)
	out = append(out, corev1.EnvVarArgs{Name: pulumi.String("GOMEMLIMIT"), ValueFrom: corev1.EnvVarSourceArgs{
		ResourceFieldRef: corev1.ResourceFieldSelectorArgs{Resource: pulumi.String("limits.memory"), Divisor: pulumi.String("1")},
	}})
	return out, nil
}

// mounted is where things are in the pod; what is given, it only reads.
var mounted = []struct {
	name, path string
	given      bool
}{
	{"workload-socket", "/var/run/secrets/workload-spiffe-uds", false},
	{"credential-socket", "/var/run/secrets/credential-uds", false},
	{"workload-certs", "/var/run/secrets/workload-spiffe-credentials", false},
	{"istiod-ca-cert", "/var/run/secrets/istio", true},
	{"istio-data", "/var/lib/istio/data", false},
	{"istio-envoy", "/etc/istio/proxy", false},
	{"istio-token", "/var/run/secrets/tokens", true},
	{"istio-podinfo", "/etc/istio/pod", true},
	{"tls", tlsPath, true},
}

// The mesh's root, which istiod puts into each namespace, and the token by which a pod asks it for its identity
// (https://github.com/istio/istio/blob/1.31.0/pilot/pkg/serviceregistry/kube/controller/namespacecontroller.go).
const (
	rootConfig     = "istio-ca-root-cert"
	tokenAudience  = "istio-ca"
	tokenExpirySec = 43200
)

func volumes() corev1.VolumeArray {
	given := map[string]corev1.VolumeArgs{
		"istiod-ca-cert": {ConfigMap: corev1.ConfigMapVolumeSourceArgs{Name: pulumi.String(rootConfig)}},
		"istio-token": {Projected: corev1.ProjectedVolumeSourceArgs{Sources: corev1.VolumeProjectionArray{corev1.VolumeProjectionArgs{
			ServiceAccountToken: corev1.ServiceAccountTokenProjectionArgs{
				Path: pulumi.String("istio-token"), ExpirationSeconds: pulumi.Int(tokenExpirySec), Audience: pulumi.String(tokenAudience),
			},
		}}}},
		"istio-podinfo": {DownwardAPI: corev1.DownwardAPIVolumeSourceArgs{Items: corev1.DownwardAPIVolumeFileArray{
			podField("labels"), podField("annotations"),
		}}},
		"tls":         {Secret: corev1.SecretVolumeSourceArgs{SecretName: pulumi.String(tlsSecret)}},
		"istio-envoy": {EmptyDir: corev1.EmptyDirVolumeSourceArgs{Medium: pulumi.String("Memory"), SizeLimit: pulumi.String("64Mi")}},
	}
	var out corev1.VolumeArray
	for _, v := range mounted {
		volume, is := given[v.name]
		if !is {
			volume.EmptyDir = corev1.EmptyDirVolumeSourceArgs{SizeLimit: pulumi.String("64Mi")}
		}
		volume.Name = pulumi.String(v.name)
		out = append(out, volume)
	}
	return out
}

func podField(name string) corev1.DownwardAPIVolumeFileArgs {
	return corev1.DownwardAPIVolumeFileArgs{
		Path: pulumi.String(name), FieldRef: corev1.ObjectFieldSelectorArgs{FieldPath: pulumi.String("metadata." + name)},
	}
}
