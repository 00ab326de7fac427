package monitoring_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/monitoring"
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/kubernetes/workload"
	"platform/components/network"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "monitoring", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

func usual() monitoring.Args {
	way := network.At([]int{443}, "10.16.64.0/18")
	return monitoring.Args{
		Kind: watch.Prometheus, Environment: "dev", Cloud: "aws", Host: "monitoring.dev.example.com", Replicas: 2,
		RetentionDays: 15, StorageGiB: 50, MemoryMiB: 2048, StorageClass: "encrypted",
		SSO: monitoring.SSO{
			ClientID: "monitoring", AuthorizeURL: "https://login.example.com/authorize", TokenURL: "https://login.example.com/token",
			ProfileURL: "https://login.example.com/userinfo", Scopes: []string{"openid", "groups"},
			Secret: bridge.Source{Store: pulumi.Map{"cloud": pulumi.Map{}}, Key: pulumi.String("sso")},
		},
		Operators: []string{"platform-people"}, Viewers: []string{"ledger-people", "platform-people"},
		Priority: "observability", Mesh: workload.Istio, TrustDomain: "dev.example.com",
		Targets: map[string]workload.Target{
			"ledger":  {Namespace: "ledger", Pods: map[string]string{workload.Label: "ledger"}, Port: 9090, Meshed: true},
			"orders":  {Namespace: "orders", Pods: map[string]string{workload.Label: "orders"}, Port: 9090, Meshed: true},
			"ztunnel": {Namespace: "istio-nodes", Pods: map[string]string{"app": "ztunnel"}, Port: 15020, Path: "/stats/prometheus"},
			"cni":     {Namespace: "istio-nodes", Port: 15014},
		},
		Senders: []string{"ledger", "orders"},
		Collected: &monitoring.Collected{
			Logs: "http://loki.observability.svc:3100", Traces: "http://tempo.observability.svc:3200", Together: []int{3100, 3200}, Sent: 4317, Told: 8888,
		},
		Around: flows.Around{API: cluster.API{Way: way, From: way.Ranges}, Ways: map[string]network.Way{"sso": network.OverInternet(443)}},
		Tags:   owned,
	}
}

func build(t *testing.T, args monitoring.Args) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		made, err := monitoring.New(ctx, "monitoring", args)
		if err == nil && len(made.Ready) != 3+len(args.Targets) {
			t.Errorf("%d resources are ready, want three releases and each target", len(made.Ready))
		}
		return err
	})
}

func valuesOf(t *testing.T, got record.Resources, role string) values {
	t.Helper()
	made := got["kubernetes:helm.sh/v3:Release monitoring-"+role]
	if made == nil {
		t.Fatalf("%s is not released", role)
	}
	return made["values"].Mappable().(values)
}

func at(v any, path string) any {
	for key := range strings.SplitSeq(path, "/") {
		below, _ := v.(values)
		v = below[key]
	}
	return v
}

// same compares anything as record.Same does objects.
func same(t *testing.T, got, want any) {
	t.Helper()
	record.Same(t, values{"is": got}, values{"is": want})
}

func TestWhatItKeepsIsBoundedAndGoesWithIt(t *testing.T) {
	for _, replicas := range []int{1, 3} {
		args := usual()
		args.Replicas = replicas
		got, err := build(t, args)
		if err != nil {
			t.Fatal(err)
		}
		v := valuesOf(t, got, "release")
		volume := func(gib string) values {
			labels := values{}
			for key, value := range owned {
				labels[key] = value
			}
			return values{"volumeClaimTemplate": values{"metadata": values{"labels": labels}, "spec": values{
				"storageClassName": "encrypted", "accessModes": []any{"ReadWriteOnce"}, "resources": values{"requests": values{"storage": gib}},
			}}}
		}
		for path, want := range map[string]any{
			"prometheus/prometheusSpec/replicas": float64(replicas), "prometheus/prometheusSpec/retention": "15d",
			"prometheus/prometheusSpec/retentionSize": "40960MB", "prometheus/prometheusSpec/storageSpec": volume("50Gi"),
			"prometheus/prometheusSpec/persistentVolumeClaimRetentionPolicy":     values{"whenDeleted": "Delete", "whenScaled": "Retain"},
			"prometheus/prometheusSpec/resources":                                values{"requests": values{"cpu": "300m", "memory": "2048Mi"}, "limits": values{"memory": "2048Mi"}},
			"prometheus/prometheusSpec/priorityClassName":                        "observability",
			"prometheus/podDisruptionBudget":                                     values{"enabled": replicas > 1},
			"alertmanager/podDisruptionBudget":                                   values{"enabled": replicas > 1},
			"alertmanager/alertmanagerSpec/configSecret":                         "receivers",
			"alertmanager/alertmanagerSpec/useExistingSecret":                    true,
			"alertmanager/alertmanagerSpec/replicas":                             float64(replicas),
			"alertmanager/alertmanagerSpec/storage":                              volume("10Gi"),
			"alertmanager/alertmanagerSpec/persistentVolumeClaimRetentionPolicy": values{"whenDeleted": "Delete", "whenScaled": "Retain"},
		} {
			same(t, at(v, path), want)
		}
	}
}

// What a managed cluster hides would be missing for ever, and alert for ever.
func TestNobodyAsksForWhatTheCloudHides(t *testing.T) {
	got, err := build(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	v := valuesOf(t, got, "release")
	for _, hidden := range []string{"kubeControllerManager", "kubeScheduler", "kubeEtcd", "kubeProxy", "coreDns"} {
		same(t, at(v, hidden), values{"enabled": false})
	}
	same(t, at(v, "defaultRules/rules"), values{
		"alertmanager": false, "configReloaders": false, "etcd": false, "general": false, "kubeApiserverSlos": false, "kubeControllerManager": false,
		"kubeProxy": false, "kubeSchedulerAlerting": false, "kubeSchedulerRecording": false, "kubeStateMetrics": false, "kubernetesApps": false,
		"kubernetesResources": false, "kubernetesStorage": false, "kubernetesSystem": false, "network": false, "nodeExporterAlerting": false,
		"prometheus": false, "prometheusOperator": false, "windows": false,
	})
}

// Only the platform's own two namespaces say what is watched: whoever could elsewhere would be asked with Prometheus' rights.
func TestOnlyThePlatformSaysWhatIsWatched(t *testing.T) {
	got, err := build(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	v := valuesOf(t, got, "release")
	own := func(namespaces ...any) values {
		return values{"matchExpressions": []any{values{"key": "kubernetes.io/metadata.name", "operator": "In", "values": namespaces}}}
	}
	for _, kind := range []string{"rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig"} {
		same(t, at(v, "prometheus/prometheusSpec/"+kind+"NamespaceSelector"), own("observability", "observability-nodes"))
		same(t, at(v, "prometheus/prometheusSpec/"+kind+"SelectorNilUsesHelmValues"), false)
	}
	same(t, at(v, "alertmanager/alertmanagerSpec/alertmanagerConfigNamespaceSelector"), own("observability"))
	for _, kind := range at(v, "kube-state-metrics/collectors").([]any) {
		if kind == "secrets" || kind == "configmaps" {
			t.Errorf("it reads %v", kind)
		}
	}
}

func TestNobodySeesThePagesButByTheIssuer(t *testing.T) {
	got, err := build(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	v := valuesOf(t, got, "pages")
	same(t, at(v, "env"), values{"GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION": "true"})
	same(t, at(v, "envFromSecrets"), []any{values{"name": "sso", "optional": true}})
	for path, want := range map[string]any{
		"auth/disable_login_form": true, "auth.basic/enabled": false, "auth.anonymous/enabled": false,
		"auth.generic_oauth/allowed_groups":      "ledger-people,platform-people",
		"auth.generic_oauth/role_attribute_path": "contains(groups[*], 'platform-people') && 'Editor' || 'Viewer'",
		"auth.generic_oauth/client_secret":       nil, "auth.generic_oauth/allow_assign_grafana_admin": false,
	} {
		same(t, at(at(v, "grafana.ini"), path), want)
	}
	same(t, got["kubernetes:external-secrets.io/v1:ExternalSecret monitoring-sso-secret"].Mappable()["spec"].(values)["target"].(values)["template"].(values)["data"],
		values{"GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET": "{{ .value }}"})
}

// Each pod is one target, at its port, whatever its containers name.
func TestEachTargetIsAsked(t *testing.T) {
	got, err := build(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	if n := record.Count(got, "kubernetes:monitoring.coreos.com/v1:PodMonitor"); n != 4 {
		t.Errorf("%d targets, want 4", n)
	}
	same(t, got["kubernetes:monitoring.coreos.com/v1:PodMonitor monitoring-target-ztunnel"].Mappable()["spec"], values{
		"namespaceSelector": values{"matchNames": []any{"istio-nodes"}}, "selector": values{"matchLabels": values{"app": "ztunnel"}}, "sampleLimit": 20000.0,
		"podMetricsEndpoints": []any{values{"path": "/stats/prometheus", "relabelings": []any{
			values{"sourceLabels": []any{"__meta_kubernetes_pod_ip"}, "targetLabel": "__address__", "replacement": "$1:15020"},
			values{"targetLabel": "job", "replacement": "ztunnel"},
			values{"sourceLabels": []any{"__address__"}, "targetLabel": "instance", "replacement": "$1"},
			values{"targetLabel": "container", "replacement": ""}, values{"targetLabel": "endpoint", "replacement": ""},
		}}},
	})
}

// In a mesh all goes through its tunnel, and the mesh says who comes; without one it is the ports that say so.
func TestItIsClosedButForWhomItAsksAndWhoTellsIt(t *testing.T) {
	for mesh, tunnel := range map[workload.MeshKind]bool{workload.Istio: true, workload.NoMesh: false} {
		args := usual()
		args.Mesh = mesh
		if !tunnel {
			for name, target := range args.Targets {
				target.Meshed = false
				args.Targets[name] = target
			}
		}
		got, err := build(t, args)
		if err != nil {
			t.Fatal(err)
		}
		ports := func(all ...float64) []any {
			if tunnel {
				all = []float64{15008}
			}
			var out []any
			for _, p := range all {
				out = append(out, values{"protocol": "TCP", "port": p})
			}
			return out
		}
		space := func(names ...string) []any {
			var out []any
			for _, name := range names {
				out = append(out, values{"namespaceSelector": values{"matchLabels": values{"kubernetes.io/metadata.name": name}}})
			}
			return out
		}
		gossip := values{"protocol": "UDP", "port": 9094.0}
		itself := []any{values{"podSelector": values{}}}
		ingress := []any{
			values{"from": itself, "ports": append(ports(3000, 8080, 9090, 9093, 9094, 3100, 3200), gossip)},
			values{"from": space("ledger", "orders"), "ports": ports(4317, 4318)},
			values{"from": space("observability-nodes"), "ports": ports(4317)},
		}
		if tunnel {
			ingress[1] = values{"from": space("ledger", "observability-nodes", "orders"), "ports": ports()}
			ingress = ingress[:2]
		}
		if tunnel {
			ingress = append(ingress, values{"from": []any{values{"ipBlock": values{"cidr": "169.254.7.127/32"}}}})
		}
		same(t, got["kubernetes:networking.k8s.io/v1:NetworkPolicy monitoring-ingress"].Mappable()["spec"].(values)["ingress"], ingress)
		egress := got["kubernetes:networking.k8s.io/v1:NetworkPolicy monitoring-egress"].Mappable()["spec"].(values)["egress"].([]any)
		same(t, egress[3:], []any{
			values{"to": itself, "ports": append(ports(3000, 8080, 9090, 9093, 9094, 3100, 3200), gossip)},
			values{"to": space("istio-nodes"), "ports": []any{values{"protocol": "TCP", "port": 15014.0}, values{"protocol": "TCP", "port": 15020.0}}},
			values{"to": space("ledger", "orders"), "ports": ports(9090)},
			values{"ports": []any{values{"protocol": "TCP", "port": 10250.0}, values{"protocol": "TCP", "port": 9100.0}}},
		})
		admitted := got["kubernetes:security.istio.io/v1:AuthorizationPolicy monitoring-callers"]
		if (admitted != nil) != tunnel {
			t.Errorf("%s: the mesh lets in: %v", mesh, admitted)
		}
		if !tunnel {
			continue
		}
		same(t, admitted.Mappable()["spec"], values{"rules": []any{
			values{
				"from": []any{values{"source": values{"namespaces": []any{"observability"}}}},
				"to":   []any{values{"operation": values{"ports": []any{"3000", "8080", "9090", "9093", "9094", "3100", "3200"}}}},
			},
			values{
				"from": []any{values{"source": values{"principals": []any{"dev.example.com/ns/ledger/sa/ledger", "dev.example.com/ns/orders/sa/orders"}}}},
				"to":   []any{values{"operation": values{"ports": []any{"4317", "4318"}}}},
			},
			values{
				"from": []any{values{"source": values{"namespaces": []any{"observability-nodes"}}}},
				"to":   []any{values{"operation": values{"ports": []any{"4317"}}}},
			},
		}})
		same(t, got["kubernetes:security.istio.io/v1:AuthorizationPolicy monitoring-nodes-callers"].Mappable()["spec"], values{"rules": []any{values{
			"from": []any{values{"source": values{"namespaces": []any{"observability"}}}}, "to": []any{values{"operation": values{"ports": []any{"8888"}}}},
		}}})
	}
}

// Where nobody takes traces and logs, no service may come, what is on the nodes talks to nobody, and the pages ask nobody for them.
func TestWithoutCollectorsNobodyTellsOfHimself(t *testing.T) {
	args := usual()
	args.Collected = nil
	got, err := build(t, args)
	if err != nil {
		t.Fatal(err)
	}
	if ingress := got["kubernetes:networking.k8s.io/v1:NetworkPolicy monitoring-ingress"].Mappable()["spec"].(values)["ingress"].([]any); len(ingress) != 2 {
		t.Errorf("who comes in: %v", ingress)
	}
	for _, none := range []string{
		"kubernetes:security.istio.io/v1:AuthorizationPolicy monitoring-nodes-callers", "kubernetes:networking.k8s.io/v1:NetworkPolicy monitoring-nodes-ingress",
	} {
		if got[none] != nil {
			t.Errorf("%s is there", none)
		}
	}
	if sources := at(valuesOf(t, got, "pages"), "datasources").(values)["datasources.yaml"].(values)["datasources"].([]any); len(sources) != 2 {
		t.Errorf("%d sources, want metrics and alerts", len(sources))
	}
}

// From a line to its trace, and from a trace to its lines.
func TestLogsAndTracesLeadToEachOther(t *testing.T) {
	got, err := build(t, usual())
	if err != nil {
		t.Fatal(err)
	}
	sources := at(valuesOf(t, got, "pages"), "datasources").(values)["datasources.yaml"].(values)["datasources"].([]any)
	same(t, sources[2], values{
		"name": "Logs", "type": "loki", "uid": "loki", "url": "http://loki.observability.svc:3100", "access": "proxy", "isDefault": false,
		"jsonData": values{"derivedFields": []any{values{
			"name": "trace", "matcherType": "label", "matcherRegex": "trace_id", "datasourceUid": "tempo", "url": "$${__value.raw}",
		}}},
	})
	same(t, at(sources[3], "jsonData/tracesToLogsV2/datasourceUid"), "loki")
	same(t, at(sources[3], "url"), "http://tempo.observability.svc:3200")
}

func TestEveryFaultIsNamed(t *testing.T) {
	args := usual()
	args.Kind, args.Host, args.Replicas, args.RetentionDays, args.StorageGiB, args.MemoryMiB = watch.None, "Pages", 9, 0, 1, 1
	args.SSO = monitoring.SSO{AuthorizeURL: "http://login.example.com"}
	args.Operators, args.Viewers, args.Mesh = []string{"it's"}, nil, "linkerd"
	args.Targets = map[string]workload.Target{"A": {Namespace: "", Port: 0, Path: "metrics"}}
	args.Tags = tags.Set{}
	args.Collected = &monitoring.Collected{Logs: "loki", Traces: "https://tempo", Sent: 4317}
	got, err := build(t, args)
	for _, want := range []string{
		`kind: value "none"`, `host: value "Pages"`, "replicas: value 9: 1 to 3 is allowed", "retentionDays: value 0", "storageGiB: value 1", "memoryMiB: value 1",
		"sso.clientID", `sso.authorizeURL: value "http://login.example.com"`, "sso.tokenURL", "sso.profileURL", "sso.scopes", "sso.secret",
		`operators[0]: value "it's"`, "viewers: ", `mesh: value "linkerd"`, `targets.A: value "A"`, "targets.A.namespace", "targets.A.port: value 0",
		`targets.A.path: value "metrics"`, "tags.team", `collected.logs: value "loki": a URL is allowed`, "collected: port 0: 1 to 65535 is allowed",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if len(got) != 0 {
		t.Errorf("registered: %v", got)
	}
}
