package telemetry_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"gopkg.in/yaml.v3"

	"platform/components/identity"
	"platform/components/internal/record"
	"platform/components/kubernetes/telemetry"
	"platform/components/kubernetes/workload"
	"platform/components/objects"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "telemetry", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

func store(name string) telemetry.Store {
	return telemetry.Store{
		Objects: objects.Outputs{
			Kind: "kind", Name: pulumi.String(name).ToStringOutput(),
			Logs: pulumi.Map{"type": pulumi.String("kind")}, Traces: pulumi.Map{"backend": pulumi.String("kind")},
		},
		Who: identity.Outputs{
			ServiceAccount: name, Annotations: pulumi.StringMap{"is": pulumi.String(name)}, PodLabels: map[string]string{"served": "true"},
		},
	}
}

func usual() telemetry.Args {
	return telemetry.Args{
		Environment: "dev", Replicas: 3, LogDays: 30, TraceDays: 7, SharePercent: 10, SlowMs: 500, StorageGiB: 20, MemoryMiB: 1024,
		StorageClass: "encrypted", Logs: store("loki"), Traces: store("tempo"), Namespace: pulumi.String("observability"), Mesh: workload.Istio,
		Priority: "observability", Images: "mirror.example.com", Tags: owned,
	}
}

func build(t *testing.T, args telemetry.Args) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		made, err := telemetry.New(ctx, "telemetry", args)
		if err == nil && (made.Telemetry != telemetry.Endpoint() || len(made.Ready) == 0) {
			t.Errorf("it hands out %v", made.Telemetry)
		}
		return err
	})
}

func at(v any, path string) any {
	for key := range strings.SplitSeq(path, "/") {
		switch below := v.(type) {
		case values:
			v = below[key]
		case []any:
			v = below[0]
			if m, ok := v.(values); ok && key != "0" {
				v = m[key]
			}
		default:
			return nil
		}
	}
	return v
}

func same(t *testing.T, got, want any) {
	t.Helper()
	record.Same(t, values{"is": got}, values{"is": want})
}

func TestStoresKeepForTheirDaysAsThemselves(t *testing.T) {
	got, err := build(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	logs := got["kubernetes:helm.sh/v3:Release telemetry-loki"]["values"].Mappable()
	for path, want := range map[string]any{
		"loki/limits_config/retention_period": "720h", "loki/compactor/retention_enabled": true, "loki/compactor/delete_request_store": "kind",
		"loki/storage/type": "kind", "loki/commonConfig/replication_factor": 3.0, "singleBinary/replicas": 3.0, "serviceAccount/annotations/is": "loki",
		"loki/podLabels/served": "true", "singleBinary/persistence/whenDeleted": "Delete", "singleBinary/persistence/storageClass": "encrypted",
		"gateway/enabled": false, "lokiCanary/enabled": false, "loki/analytics/reporting_enabled": false,
	} {
		same(t, at(logs, path), want)
	}
	traces := got["kubernetes:helm.sh/v3:Release telemetry-tempo"]["values"].Mappable()
	for path, want := range map[string]any{
		"tempo/retention": "168h", "tempo/storage/trace/backend": "kind", "replicas": 1.0, "serviceAccount/annotations/is": "tempo",
		"podLabels/served": "true", "tempo/reportingEnabled": false, "tempo/securityContext/readOnlyRootFilesystem": true,
	} {
		same(t, at(traces, path), want)
	}
	// Services may use the ports of OTLP in this namespace: a store that listened there would take what nobody cleaned.
	if config := at(traces, "config").(string); strings.Contains(config, "4317") || !strings.Contains(config, "4327") {
		t.Errorf("the store of traces listens as\n%s", config)
	}
}

// Gateways are nobody, and may look; agents are root of nothing but what they read, and may ask nobody.
func TestCollectorsMayLittle(t *testing.T) {
	got, err := build(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	gateway := got["kubernetes:apps/v1:Deployment telemetry-collector"].Mappable()
	agent := got["kubernetes:apps/v1:DaemonSet telemetry-collector-agent"].Mappable()
	safe := func(nonRoot bool) values {
		return values{
			"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": nonRoot, "capabilities": values{"drop": []any{"ALL"}},
		}
	}
	const pod = "spec/template/spec"
	same(t, at(gateway, pod+"/containers/securityContext"), safe(true))
	same(t, at(agent, pod+"/containers/securityContext"), safe(false))
	same(t, at(agent, pod+"/automountServiceAccountToken"), false)
	same(t, at(agent, pod+"/tolerations"), []any{values{"operator": "Exists"}})
	if labels := at(agent, "spec/template/metadata/labels").(values); labels["istio.io/dataplane-mode"] != "ambient" {
		t.Errorf("the agent is not in the mesh: %v", labels)
	}
	same(t, at(agent, pod+"/containers/image"), "mirror.example.com/docker.io/otel/opentelemetry-collector-contrib:0.161.0@sha256:fd328de2552466ad78385e1b1289c3f2402b1c45f265b252aab1955b42845ac1")
	same(t, got["kubernetes:rbac.authorization.k8s.io/v1:ClusterRole telemetry-collector-role"].Mappable()["rules"], []any{
		values{"apiGroups": []any{""}, "resources": []any{"namespaces", "pods"}, "verbs": []any{"get", "list", "watch"}},
		values{"apiGroups": []any{"apps"}, "resources": []any{"replicasets"}, "verbs": []any{"get", "list", "watch"}},
	})
	for _, volume := range at(agent, pod+"/volumes").([]any) {
		path, _ := at(volume, "hostPath/path").(string)
		if path != "" && !slices.Contains([]string{"/var/log/pods", "/var/lib/platform-collector"}, path) {
			t.Errorf("the agent sees %s of its node", path)
		}
	}
}

func TestGatewaysAreToldWhatTheFileSays(t *testing.T) {
	got, err := build(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	text := at(got["kubernetes:core/v1:ConfigMap telemetry-collector"].Mappable(), "data").(values)["collector.yaml"].(string)
	var told values
	if err := yaml.Unmarshal([]byte(text), &told); err != nil {
		t.Fatal(err)
	}
	policies := at(told, "processors/tail_sampling/policies").([]any)
	if len(policies) != 3 || at(policies[1], "latency/threshold_ms") != 500 || at(policies[2], "probabilistic/sampling_percentage") != 10 {
		t.Errorf("it samples by %v", policies)
	}
	if logs := told["exporters"].(values)["otlphttp/logs"]; at(logs, "endpoint") != "http://loki.observability.svc:3100/otlp" {
		t.Errorf("logs go to %v", logs)
	}
}

func TestEveryFaultIsNamedAndNothingIsRegistered(t *testing.T) {
	args := telemetry.Args{Replicas: 2, Mesh: "linkerd", Images: "Not A Registry"}
	got, err := build(t, args)
	for _, want := range []string{
		`environment: value ""`, `replicas: value "2": one of [1 3] is allowed`, "logDays: value 0", "traceDays: value 0", "sharePercent: value 0", "slowMs: value 0",
		"storageGiB: value 0", "memoryMiB: value 0", "storageClass: ", "priority: ", "logs.objects: none are given", "logs.who: nobody is given",
		"traces.objects: none are given", "namespace: none is given", `mesh: value "linkerd"`, "images: ", "tags.team",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if len(got) != 0 {
		t.Errorf("registered: %v", got)
	}
}
