package ingress_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/internal/record"
	"platform/components/kubernetes/ingress"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "gateway", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

const (
	service  = "kubernetes:core/v1:Service ingress-service"
	access   = "kubernetes:security.istio.io/v1:AuthorizationPolicy ingress-access"
	proof    = "kubernetes:security.istio.io/v1:RequestAuthentication ingress-proof"
	routes   = "kubernetes:networking.istio.io/v1:VirtualService ingress-routes"
	pods     = "kubernetes:apps/v1:Deployment ingress-pods"
	flow     = "kubernetes:networking.k8s.io/v1:NetworkPolicy ingress-ingress"
	google   = "https://accounts.google.com"
	audience = "https://origin.dev.example.com/"
)

func text(s string) pulumi.StringOutput { return pulumi.String(s).ToStringOutput() }

func args() ingress.Args {
	return ingress.Args{
		Doors: gateway.Args{
			Domain: "dev.example.com", Tags: owned,
			Audiences: map[string]gateway.Audience{"mobile": {Auth: gateway.JWT}, "staff": {Auth: gateway.JWT}, "unused": {Auth: gateway.JWT}},
			Routes: []gateway.Route{
				{Service: "orders", Path: "/orders", Audiences: []string{"staff"}, Rate: 1, Burst: 1},
				{Service: "orders", Path: "/orders", Audiences: []string{"mobile"}, Rate: 2, Burst: 2},
				{Service: "accounts", Path: "/accounts", Audiences: []string{"mobile"}, Rate: 1, Burst: 1},
			},
		},
		Entrance: gateway.Entrance{NodePort: gateway.IngressPort, Sources: []string{"10.16.0.0/18"}},
		Replicas: 2, Mesh: workload.Istio, TrustDomain: "dev.dev.example.com", Issuer: "internal", Priority: "service",
	}
}

// published is a way by a public name, on which doors show tokens.
func published(a *ingress.Args) {
	a.Issuer = "public"
	a.Entrance = gateway.Entrance{
		Annotations: pulumi.StringMap{"balancer": pulumi.String("public")}, Published: true,
		Proof: &gateway.Proof{Issuer: google, Keys: "https://keys.example.com", Doors: map[string]gateway.DoorToken{}},
	}
	for name := range a.Doors.Audiences {
		a.Entrance.Proof.Doors[name] = gateway.DoorToken{Audience: audience + name, Subject: text("number-of-" + name)}
	}
}

func internal(a *ingress.Args) {
	a.Entrance = gateway.Entrance{Annotations: pulumi.StringMap{"address": text("10.0.63.254")}, Sources: []string{"10.0.0.0/20"}}
}

func recorded(t *testing.T, change func(*ingress.Args)) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		before := &pulumi.ResourceState{}
		if err := ctx.RegisterComponentResource("test:index:Before", "before", before); err != nil {
			return err
		}
		a := args()
		a.After = []pulumi.Resource{before}
		change(&a)
		made, err := ingress.New(ctx, "ingress", a)
		if err == nil && made.Ready == nil {
			t.Error("nothing says when it is ready")
		}
		return err
	})
}

func built(t *testing.T, change func(*ingress.Args)) record.Resources {
	t.Helper()
	got, err := recorded(t, change)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func asItIs(*ingress.Args) {}

func metadata(annotations values) values {
	labels := values{}
	for key, value := range owned {
		labels[key] = value
	}
	out := values{"name": "ingress", "namespace": "ingress", "labels": labels}
	if annotations != nil {
		out["annotations"] = annotations
	}
	return out
}

func TestTheServiceIsWhatTheDoorsLeadTo(t *testing.T) {
	selector := values{"app.kubernetes.io/name": "ingress"}
	for name, test := range map[string]struct {
		change      func(*ingress.Args)
		annotations values
		spec        values
	}{
		"a port of the nodes": {asItIs, nil, values{
			"type": "NodePort", "externalTrafficPolicy": "Cluster", "selector": selector,
			"ports": []any{values{"name": "https", "port": 443.0, "targetPort": 8443.0, "protocol": "TCP", "nodePort": 30043.0}},
		}},
		"an address within": {internal, values{"address": "10.0.63.254"}, values{
			"type": "LoadBalancer", "externalTrafficPolicy": "Local", "selector": selector, "loadBalancerSourceRanges": []any{"10.0.0.0/20"},
			"ports": []any{values{"name": "https", "port": 443.0, "targetPort": 8443.0, "protocol": "TCP"}},
		}},
		"a public name": {published, values{"balancer": "public", "external-dns.alpha.kubernetes.io/hostname": "origin.dev.example.com"}, values{
			"type": "LoadBalancer", "externalTrafficPolicy": "Local", "selector": selector,
			"ports": []any{values{"name": "https", "port": 443.0, "targetPort": 8443.0, "protocol": "TCP"}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			record.Exactly(t, built(t, test.change), service, values{
				"apiVersion": "v1", "kind": "Service", "metadata": metadata(test.annotations), "spec": test.spec,
			})
		})
	}
}

func rule(from values, audience string, paths []any, more ...any) values {
	return values{
		"from": []any{values{"source": from}}, "to": []any{values{"operation": values{"ports": []any{"8443"}, "paths": paths}}},
		"when": append([]any{values{"key": "request.headers[x-audience]", "values": []any{audience}}}, more...),
	}
}

func TestWhoComesIsToldByRangeOrToken(t *testing.T) {
	both, one := []any{"/accounts", "/accounts/*", "/orders", "/orders/*"}, []any{"/orders", "/orders/*"}
	selector := values{"matchLabels": values{"app.kubernetes.io/name": "ingress"}}
	got := built(t, asItIs)
	ranges := values{"ipBlocks": []any{"10.16.0.0/18"}}
	record.Exactly(t, got, access, values{
		"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": metadata(nil),
		"spec": values{"selector": selector, "rules": []any{rule(ranges, "mobile", both), rule(ranges, "staff", one)}},
	})
	if got[proof] != nil {
		t.Error("tokens are asked for that nobody shows")
	}
	got = built(t, published)
	by := func(name string) values { return values{"requestPrincipals": []any{google + "/number-of-" + name}} }
	token := func(name string) values {
		return values{"key": "request.auth.audiences", "values": []any{audience + name}}
	}
	record.Exactly(t, got, access, values{
		"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": metadata(nil),
		"spec": values{"selector": selector, "rules": []any{
			rule(by("mobile"), "mobile", both, token("mobile")), rule(by("staff"), "staff", one, token("staff")),
		}},
	})
	record.Exactly(t, got, proof, values{
		"apiVersion": "security.istio.io/v1", "kind": "RequestAuthentication", "metadata": metadata(nil),
		"spec": values{"selector": selector, "jwtRules": []any{values{
			"issuer": google, "jwksUri": "https://keys.example.com", "audiences": []any{audience + "mobile", audience + "staff", audience + "unused"},
		}}},
	})
}

func TestARouteIsOfItsPathAndAudiencesAlone(t *testing.T) {
	leads := func(name, service, path string, audiences ...string) values {
		var matches []any
		for _, audience := range audiences {
			headers := values{"x-audience": values{"exact": audience}}
			matches = append(matches, values{"uri": values{"exact": path}, "headers": headers}, values{"uri": values{"prefix": path + "/"}, "headers": headers})
		}
		return values{
			"name": name, "match": matches, "timeout": "30s", "retries": values{"attempts": 1.0, "retryOn": "connect-failure,refused-stream"},
			"route": []any{values{"destination": values{"host": service + "." + service + ".svc.cluster.local", "port": values{"number": 8080.0}}}},
		}
	}
	got := built(t, asItIs)
	record.Exactly(t, got, routes, values{
		"apiVersion": "networking.istio.io/v1", "kind": "VirtualService", "metadata": metadata(nil),
		"spec": values{"hosts": []any{"*"}, "gateways": []any{"ingress"}, "exportTo": []any{"."}, "http": []any{
			leads("accounts-accounts", "accounts", "/accounts", "mobile"), leads("orders-orders", "orders", "/orders", "mobile", "staff"),
		}},
	})
	record.Exactly(t, got, "kubernetes:networking.istio.io/v1:Gateway ingress-gateway", values{
		"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": metadata(nil),
		"spec": values{"selector": values{"app.kubernetes.io/name": "ingress"}, "servers": []any{values{
			"port": values{"number": 8443.0, "name": "https", "protocol": "HTTPS"}, "hosts": []any{"./*"},
			"tls": values{"mode": "SIMPLE", "serverCertificate": "/tls/tls.crt", "privateKey": "/tls/tls.key", "minProtocolVersion": "TLSV1_2"},
		}}},
	})
	if got := built(t, func(a *ingress.Args) { a.Doors.Routes = nil }); got[routes] != nil {
		t.Error("there are routes where nothing leads")
	}
}

func TestPodsAreTheProxyAndNothingElse(t *testing.T) {
	deployment := built(t, asItIs)[pods].Mappable()["spec"].(values)
	template := deployment["template"].(values)
	if deployment["replicas"] != 2.0 || template["metadata"].(values)["labels"].(values)["istio.io/dataplane-mode"] != "none" {
		t.Errorf("%v pods, with %v", deployment["replicas"], template["metadata"])
	}
	spec := template["spec"].(values)
	container := spec["containers"].([]any)[0].(values)
	if spec["serviceAccountName"] != "ingress" || spec["automountServiceAccountToken"] != false || !strings.Contains(container["image"].(string), "@sha256:") {
		t.Errorf("they run %v as %v", container["image"], spec["serviceAccountName"])
	}
	if n := len(spec["containers"].([]any)); n != 1 {
		t.Errorf("%d containers", n)
	}
}

func TestTheDoorsComeInAndNobodyElse(t *testing.T) {
	ingressed := built(t, asItIs)[flow].Mappable()["spec"].(values)
	from := ingressed["ingress"].([]any)[0].(values)
	if !reflect.DeepEqual(from["from"], []any{values{"ipBlock": values{"cidr": "10.16.0.0/18"}}}) {
		t.Errorf("whence they come: %v", from)
	}
	if out := ingressed["egress"].([]any); len(out) != 3 {
		t.Errorf("ways out: %v, want names, services and what controls the mesh", out)
	}
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*ingress.Args)
		want   []string
	}{
		"nothing is given": {func(a *ingress.Args) { *a = ingress.Args{} }, []string{
			`after: none is given`, `entrance.sources: value "[]"`, `issuer: value ""`, `mesh: value ""`, `priority: value ""`, `replicas: value 0: 1 to 20 is allowed`,
			`tags.team: value ""`, `trustDomain: value ""`,
		}},
		"everybody may come": {func(a *ingress.Args) { a.Entrance.Sources = []string{"0.0.0.0/0", "10.0.0.1/8"} }, []string{
			`entrance.sources[0]: value "0.0.0.0/0"`, `entrance.sources[1]: value "10.0.0.1/8"`,
		}},
		"a port of something else": {func(a *ingress.Args) { a.Entrance.NodePort = 443 }, []string{`entrance.nodePort: value 443: 30000 to 32767 is allowed`}},
		"a name without proof":     {func(a *ingress.Args) { a.Entrance = gateway.Entrance{Published: true} }, []string{`entrance.published: value "true"`}},
		"proof without a door's": {func(a *ingress.Args) {
			published(a)
			delete(a.Entrance.Proof.Doors, "staff")
			a.Entrance.Proof.Keys = "http://keys.example.com"
		}, []string{`entrance.proof.doors.staff: value ""`, `entrance.proof.keys: value "http://keys.example.com"`}},
		"no mesh": {func(a *ingress.Args) { a.Mesh = workload.NoMesh }, []string{`mesh: value "none": "istio" is allowed`}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := recorded(t, test.change)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%s is not in\n%v", want, err)
				}
			}
			for key := range got {
				if !strings.HasPrefix(key, "test:") {
					t.Errorf("registered: %s", key)
				}
			}
		})
	}
}

func TestItTellsHowItFares(t *testing.T) {
	target := ingress.Targets()["ingress"]
	container := built(t, asItIs)[pods].Mappable()["spec"].(values)["template"].(values)["spec"].(values)["containers"].([]any)[0].(values)
	if !slices.ContainsFunc(container["ports"].([]any), func(p any) bool { return p.(values)["containerPort"] == float64(target.Port) }) || target.Meshed {
		t.Errorf("asked is %+v", target)
	}
}
