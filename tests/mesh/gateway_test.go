package mesh

import (
	"net/netip"
	"testing"

	"platform/tests/cloud"
)

const google, origin = "https://accounts.google.com", "https://origin.example.com/mobile"

func edge() Target {
	return Target{Namespace: "ingress", Labels: map[string]string{"app": "ingress", modeLabel: "none"}, Port: 8443}
}

var atEdge = values{"matchLabels": values{"app": "ingress"}}

func proofIn(namespace string, rules ...any) *cloud.Object {
	return policy("RequestAuthentication", namespace, values{"selector": atEdge, "jwtRules": rules})
}

func shown(audiences ...any) values {
	return values{"issuer": google, "jwksUri": "https://www.googleapis.com/oauth2/v3/certs", "audiences": audiences}
}

func allowed(rules ...any) *cloud.Object {
	return accessIn("ingress", values{"selector": atEdge, "rules": rules})
}

func byToken(subject string) values {
	return values{
		"from": []any{values{"source": values{"requestPrincipals": []any{google + "/" + subject}}}},
		"to":   []any{values{"operation": values{"ports": []any{"8443"}, "paths": []any{"/orders", "/orders/*"}}}},
		"when": []any{
			values{"key": "request.headers[x-audience]", "values": []any{"mobile"}}, values{"key": "request.auth.audiences", "values": []any{origin}},
		},
	}
}

// TestWhoComesToTheEdgeIsToldByAddressOrToken: each case says who comes, and whether he is let in.
func TestWhoComesToTheEdgeIsToldByAddressOrToken(t *testing.T) {
	door := Token{Issuer: google, Subject: "1", Audience: origin}
	closed := accessIn(Root, values{})
	tokens := []*cloud.Object{closed, proofIn("ingress", shown(origin)), allowed(byToken("1"))}
	addresses := []*cloud.Object{closed, allowed(values{
		"from": []any{values{"source": values{"ipBlocks": []any{"10.0.0.0/24"}}}},
		"when": []any{values{"key": "request.headers[x-audience]", "values": []any{"mobile"}}},
	})}
	ask := func(change func(*Request)) Request {
		r := Request{From: netip.MustParseAddr("10.0.0.7"), Path: "/orders/7", Headers: map[string]string{"x-audience": "mobile"}, Token: &door}
		change(&r)
		return r
	}
	for name, test := range map[string]struct {
		objects []*cloud.Object
		change  func(*Request)
		want    string
	}{
		"the door":                     {tokens, func(*Request) {}, ""},
		"the path itself":              {tokens, func(r *Request) { r.Path = "/orders" }, ""},
		"a path that begins alike":     {tokens, func(r *Request) { r.Path = "/orders-old" }, "no policy allows it"},
		"without a token":              {tokens, func(r *Request) { r.Token = nil }, "no policy allows it"},
		"another account's token":      {tokens, func(r *Request) { r.Token = &Token{google, "2", origin} }, "no policy allows it"},
		"a token for somebody else":    {tokens, func(r *Request) { r.Token = &Token{google, "1", "https://elsewhere.example.com"} }, "its token is of another issuer or for somebody else"},
		"another issuer's token":       {tokens, func(r *Request) { r.Token = &Token{"https://issuer.example.com", "1", origin} }, "its token is of another issuer or for somebody else"},
		"as another audience":          {tokens, func(r *Request) { r.Headers = map[string]string{"x-audience": "staff"} }, "no policy allows it"},
		"as no audience":               {tokens, func(r *Request) { r.Headers = nil }, "no policy allows it"},
		"a token that nobody looks at": {[]*cloud.Object{closed, allowed(byToken("1"))}, func(*Request) {}, "no policy allows it"},
		"nobody is named":              {[]*cloud.Object{closed, proofIn("ingress", shown(origin))}, func(*Request) {}, "no policy allows it"},
		"nothing is closed":            {[]*cloud.Object{proofIn("ingress", shown(origin))}, func(r *Request) { r.Token = nil }, ""},
		"from its range":               {addresses, func(r *Request) { r.Token = nil }, ""},
		"from elsewhere":               {addresses, func(r *Request) { r.From = netip.MustParseAddr("10.0.1.7") }, "no policy allows it"},
		"a policy denies": {append(addresses, accessIn("ingress", values{"action": "DENY", "rules": []any{values{
			"to": []any{values{"operation": values{"paths": []any{"/orders/7"}}}},
		}}})), func(*Request) {}, "a policy denies it"},
	} {
		m, err := Of(test.objects)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if passes, why := m.Passes(ask(test.change), edge()); passes != (test.want == "") || why != test.want {
			t.Errorf("%s: %v %q, want %q", name, passes, why, test.want)
		}
	}
}

func TestTheFirstRouteThatFitsLeads(t *testing.T) {
	networking := func(kind, namespace, name string, spec values) *cloud.Object {
		return &cloud.Object{Type: "kubernetes:networking.istio.io/v1:" + kind, Inputs: values{"metadata": values{"namespace": namespace, "name": name}, "spec": spec}}
	}
	served := networking("Gateway", "ingress", "ingress", values{"selector": values{"app": "ingress"}, "servers": []any{values{
		"port": values{"number": 8443.0, "name": "https", "protocol": "HTTPS"}, "hosts": []any{"./*"},
		"tls": values{"mode": "SIMPLE", "serverCertificate": "/tls/tls.crt", "privateKey": "/tls/tls.key"},
	}}})
	to := func(host string, matches ...any) values {
		return values{"match": matches, "route": []any{values{"destination": values{"host": host, "port": values{"number": 8080.0}}}}}
	}
	of := func(prefix, audience string) values {
		return values{"uri": values{"prefix": prefix}, "headers": values{"x-audience": values{"exact": audience}}}
	}
	routes := func(namespace string, http ...any) *cloud.Object {
		return networking("VirtualService", namespace, "routes", values{"hosts": []any{"*"}, "gateways": []any{"ingress/ingress"}, "http": http})
	}
	for name, test := range map[string]struct {
		objects []*cloud.Object
		want    string
	}{
		"a route":                 {[]*cloud.Object{served, routes("ingress", to("orders", of("/orders/", "mobile")))}, "orders"},
		"another audience's":      {[]*cloud.Object{served, routes("ingress", to("orders", of("/orders/", "staff")))}, ""},
		"the first of two":        {[]*cloud.Object{served, routes("ingress", to("a", of("/orders/", "mobile")), to("b", of("/", "mobile")))}, "a"},
		"of another namespace":    {[]*cloud.Object{served, routes("orders", to("orders", of("/orders/", "mobile")))}, ""},
		"nobody serves at a port": {[]*cloud.Object{routes("ingress", to("orders", of("/orders/", "mobile")))}, ""},
	} {
		m, err := Of(test.objects)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		host, _, why := m.Leads(Request{Path: "/orders/7", Headers: map[string]string{"x-audience": "mobile"}}, edge())
		if host != test.want || (why == "") != (test.want != "") {
			t.Errorf("%s: %q (%s), want %q", name, host, why, test.want)
		}
	}
}
