package datadog

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/workload"
	"platform/components/network"
	"platform/components/tags"
)

var owned = tags.Set{
	tags.Project: "platform", tags.Environment: "dev", tags.Team: "platform", tags.Service: "monitoring", tags.CostCentre: "1000", tags.DataClass: "internal",
}

func valid() Args {
	meshed := func(namespace string, port int) workload.Target {
		return workload.Target{Namespace: namespace, Port: port, Meshed: true}
	}
	return Args{
		Environment: "dev-aws", Cloud: "aws", Site: "datadoghq.eu", Replicas: 2, Priority: "observability", Mesh: workload.Istio, TrustDomain: "dev.example.com",
		Targets: map[string]workload.Target{
			"orders": meshed("orders", workload.MetricsPort), "ledger": meshed("ledger", workload.MetricsPort), "kong": meshed("ingress", 8100),
			"cert-manager": {Namespace: "cert-manager", Port: 9402}, "istiod": {Namespace: "istio-system", Port: 15014},
		},
		Services: []string{"orders", "ledger"}, Doors: []string{"mobile", "partner"},
		Keys:   bridge.Source{Store: pulumi.Map{"fake": pulumi.Map{}}, Key: pulumi.String("keys")},
		Around: flows.Around{API: cluster.API{Way: network.At([]int{443}, "10.0.0.0/24")}, Ways: map[string]network.Way{"site": network.OverInternet(443)}},
		Tags:   owned,
	}
}

// TestOneNamespaceIsVisiblyPrivilegedAndClosed: what lives there is named, and its keys are fetched before the operator starts.
func TestOneNamespaceIsVisiblyPrivilegedAndClosed(t *testing.T) {
	got, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := New(ctx, "monitoring", valid())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	labels := got["kubernetes:core/v1:Namespace monitoring-namespace"]["metadata"].ObjectValue()["labels"].ObjectValue()
	if level := labels["pod-security.kubernetes.io/enforce"].StringValue(); level != "privileged" {
		t.Errorf("the level is %s", level)
	}
	if labels["istio.io/dataplane-mode"].StringValue() != "ambient" {
		t.Error("it is not in the mesh")
	}
	template := got["kubernetes:external-secrets.io/v1:ExternalSecret monitoring-keys-secret"]["spec"].ObjectValue()["target"].ObjectValue()["template"].ObjectValue()["data"]
	record.Same(t, template.Mappable(), map[string]any{
		"api-key": `{{ index (fromJson .value) "api" | toString }}`, "app-key": `{{ index (fromJson .value) "app" | toString }}`,
	})
	release := got["kubernetes:helm.sh/v3:Release monitoring-release"]
	values := release["values"].ObjectValue()
	if values["apiKeyExistingSecret"].StringValue() != "datadog-keys" || values["appKeyExistingSecret"].StringValue() != "datadog-keys" {
		t.Errorf("the operator has its keys from %v", values)
	}
	spec := got["kubernetes:datadoghq.com/v2alpha1:DatadogAgent monitoring-agents"]["spec"].ObjectValue().Mappable()
	global := spec["global"].(map[string]any)
	record.Same(t, global["credentials"], map[string]any{
		"apiSecret": map[string]any{"secretName": "datadog-keys", "keyName": "api-key"}, "appSecret": map[string]any{"secretName": "datadog-keys", "keyName": "app-key"},
	})
	features := spec["features"].(map[string]any)
	for _, off := range []string{"npm", "usm", "liveProcessCollection", "processDiscovery", "admissionController", "remoteConfiguration", "orchestratorExplorer"} {
		record.Same(t, features[off], map[string]any{"enabled": false})
	}
	record.Same(t, features["otlp"], map[string]any{"receiver": map[string]any{"protocols": map[string]any{
		"grpc": map[string]any{"enabled": true, "endpoint": "0.0.0.0:4317", "hostPortConfig": map[string]any{"enabled": false}},
		"http": map[string]any{"enabled": true, "endpoint": "0.0.0.0:4318", "hostPortConfig": map[string]any{"enabled": false}},
	}}})
}

// TestEachServiceIsAskedOnce: services at the agreed port, parts by the checks that know them, and nobody else.
func TestEachServiceIsAskedOnce(t *testing.T) {
	files, err := valid().checks()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		url, key string
		of       []string
	}{
		"openmetrics.yaml":  {"http://%%host%%:9090/metrics", "openmetrics_endpoint", []string{"ledger/ledger", "orders/orders"}},
		"cert_manager.yaml": {"http://%%host%%:9402/metrics", "openmetrics_endpoint", []string{"cert-manager/cert-manager"}},
		"kong.yaml":         {"http://%%host%%:8100/metrics", "openmetrics_endpoint", []string{"ingress/mobile", "ingress/partner"}},
	} {
		var read configuration
		if err := json.Unmarshal([]byte(files[name]), &read); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var of []string
		for _, each := range read.Of {
			of = append(of, each.Endpoints.Namespace+"/"+each.Endpoints.Name)
		}
		if !read.ClusterCheck || !slices.Equal(of, want.of) || len(read.Instances) != 1 || read.Instances[0][want.key] != want.url {
			t.Errorf("%s: %+v", name, read)
		}
	}
	if len(files) != 3 {
		t.Errorf("%d files, want 3: %v", len(files), files)
	}
	for _, pods := range valid().flows().Calls {
		if pods.Namespace == "istio-system" {
			t.Error("a way is open to a part that nobody asks")
		}
	}
}

// TestPersonalDataIsMaskedAndNothingElse tries the patterns as the agent does, which is written in Go.
func TestPersonalDataIsMaskedAndNothingElse(t *testing.T) {
	masked := func(text string) string {
		for _, m := range masks {
			text = regexp.MustCompile(m.pattern).ReplaceAllString(text, m.instead)
		}
		return text
	}
	for text, want := range map[string]string{
		"sent to jane.doe+test@mail.example.com at 10:00":                      "sent to [mail address] at 10:00",
		"from DE89 3704 0044 0532 0130 00 to GB29NWBK60161331926819":           "from [bank account] to [bank account]",
		"card 4111 1111 1111 1111, then 378282246310005":                       "card [card number], then [card number]",
		"Authorization: Bearer eyJhbGciOi.J9-_x=":                              "Authorization: Bearer [token]",
		"order 1234567890 took 300 ms, trace 4bf92f3577b34da6a3ce929d0e0e4736": "order 1234567890 took 300 ms, trace 4bf92f3577b34da6a3ce929d0e0e4736",
		"GET /orders/550e8400-e29b-41d4-a716-446655440000 200":                 "GET /orders/550e8400-e29b-41d4-a716-446655440000 200",
	} {
		if got := masked(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	rules, err := masking()
	if err != nil || len(rules) != 2 || !strings.Contains(rules[0].Value, `"type":"mask_sequences"`) {
		t.Errorf("%v, %v", rules, err)
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	a := valid()
	a.Environment, a.Cloud, a.Site, a.Replicas, a.Priority, a.Registry, a.Mesh = "Dev", "", "datadoghq.fr", 4, "", "https://x", "linkerd"
	a.Services, a.Doors, a.Keys, a.Tags = []string{"gone"}, nil, bridge.Source{}, nil
	err := a.Validate()
	for _, path := range []string{"environment:", "cloud:", "site:", "replicas:", "priority:", "registry:", "mesh:", "services:", "doors:", "keys:", "tags.team:"} {
		if err == nil || !strings.Contains("\n"+err.Error(), "\n"+path) {
			t.Errorf("%s is not named in\n%v", path, err)
		}
	}
}
