package rules

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"platform/components/kubernetes/telemetry/collector"
	"platform/components/kubernetes/workload"
)

// podSpecs are the kinds that make pods, and where their template is.
var podSpecs = map[string]string{
	"kubernetes:core/v1:Pod":                   "spec",
	"kubernetes:apps/v1:Deployment":            "spec.template.spec",
	"kubernetes:apps/v1:StatefulSet":           "spec.template.spec",
	"kubernetes:apps/v1:DaemonSet":             "spec.template.spec",
	"kubernetes:apps/v1:ReplicaSet":            "spec.template.spec",
	"kubernetes:batch/v1:Job":                  "spec.template.spec",
	"kubernetes:batch/v1:CronJob":              "spec.jobTemplate.spec.template.spec",
	"kubernetes:core/v1:PodTemplate":           "template.spec",
	"kubernetes:core/v1:ReplicationController": "spec.template.spec",
}

// inPods makes the table of what must hold of every pod.
func inPods(conditions func(spec string) []condition) map[string][]condition {
	out := map[string][]condition{}
	for kind, spec := range podSpecs {
		out[kind] = conditions(spec)
	}
	return out
}

// containers are the places of a spec that name containers.
var containers = []string{"containers[]", "initContainers[]", "ephemeralContainers[]"}

const podStandards = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"

var noPrivilegedPod = Rule{
	ID: "no-privileged-pod", Severity: High, Controls: contained,
	Holds: "No pod can reach the machine that it runs on, or become root",
	Why:   "who breaks into such a pod has the machine, and with it every other pod's identity",
	Mend:  "take the privilege away; what truly needs one has a namespace and an exception of its own",
	table: inPods(func(spec string) []condition {
		no := orNothing(is("false"))
		out := []condition{
			must(spec+".hostNetwork", no, podStandards), must(spec+".hostPID", no, podStandards), must(spec+".hostIPC", no, podStandards),
			must(spec+".volumes[].hostPath", allow("nothing", property.Value.IsNull), podStandards).on(readsNoLogs),
			must(spec+".volumes[].hostPath.path", orNothing(allow("the folders of what reads logs", func(v property.Value) bool {
				return text(v) == collector.LogsFolder || text(v) == collector.StateFolder
			})), podStandards).on(readsLogs),
		}
		for _, in := range containers {
			at := spec + "." + in + ".securityContext."
			out = append(out,
				must(at+"privileged", no, podStandards), must(at+"allowPrivilegeEscalation", is("false"), podStandards),
				must(at+"runAsUser", unset("0"), podStandards), must(at+"runAsNonRoot", unset("false"), podStandards).on(readsNoLogs),
				must(at+"capabilities.add[]", is("NET_BIND_SERVICE"), podStandards))
		}
		return out
	}),
	looks: []string{"kubernetes:core/v1:Namespace"},
	// The admission of a namespace is what stops pods that no stack registers.
	each: func(r Resource, _ Environment) []fault {
		const label = "pod-security.kubernetes.io/enforce"
		labels := at(r.Props, "metadata.labels")[0]
		if labels.unknown {
			return nil
		}
		s := labels.key(label)
		if s.unknown || text(s.value) == "restricted" || text(s.value) == "baseline" || ofNodes(r) {
			return nil
		}
		return []fault{{r, s.path, s.shown(), "restricted, or baseline"}}
	},
}

// ofNodes says whether a namespace is one of those in which parts of each node run and nothing else: what carries the mesh enters
// the network of other pods, and what tells how a node fares reads its files. Datadog's operator makes the agents of nodes where it is itself.
func ofNodes(r Resource) bool {
	for component, space := range map[string]string{
		"platform:mesh:Mesh": workload.MeshNodes, "platform:monitoring:Monitoring": workload.ObservabilityNodes, "platform:datadog:Datadog": workload.Observability,
	} {
		if name := at(r.Props, "metadata.name")[0]; r.under(component) && (name.unknown || text(name.value) == space) {
			return true
		}
	}
	return false
}

// readsLogs says whether pods are those that read on each node what containers write, which only root may: they lie in the namespace
// of what is a part of the node, and see two folders of it.
func readsLogs(r Resource, _ Environment) (matters, known bool) {
	if r.kind() != "kubernetes:apps/v1:DaemonSet" || !r.under("platform:telemetry:Telemetry") {
		return false, true
	}
	name := at(r.Props, "metadata.namespace")[0]
	return text(name.value) == workload.ObservabilityNodes, !name.unknown
}

func readsNoLogs(r Resource, e Environment) (matters, known bool) {
	reads, known := readsLogs(r, e)
	return !reads, known
}

var (
	digest = regexp.MustCompile(`@sha256:[0-9a-f]{64}$`)
	exact  = regexp.MustCompile(`^v?[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$`)
)

var imageDigest = Rule{
	ID: "image-digest", Severity: High, Controls: shipped,
	Holds: "In production an image is named by its digest, and a chart by its whole version",
	Why:   "a tag can be moved: what runs tomorrow would not be what was tested and scanned",
	Mend:  "write the digest behind the image's name, as name@sha256:…, and the chart's version in full",
	table: func() map[string][]condition {
		out := inPods(func(spec string) []condition {
			var out []condition
			for _, in := range containers {
				out = append(out, must(spec+"."+in+".image", allow("a name with a digest, as name@sha256:…", func(v property.Value) bool {
					return digest.MatchString(text(v))
				}), "https://kubernetes.io/docs/concepts/containers/images/#image-names").on(inProduction))
			}
			return out
		})
		out["kubernetes:helm.sh/v3:Release"] = []condition{
			must("version", allow("a whole version, as 1.2.3", func(v property.Value) bool { return exact.MatchString(text(v)) }),
				"https://helm.sh/docs/topics/charts/#charts-and-versioning").on(inProduction),
		}
		return out
	}(),
}

// labelled is the value of a label that names a service.
func labelled(r Resource) string {
	s := at(r.Props, tagged["kubernetes:core/v1:Namespace"]+".service")[0]
	return strings.TrimSpace(text(s.value))
}
