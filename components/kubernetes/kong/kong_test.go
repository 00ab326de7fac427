package kong_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/internal/record"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/kong"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "gateway", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

func public(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func elliptical(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return public(t, key.Public())
}

func rivest(t *testing.T, bits int) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return public(t, key.Public())
}

func authority(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "partners"}, NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func doors(t *testing.T) gateway.Args {
	t.Helper()
	return gateway.Args{
		Domain: "dev.example.com", Zone: "Z0123456789ABCDEFGHIJ", Tags: owned,
		Audiences: map[string]gateway.Audience{
			"mobile": {Auth: gateway.JWT, Issuer: "https://login.example.com/", Audiences: []string{"app"}, Keys: map[string]string{
				"next": elliptical(t), "now": rivest(t, 2048),
			}},
			"partner": {Auth: gateway.MutualTLS, TrustStore: authority(t)},
			"shops":   {Auth: gateway.Key, Callers: []string{"acme", "globex"}},
		},
		Routes: []gateway.Route{
			{Service: "orders", Path: "/orders", Audiences: []string{"mobile", "partner", "shops"}, Rate: 301, Burst: 602},
			{Service: "orders", Path: "/orders/refunds", Audiences: []string{"mobile"}, Rate: 1, Burst: 2},
			{Service: "accounts", Path: "/accounts", Audiences: []string{"mobile"}, Rate: 100, Burst: 200},
		},
	}
}

func args(t *testing.T) kong.Args {
	t.Helper()
	return kong.Args{
		Doors: doors(t), Replicas: 2, Mesh: workload.NoMesh, Inside: []netip.Prefix{netip.MustParsePrefix("10.16.0.0/16"), netip.MustParsePrefix("198.18.0.0/16")},
		Issuer: "public", Priority: "service", Annotations: map[string]string{"cloud.example.com/balancer": "public"},
		Keys: map[string]bridge.Source{"shops": {
			Store: pulumi.Map{"vault": pulumi.Map{"url": pulumi.String("https://vault")}}, Key: pulumi.String("dev-ingress-shops"),
		}},
		Identity: pulumi.StringMap{"identity": pulumi.String("reads-keys")},
	}
}

func recorded(t *testing.T, a kong.Args) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		release := &pulumi.ResourceState{}
		if err := ctx.RegisterComponentResourceV2("test:release:Release", "release", pulumi.Map{}, release); err != nil {
			return err
		}
		if a.After == nil {
			a.After = []pulumi.Resource{release}
		}
		made, err := kong.New(ctx, "gateway", a)
		if err == nil && (len(made.Outputs.Endpoints) != len(a.Doors.Audiences) || len(made.Outputs.APIs) != 0) {
			t.Errorf("endpoints %v and APIs %v, want an endpoint for each audience and nothing that a cloud watches", made.Outputs.Endpoints, made.Outputs.APIs)
		}
		return err
	})
}

func labels(more ...string) values {
	out := values{}
	for key, value := range owned {
		out[key] = value
	}
	for i := 0; i < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

func pods(audience string) values {
	return values{"app.kubernetes.io/name": "kong", "app.kubernetes.io/instance": audience}
}

func TestADoorIsExactlyTheseObjects(t *testing.T) {
	a := args(t)
	a.Sources = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	got, err := recorded(t, a)
	if err != nil {
		t.Fatal(err)
	}
	metadata := func(name string) values { return values{"name": name, "namespace": "ingress", "labels": labels()} }
	service := metadata("shops")
	service["annotations"] = values{"cloud.example.com/balancer": "public", "external-dns.alpha.kubernetes.io/hostname": "shops.dev.example.com"}
	reader := metadata("keys")
	reader["annotations"] = values{"identity": "reads-keys"}
	for key, want := range map[string]values{
		"kubernetes:core/v1:Service gateway-shops-service": {
			"apiVersion": "v1", "kind": "Service", "metadata": service,
			"spec": values{
				"type": "LoadBalancer", "externalTrafficPolicy": "Local", "selector": pods("shops"), "loadBalancerSourceRanges": []any{"203.0.113.0/24"},
				"ports": []any{values{"name": "https", "port": 443, "targetPort": 8443, "protocol": "TCP"}},
			},
		},
		"kubernetes:networking.k8s.io/v1:NetworkPolicy gateway-shops-shops": {
			"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata("shops"),
			"spec": values{
				"podSelector": values{"matchLabels": pods("shops")}, "policyTypes": []any{"Ingress", "Egress"},
				"ingress": []any{
					values{"from": []any{values{"ipBlock": values{"cidr": "203.0.113.0/24"}}}, "ports": []any{values{"protocol": "TCP", "port": 8443}}},
					values{"from": []any{space("observability")}, "ports": []any{values{"protocol": "TCP", "port": 8100}}},
				},
				"egress": []any{
					values{"to": []any{values{
						"namespaceSelector": space("kube-system")["namespaceSelector"], "podSelector": values{"matchLabels": values{"k8s-app": "kube-dns"}},
					}}, "ports": []any{values{"protocol": "TCP", "port": 53}, values{"protocol": "UDP", "port": 53}}},
					values{"to": []any{space("orders")}, "ports": []any{values{"protocol": "TCP", "port": 8080}}},
				},
			},
		},
		"kubernetes:networking.k8s.io/v1:NetworkPolicy gateway-default-deny": {
			"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata("default-deny"),
			"spec": values{"podSelector": values{}, "policyTypes": []any{"Ingress", "Egress"}},
		},
		"kubernetes:cert-manager.io/v1:Certificate gateway-shops-certificate": {
			"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": metadata("shops"),
			"spec": values{
				"secretName": "shops-tls", "dnsNames": []any{"shops.dev.example.com"}, "usages": []any{"digital signature", "server auth"},
				"privateKey": values{"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
				"issuerRef":  values{"group": "cert-manager.io", "kind": "ClusterIssuer", "name": "public"},
			},
		},
		"kubernetes:policy/v1:PodDisruptionBudget gateway-shops-budget": {
			"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata("shops"),
			"spec": values{"maxUnavailable": 1, "selector": values{"matchLabels": pods("shops")}},
		},
		"kubernetes:core/v1:ServiceAccount gateway-account-ingress": {
			"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata("ingress"), "automountServiceAccountToken": false,
		},
		"kubernetes:core/v1:ServiceAccount gateway-account-keys": {
			"apiVersion": "v1", "kind": "ServiceAccount", "metadata": reader, "automountServiceAccountToken": false,
		},
	} {
		record.Exactly(t, got, key, want)
	}
	for typ, want := range map[string]int{
		"kubernetes:apps/v1:Deployment": 3, "kubernetes:core/v1:Service": 3, "kubernetes:core/v1:ConfigMap": 3, "kubernetes:core/v1:Secret": 0,
		"kubernetes:external-secrets.io/v1:ExternalSecret": 1, "kubernetes:external-secrets.io/v1:SecretStore": 1,
	} {
		if n := record.Count(got, typ); n != want {
			t.Errorf("%d of %s, want %d", n, typ, want)
		}
	}
}

func space(name string) values {
	return values{"namespaceSelector": values{"matchLabels": values{"kubernetes.io/metadata.name": name}}}
}

func TestWithoutSourcesTheInternetComesInAndNobodyFromInside(t *testing.T) {
	got, err := recorded(t, args(t))
	if err != nil {
		t.Fatal(err)
	}
	policy := got["kubernetes:networking.k8s.io/v1:NetworkPolicy gateway-mobile-mobile"].Mappable()
	rules, _ := policy["spec"].(values)["ingress"].([]any)
	record.Exactly(t, record.Resources{"rule": resource.NewPropertyMapFromMap(rules[0].(values))}, "rule", values{
		"from": []any{values{"ipBlock": values{"cidr": "0.0.0.0/0", "except": []any{
			"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/16",
		}}}}, "ports": []any{values{"protocol": "TCP", "port": 8443}},
	})
	if ranges := got["kubernetes:core/v1:Service gateway-mobile-service"].Mappable()["spec"].(values)["loadBalancerSourceRanges"]; ranges != nil {
		t.Errorf("ranges are named: %v", ranges)
	}
}

// Callers are not in the mesh: they come to the door's own port, and what goes on to services is carried.
func TestInAMeshTheWayToServicesIsItsTunnel(t *testing.T) {
	a := args(t)
	a.Mesh = workload.Istio
	got, err := recorded(t, a)
	if err != nil {
		t.Fatal(err)
	}
	labels := got["kubernetes:core/v1:Namespace gateway-namespace"].Mappable()["metadata"].(values)["labels"].(values)
	pod := got["kubernetes:apps/v1:Deployment gateway-shops-pods"].Mappable()["spec"].(values)["template"].(values)["metadata"].(values)["annotations"].(values)
	if labels["istio.io/dataplane-mode"] != "ambient" || pod["ambient.istio.io/bypass-inbound-capture"] != "true" {
		t.Errorf("the namespace is labelled %v, the pods annotated %v", labels, pod)
	}
	spec := got["kubernetes:networking.k8s.io/v1:NetworkPolicy gateway-shops-shops"].Mappable()["spec"].(values)
	tunnel := []any{values{"protocol": "TCP", "port": 15008}}
	record.Exactly(t, record.Resources{"out": resource.NewPropertyMapFromMap(spec["egress"].([]any)[1].(values))}, "out", values{
		"to": []any{space("orders")}, "ports": tunnel,
	})
	in := spec["ingress"].([]any)
	for i, want := range []values{
		{"from": in[0].(values)["from"], "ports": []any{values{"protocol": "TCP", "port": 8443}}},
		{"from": []any{space("observability")}, "ports": tunnel},
		{"from": []any{values{"ipBlock": values{"cidr": "169.254.7.127/32"}}}},
	} {
		record.Exactly(t, record.Resources{"in": resource.NewPropertyMapFromMap(in[i].(values))}, "in", want)
	}
}

func TestPodsAreRestrictedAndTheirSettingsAreThoseOfTheAudience(t *testing.T) {
	got, err := recorded(t, args(t))
	if err != nil {
		t.Fatal(err)
	}
	for audience, want := range map[string]values{
		"mobile":  {"KONG_UNTRUSTED_LUA": "sandbox", "KONG_UNTRUSTED_LUA_SANDBOX_REQUIRES": "kong.plugins.jwt.jwt_parser"},
		"partner": {"KONG_UNTRUSTED_LUA": "off", "KONG_NGINX_PROXY_SSL_VERIFY_CLIENT": "on", "KONG_NGINX_PROXY_SSL_CLIENT_CERTIFICATE": "/given/authorities.pem", "KONG_NGINX_PROXY_SSL_VERIFY_DEPTH": "3"},
		"shops":   {"KONG_UNTRUSTED_LUA": "off"},
	} {
		spec := template(t, got, audience)
		for key, value := range map[string]string{
			"KONG_DATABASE": "off", "KONG_ADMIN_LISTEN": "off", "KONG_ADMIN_GUI_LISTEN": "off", "KONG_PROXY_LISTEN": "0.0.0.0:8443 http2 ssl reuseport backlog=16384",
			"KONG_SSL_PROTOCOLS": "TLSv1.2 TLSv1.3", "KONG_STATUS_LISTEN": "0.0.0.0:8100", "KONG_PROXY_ACCESS_LOG": "/dev/stdout door",
			"KONG_DECLARATIVE_CONFIG": "/known/kong.yml",
		} {
			want[key] = value
		}
		said := values{}
		for _, e := range spec["containers"].([]any)[0].(values)["env"].([]any) {
			said[e.(values)["name"].(string)] = e.(values)["value"]
		}
		for key, value := range want {
			if said[key] != value {
				t.Errorf("%s: %s is %v, want %v", audience, key, said[key], value)
			}
		}
		if audience != "partner" && said["KONG_NGINX_PROXY_SSL_VERIFY_CLIENT"] != nil {
			t.Errorf("%s: certificates are asked for", audience)
		}
		all := append(slices.Clone(spec["initContainers"].([]any)), spec["containers"].([]any)...)
		if len(all) != 3 {
			t.Fatalf("%s: %d containers", audience, len(all))
		}
		for _, c := range all {
			record.Exactly(t, record.Resources{"c": resource.NewPropertyMapFromMap(c.(values)["securityContext"].(values))}, "c", values{
				"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true, "capabilities": values{"drop": []any{"ALL"}},
			})
			if image := c.(values)["image"].(string); !strings.Contains(image, "@sha256:") {
				t.Errorf("%s: image %s", audience, image)
			}
		}
		record.Exactly(t, record.Resources{"s": resource.NewPropertyMapFromMap(spec["securityContext"].(values))}, "s", values{
			"runAsNonRoot": true, "runAsUser": 1000, "runAsGroup": 1000, "fsGroup": 1000, "seccompProfile": values{"type": "RuntimeDefault"},
		})
		record.Exactly(t, record.Resources{"v": resource.NewPropertyMapFromMap(spec["volumes"].([]any)[0].(values))}, "v", values{
			"name": "given", "projected": values{"sources": []any{
				values{"configMap": values{"name": audience}}, values{"secret": values{"name": audience + "-keys", "optional": true}},
			}},
		})
		if spec["serviceAccountName"] != "ingress" || spec["automountServiceAccountToken"] != false || spec["priorityClassName"] != "service" || spec["shareProcessNamespace"] != true {
			t.Errorf("%s: %v", audience, spec)
		}
	}
}

func template(t *testing.T, got record.Resources, audience string) values {
	t.Helper()
	deployment := got["kubernetes:apps/v1:Deployment gateway-"+audience+"-pods"].Mappable()
	spec, _ := deployment["spec"].(values)
	if spec["replicas"] != 2.0 {
		t.Errorf("%s: replicas %v, want 2", audience, spec["replicas"])
	}
	template, _ := spec["template"].(values)
	inner, _ := template["spec"].(values)
	return inner
}

// Another configuration makes other pods: one that Kong refuses must not take the place of one that it knows.
func TestAnotherConfigurationMakesOtherPods(t *testing.T) {
	a := args(t)
	sums := map[string]string{}
	for _, rate := range []int{100, 150, 100} {
		a.Doors.Routes[2].Rate, a.Doors.Routes[2].Burst = rate, 2*rate
		got, err := recorded(t, a)
		if err != nil {
			t.Fatal(err)
		}
		for _, audience := range []string{"mobile", "partner"} {
			spec := got["kubernetes:apps/v1:Deployment gateway-"+audience+"-pods"].Mappable()["spec"].(values)
			sums[audience] += spec["template"].(values)["metadata"].(values)["annotations"].(values)["platform/configuration"].(string)[:8] + " "
		}
	}
	for audience, want := range map[string]bool{"mobile": false, "partner": true} {
		s := strings.Fields(sums[audience])
		if s[0] != s[2] || (s[0] == s[1]) != want {
			t.Errorf("%s: sums %v, want the second to be the same: %v", audience, s, want)
		}
	}
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	a := args(t)
	a.Replicas, a.Mesh, a.Issuer, a.Priority, a.After = 0, "cilium", "", "", []pulumi.Resource{}
	a.Sources = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("10.0.0.1/8")}
	a.Keys = map[string]bridge.Source{"mobile": {}}
	a.Doors.LogDays = 30
	a.Doors.Tags = owned.With(tags.Team, "")
	a.Doors.Routes[0].Burst = 301
	mobile := a.Doors.Audiences["mobile"]
	mobile.Keys = map[string]string{"a b": rivest(t, 1024), "private": "-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----\n"}
	mobile.Callers = []string{"acme"}
	a.Doors.Audiences["mobile"] = mobile
	a.Doors.Audiences["staff"] = gateway.Audience{Auth: gateway.JWT, Issuer: "https://staff.example.com/", Audiences: []string{"admin"}}
	a.Doors.Audiences["shops"] = gateway.Audience{Auth: gateway.Key, Callers: []string{"Acme", "x", "x"}}
	got, err := recorded(t, a)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`replicas: value 0: 1 to 20 is allowed`, `mesh: value "cilium": one of [istio none] is allowed`, `sources[0]: value "0.0.0.0/0"`, `sources[1]: value "10.0.0.1/8"`, `issuer: value "": a value is needed`,
		`priority: value "": a value is needed`, `after: none is given`, `keys.shops: value ""`, `keys.mobile: value "a source": nothing is allowed`,
		`routes./orders.burst: value "301": 602 is allowed`, `logDays: value "30": nothing is allowed: these doors log to their pods' output`,
		`audiences.mobile.keys: value "a b"`, `audiences.mobile.keys.a b: value "PEM": an RSA key of at least 2048 bits is allowed, this has 1024`,
		`audiences.mobile.keys.private: value "PEM": one PUBLIC KEY in PEM form`, `audiences.mobile.callers: value "[acme]": nothing is allowed with auth jwt`,
		`audiences.staff.keys: value "": at least one public key of the issuer must be set`, `audiences.shops.callers[0]: value "Acme"`,
		`audiences.shops.callers[2]: value "x"`, `tags.team: value ""`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hidden") {
		t.Errorf("a private key is in\n%v", err)
	}
	if n := record.Count(got, "platform:gateway:Gateway") + record.Count(got, "kubernetes:core/v1:Namespace"); n != 0 {
		t.Errorf("registered: %v", got)
	}
}
