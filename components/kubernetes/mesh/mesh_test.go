package mesh_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/mesh"
	"platform/components/kubernetes/workload"
	"platform/components/network"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "mesh", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

func labels() values {
	out := values{}
	for key, value := range owned {
		out[key] = value
	}
	return out
}

func recorded(t *testing.T, change func(*mesh.Args)) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		issuer := &pulumi.ResourceState{}
		if err := ctx.RegisterComponentResource("test:index:Issuer", "issuer", issuer); err != nil {
			return err
		}
		args := mesh.Args{
			Kind: workload.Istio, Replicas: 2, TrustDomain: "dev.example.com", PluginFolder: "/opt/cni/bin",
			Issuers: []pulumi.Resource{issuer}, Around: flows.Around{API: cluster.API{Way: network.At([]int{443}, "10.16.64.0/18")}}, Tags: owned,
		}
		change(&args)
		made, err := mesh.New(ctx, "mesh", args)
		if err == nil && len(made.Ready) != 6 {
			t.Errorf("%d are ready, want four charts and two policies", len(made.Ready))
		}
		return err
	})
}

func asItIs(*mesh.Args) {}

func released(name, chart, namespace string, v values) values {
	return values{
		"name": name, "chart": chart, "version": "1.31.0", "repositoryOpts": values{"repo": "https://istio-release.storage.googleapis.com/charts"},
		"namespace": namespace, "createNamespace": false, "atomic": true, "skipAwait": false, "cleanupOnFail": true, "timeout": 300, "maxHistory": 5,
		"compat": "true", "values": v,
	}
}

func size(cpu, memory string) values {
	return values{"requests": values{"cpu": cpu, "memory": memory}, "limits": values{"memory": memory}}
}

func TestTheChartsHaveExactlyTheseValues(t *testing.T) {
	got, err := recorded(t, asItIs)
	if err != nil {
		t.Fatal(err)
	}
	placed := got[chart.Token+" mesh-control"].Mappable()["values"].(values)
	if placed["nodeSelector"] == nil || placed["tolerations"] == nil {
		t.Errorf("what controls it is not placed in the system pool: %v", placed)
	}
	record.Exactly(t, got, chart.Token+" mesh-base", released("istio-base", "base", "istio-system", values{
		"defaultRevision": "", "global": values{"enableReaderRBAC": false},
	}))
	record.Exactly(t, got, chart.Token+" mesh-control", released("istiod", "istiod", "istio-system", values{
		"nodeSelector": placed["nodeSelector"], "tolerations": placed["tolerations"],
		"autoscaleEnabled": false, "replicaCount": 2, "resources": size("200m", "1536Mi"), "seccompProfile": values{"type": "RuntimeDefault"},
		"topologySpreadConstraints": []any{values{
			"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
			"labelSelector": values{"matchLabels": values{"app": "istiod"}},
		}},
		"trustedZtunnelNamespace": "istio-nodes", "podLabels": labels(), "meshConfig": values{"trustDomain": "dev.example.com"},
		"env": values{
			"PILOT_ENABLE_AMBIENT": "true", "PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER": "false",
			"PILOT_SCOPE_GATEWAY_TO_NAMESPACE": "true",
			"INJECT_ENABLED":                   "false", "INJECTION_WEBHOOK_CONFIG_NAME": "", "VALIDATION_WEBHOOK_CONFIG_NAME": "",
		},
		"global": values{
			"variant": "distroless", "priorityClassName": "system-cluster-critical", "enableReaderRBAC": false, "configValidation": false,
			"operatorManageWebhooks": true, "omitSidecarInjectorConfigMap": true,
		},
		"volumes":      []any{values{"name": "authority", "secret": values{"secretName": "cacerts"}}},
		"volumeMounts": []any{values{"name": "authority", "mountPath": "/etc/authority", "readOnly": true}},
	}))
	record.Exactly(t, got, chart.Token+" mesh-node", released("istio-cni", "cni", "istio-nodes", values{
		"cniBinDir": "/opt/cni/bin", "ambient": values{"enabled": true, "dnsCapture": false}, "repair": values{"enabled": false},
		"useAppArmorAnnotation": false, "resourceQuotas": values{"enabled": true}, "podLabels": labels(), "resources": size("50m", "128Mi"),
		"global": values{"variant": "distroless"},
	}))
	record.Exactly(t, got, chart.Token+" mesh-tunnel", released("ztunnel", "ztunnel", "istio-nodes", values{
		"variant": "distroless", "istioNamespace": "istio-system", "resourceQuotas": values{"enabled": true}, "podLabels": labels(),
		"resources": size("100m", "256Mi"),
	}))
}

func TestTheMeshIsStrictAndClosedAndItsKeyStaysInTheCluster(t *testing.T) {
	got, err := recorded(t, asItIs)
	if err != nil {
		t.Fatal(err)
	}
	in := func(name string) values {
		return values{"name": name, "namespace": "istio-system", "labels": labels()}
	}
	for key, want := range map[string]values{
		"kubernetes:security.istio.io/v1:PeerAuthentication mesh-default": {
			"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication", "metadata": in("default"), "spec": values{"mtls": values{"mode": "STRICT"}},
		},
		"kubernetes:security.istio.io/v1:AuthorizationPolicy mesh-default-deny": {
			"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": in("default-deny"), "spec": values{},
		},
		"kubernetes:cert-manager.io/v1:Certificate mesh-authority": {
			"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": in("cacerts"), "spec": values{
				"isCA": true, "commonName": "platform mesh", "secretName": "cacerts", "duration": "2160h", "renewBefore": "720h",
				"privateKey": values{"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
				"issuerRef":  values{"group": "cert-manager.io", "kind": "ClusterIssuer", "name": "internal"},
			},
		},
		"kubernetes:core/v1:ResourceQuota mesh-critical": {
			"apiVersion": "v1", "kind": "ResourceQuota", "metadata": in("critical"), "spec": values{
				"hard": values{"pods": "4"}, "scopeSelector": values{"matchExpressions": []any{values{
					"scopeName": "PriorityClass", "operator": "In", "values": []any{"system-cluster-critical"},
				}}},
			},
		},
	} {
		record.Exactly(t, got, key, want)
	}
	if n := record.Count(got, "kubernetes:core/v1:Secret"); n != 0 {
		t.Errorf("%d secrets are in the state", n)
	}
	for role, want := range map[string][2]string{"control": {"istio-system", "restricted"}, "nodes": {"istio-nodes", "privileged"}} {
		space := got["kubernetes:core/v1:Namespace mesh-"+role+"-namespace"].Mappable()["metadata"].(values)
		if level := space["labels"].(values)["pod-security.kubernetes.io/enforce"]; space["name"] != want[0] || level != want[1] {
			t.Errorf("the namespace is %v with level %v, want %v", space["name"], level, want)
		}
		for _, policy := range []string{"default-deny", "ingress", "egress"} {
			if got["kubernetes:networking.k8s.io/v1:NetworkPolicy mesh-"+role+"-"+policy] == nil {
				t.Errorf("the namespace %s has no policy %s", want[0], policy)
			}
		}
	}
}

func TestOfAServiceExactlyItsCallersComeIn(t *testing.T) {
	got, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		parent := &pulumi.ResourceState{}
		if err := ctx.RegisterComponentResource("test:index:Service", "service", parent); err != nil {
			return err
		}
		for name, callers := range map[string]mesh.Callers{
			"ledger": {CalledBy: []string{"payments", "admin"}}, "orders": {Routed: true}, "reports": {},
		} {
			callers.Namespace, callers.TrustDomain, callers.Tags = pulumi.String(name), "dev.example.com", owned
			if _, err := mesh.Admit(ctx, name, callers, parent, nil); err != nil {
				return err
			}
		}
		for _, entry := range []mesh.Entry{
			{Ports: []int{1}}, {Services: []string{"a"}}, {Services: []string{"a"}, Namespaces: []string{"b"}, Ports: []int{1}},
		} {
			if _, err := mesh.Open(ctx, "everybody", mesh.Opening{
				Name: "some", Namespace: pulumi.String("some"), Entries: []mesh.Entry{entry}, TrustDomain: "dev.example.com", Tags: owned,
			}, parent, nil); err == nil || !strings.Contains(err.Error(), "entries[0]") {
				t.Errorf("%v is let in: %v", entry, err)
			}
		}
		if _, err := mesh.Admit(ctx, "nowhere", mesh.Callers{Namespace: pulumi.String("nowhere"), Tags: owned}, parent, nil); err == nil {
			t.Error("without a trust domain identities of every mesh would come in")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	metrics := values{
		"from": []any{values{"source": values{"namespaces": []any{"observability"}}}}, "to": []any{values{"operation": values{"ports": []any{"9090"}}}},
	}
	who := func(principals ...any) values {
		return values{"from": []any{values{"source": values{"principals": principals}}}, "to": []any{values{"operation": values{"ports": []any{"8080"}}}}}
	}
	for name, rules := range map[string][]any{
		"ledger":  {who("dev.example.com/ns/admin/sa/admin", "dev.example.com/ns/payments/sa/payments"), metrics},
		"orders":  {who("dev.example.com/ns/ingress/sa/ingress"), metrics},
		"reports": {metrics},
	} {
		record.Exactly(t, got, "kubernetes:security.istio.io/v1:AuthorizationPolicy "+name+"-callers", values{
			"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
			"metadata": values{"name": "callers", "namespace": name, "labels": labels()}, "spec": values{"rules": rules},
		})
	}
}

func TestNamespacesAreInTheMeshByALabel(t *testing.T) {
	if got := workload.MeshLabels(workload.Istio)["istio.io/dataplane-mode"]; got != "ambient" {
		t.Errorf("the label says %q", got)
	}
	if got := workload.MeshLabels(workload.NoMesh); len(got) != 0 {
		t.Errorf("without a mesh there are labels: %v", got)
	}
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	got, err := recorded(t, func(a *mesh.Args) { *a = mesh.Args{Kind: workload.NoMesh, TrustDomain: "Dev", PluginFolder: "bin"} })
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`kind: value "none": "istio" is allowed`, "replicas: value 0: 1 to 5 is allowed", `trustDomain: value "Dev"`, `pluginFolder: value "bin"`,
		"issuers: value []", `tags.team: value ""`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	for key := range got {
		if !strings.HasPrefix(key, "test:") {
			t.Errorf("registered: %s", key)
		}
	}
}
