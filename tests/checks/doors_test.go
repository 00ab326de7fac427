package checks_test

import (
	"strings"
	"testing"

	"platform/tests/checks"
	"platform/tests/cloud"
)

const knows = `_format_version: "3.0"
services:
  - name: orders
    protocol: http
    host: orders.orders.svc
    port: 8080
    routes: [{name: orders, protocols: [https], hosts: [mobile.example.com], paths: [/orders/]}]
plugins:
  - {name: jwt, config: {claims_to_verify: [exp]}}
  - {name: post-function, config: {access: [f]}}
  - {name: prometheus}
`

func door(typ string, inputs values) *cloud.Object {
	metadata := values{"name": "mobile", "namespace": "ingress"}
	inputs["metadata"] = metadata
	return &cloud.Object{Type: typ, Tags: whole, Inputs: inputs}
}

func pods(settings map[string]string) *cloud.Object {
	all := map[string]string{
		"KONG_ADMIN_LISTEN": "off", "KONG_ADMIN_GUI_LISTEN": "off", "KONG_DATABASE": "off", "KONG_PROXY_LISTEN": "0.0.0.0:8443 http2 ssl",
		"KONG_SSL_PROTOCOLS": "TLSv1.2 TLSv1.3", "KONG_PLUGINS": "jwt,post-function",
	}
	var env []any
	for name, value := range settings {
		all[name] = value
	}
	for name, value := range all {
		env = append(env, values{"name": name, "value": value})
	}
	return door("kubernetes:apps/v1:Deployment", values{"spec": values{"template": values{"spec": values{"containers": []any{values{"env": env}}}}}})
}

func configured(text string) *cloud.Object {
	return door("kubernetes:core/v1:ConfigMap", values{"data": values{"kong.yml": text, "authorities.pem": "PEM"}})
}

func filled(text string) *cloud.Object {
	return door("kubernetes:external-secrets.io/v1:ExternalSecret", values{"spec": values{"target": values{"template": values{"data": values{"kong.yml": text}}}}})
}

func balanced(namespace string, spec values) *cloud.Object {
	return &cloud.Object{Type: "kubernetes:core/v1:Service", Tags: whole, Inputs: values{"metadata": values{"namespace": namespace}, "spec": spec}}
}

func without(text string, lines ...string) string {
	for _, line := range lines {
		text = strings.Replace(text, line+"\n", "", 1)
	}
	return text
}

// TestEachMistakeOfADoorIsFound makes one mistake on purpose in each case, beside its whole twin.
func TestEachMistakeOfADoorIsFound(t *testing.T) {
	const key, function = "  - {name: jwt, config: {claims_to_verify: [exp]}}", "  - {name: post-function, config: {access: [f]}}"
	whole := []*cloud.Object{
		pods(nil), configured(knows), filled("keyauth_credentials: [key: {{ a }}]"), balanced("ingress", values{"type": "LoadBalancer", "ports": []any{values{"port": 443.0}}}),
		balanced("orders", values{"ports": []any{values{"port": 80.0}}}),
	}
	taggable := func(string) bool { return false }
	for _, f := range checks.All(whole, taggable) {
		t.Error(f)
	}
	for name, test := range map[string]struct {
		check string
		all   []*cloud.Object
	}{
		"a door in the clear":        {"doors", []*cloud.Object{pods(map[string]string{"KONG_PROXY_LISTEN": "0.0.0.0:8000, 0.0.0.0:8443 ssl"})}},
		"old TLS":                    {"doors", []*cloud.Object{pods(map[string]string{"KONG_SSL_PROTOCOLS": "TLSv1.1 TLSv1.2"})}},
		"an open interface":          {"doors", []*cloud.Object{pods(map[string]string{"KONG_ADMIN_LISTEN": "0.0.0.0:8001"})}},
		"what Kong does not know":    {"doors", []*cloud.Object{pods(nil), configured(knows + "acl: []\n")}},
		"no proof":                   {"doors", []*cloud.Object{pods(nil), configured(without(knows, key, function))}},
		"a token for anybody":        {"doors", []*cloud.Object{pods(nil), configured(without(knows, function))}},
		"certificates that may lack": {"doors", []*cloud.Object{pods(map[string]string{"KONG_NGINX_PROXY_SSL_VERIFY_CLIENT": "optional"}), configured(without(knows, key, function))}},
		"a key that is written down": {"doors", []*cloud.Object{filled("keyauth_credentials: [key: secret]")}},
		"a port beside":              {"exposure", []*cloud.Object{balanced("ingress", values{"type": "LoadBalancer", "ports": []any{values{"port": 443.0}, values{"port": 80.0}}})}},
		"a port on every node":       {"exposure", []*cloud.Object{balanced("orders", values{"type": "NodePort", "ports": []any{values{"port": 80.0}}})}},
	} {
		found := checks.All(test.all, taggable)
		if len(found) != 1 || found[0].Check != test.check {
			t.Errorf("%s: found %v, want one of %s", name, found, test.check)
		}
	}
	certificates := []*cloud.Object{pods(map[string]string{"KONG_NGINX_PROXY_SSL_VERIFY_CLIENT": "on"}), configured(without(knows, key, function))}
	if found := checks.All(certificates, taggable); len(found) != 0 {
		t.Errorf("a door of certificates: %v", found)
	}
}

// TestADoorsLoadBalancerMayBePublic, and what makes it one on each cloud is for a Service of the doors alone.
func TestADoorsLoadBalancerMayBePublic(t *testing.T) {
	group := func(source string) *cloud.Object {
		return &cloud.Object{Type: "azure-native:network:NetworkSecurityGroup", ID: "dev-private", Tags: whole, Inputs: values{"securityRules": []any{values{
			"direction": "Inbound", "access": "Allow", "sourceAddressPrefix": source, "destinationPortRange": "443",
		}}}}
	}
	service := balanced("ingress", values{"type": "LoadBalancer", "ports": []any{values{"port": 443.0}}})
	made := func(typ, of string) *cloud.Object {
		return &cloud.Object{Type: typ, Tags: whole, Props: values{"scheme": map[bool]string{true: "internet-facing", false: "EXTERNAL"}[typ == "elb:load-balancer"], "for": "Service " + of + "/mobile"}}
	}
	for name, test := range map[string]struct {
		all  []*cloud.Object
		want int
	}{
		"AWS, a door":                    {[]*cloud.Object{made("elb:load-balancer", "ingress")}, 0},
		"AWS, a service":                 {[]*cloud.Object{made("elb:load-balancer", "orders")}, 1},
		"Google Cloud, a door":           {[]*cloud.Object{made("compute:forwarding-rule", "ingress")}, 0},
		"Google Cloud, a service":        {[]*cloud.Object{made("compute:forwarding-rule", "orders")}, 1},
		"Azure, a door":                  {[]*cloud.Object{made("network:frontend", "ingress"), group("Internet"), service}, 0},
		"Azure, a service":               {[]*cloud.Object{made("network:frontend", "orders"), group("Internet"), service}, 1},
		"Azure, a door that is shut":     {[]*cloud.Object{made("network:frontend", "ingress"), group("VirtualNetwork"), service}, 1},
		"Azure, an opening for no door":  {[]*cloud.Object{group("Internet")}, 1},
		"Azure, a closed group, no door": {[]*cloud.Object{group("VirtualNetwork")}, 0},
	} {
		if found := checks.Exposure(test.all); len(found) != test.want {
			t.Errorf("%s: found %v, want %d", name, found, test.want)
		}
	}
}

// TestEachMistakeBehindTheDoorsIsFound makes one mistake on purpose in each case, beside its whole twin.
func TestEachMistakeBehindTheDoorsIsFound(t *testing.T) {
	of := func(typ string, spec values) *cloud.Object {
		return &cloud.Object{Type: typ, Tags: whole, Inputs: values{"metadata": values{"name": "ingress", "namespace": "ingress"}, "spec": spec}}
	}
	const networking, security = "kubernetes:networking.istio.io/v1:", "kubernetes:security.istio.io/v1:"
	served := func(protocol, oldest, host string) *cloud.Object {
		return of(networking+"Gateway", values{"servers": []any{values{
			"port": values{"protocol": protocol}, "hosts": []any{host}, "tls": values{"mode": "SIMPLE", "minProtocolVersion": oldest},
		}}})
	}
	lets := func(source values, when ...any) *cloud.Object {
		r := values{"when": when}
		if source != nil {
			r["from"] = []any{values{"source": source}}
		}
		return of(security+"AuthorizationPolicy", values{"rules": []any{r}})
	}
	audience := values{"key": "request.headers[x-audience]", "values": []any{"mobile"}}
	leads := func(match ...any) *cloud.Object {
		return of(networking+"VirtualService", values{"http": []any{values{"name": "orders", "match": match}}})
	}
	taggable := func(string) bool { return false }
	for _, f := range checks.All([]*cloud.Object{
		served("HTTPS", "TLSV1_2", "./*"), lets(values{"ipBlocks": []any{"10.0.0.0/20"}}, audience), lets(values{"requestPrincipals": []any{"issuer/1"}}, audience),
		leads(values{"uri": values{"exact": "/orders"}, "headers": values{"x-audience": values{"exact": "mobile"}}}),
		of(security+"RequestAuthentication", values{"jwtRules": []any{values{"issuer": "issuer", "audiences": []any{"door"}}}}),
	}, taggable) {
		t.Error(f)
	}
	for name, mistake := range map[string]*cloud.Object{
		"in the clear":         served("HTTP", "TLSV1_2", "./*"),
		"old TLS":              served("HTTPS", "TLSV1_0", "./*"),
		"routes of others":     served("HTTPS", "TLSV1_2", "*"),
		"anybody":              lets(nil, audience),
		"from everywhere":      lets(values{"ipBlocks": []any{"0.0.0.0/0"}}, audience),
		"with any token":       lets(values{"requestPrincipals": []any{"*"}}, audience),
		"by a namespace":       lets(values{"namespaces": []any{"orders"}}, audience),
		"as any audience":      lets(values{"ipBlocks": []any{"10.0.0.0/20"}}),
		"a route of all":       leads(),
		"a route of any":       leads(values{"uri": values{"exact": "/orders"}}),
		"a token for somebody": of(security+"RequestAuthentication", values{"jwtRules": []any{values{"issuer": "issuer"}}}),
	} {
		if found := checks.All([]*cloud.Object{mistake}, taggable); len(found) != 1 || found[0].Check != "doors" {
			t.Errorf("%s: found %v, want one of doors", name, found)
		}
	}
}
