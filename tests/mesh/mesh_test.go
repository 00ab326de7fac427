package mesh

import (
	"strings"
	"testing"

	"platform/tests/cloud"
)

type values = map[string]any

func space(name, mode string) *cloud.Object {
	return &cloud.Object{Type: "kubernetes:core/v1:Namespace", Inputs: values{"metadata": values{"name": name, "labels": values{"istio.io/dataplane-mode": mode}}}}
}

func policy(kind, namespace string, spec values) *cloud.Object {
	return &cloud.Object{Type: "kubernetes:security.istio.io/v1:" + kind, Inputs: values{"metadata": values{"namespace": namespace}, "spec": spec}}
}

func peerIn(namespace string, spec values) *cloud.Object {
	return policy("PeerAuthentication", namespace, spec)
}

func accessIn(namespace string, spec values) *cloud.Object {
	return policy("AuthorizationPolicy", namespace, spec)
}

func strictMesh() *cloud.Object { return peerIn(Root, values{"mtls": values{"mode": "STRICT"}}) }

func lets(source, operation values) values {
	r := values{}
	if source != nil {
		r["from"] = []any{values{"source": source}}
	}
	if operation != nil {
		r["to"] = []any{values{"operation": operation}}
	}
	return r
}

const orders, stranger = "dev/ns/orders/sa/orders", "dev/ns/stranger/sa/stranger"

// TestPoliciesMeanWhatTheProxyMakesOfThem: each case adds policies to a strict mesh in which ledger is, and says whether
// orders, a stranger and somebody in the clear come to its port 8080.
func TestPoliciesMeanWhatTheProxyMakesOfThem(t *testing.T) {
	byOrders := values{"principals": []any{orders}}
	at := values{"ports": []any{"8080"}}
	rules := func(r ...values) values {
		var out []any
		for _, each := range r {
			out = append(out, each)
		}
		return values{"rules": out}
	}
	for name, test := range map[string]struct {
		mode                    string
		labels                  map[string]string
		objects                 []*cloud.Object
		orders, stranger, clear bool
	}{
		"strict, and nothing said of callers":       {"ambient", nil, []*cloud.Object{strictMesh()}, true, true, false},
		"nothing is strict":                         {"ambient", nil, nil, true, true, true},
		"the namespace is not in the mesh":          {"", nil, []*cloud.Object{strictMesh(), accessIn(Root, values{})}, true, true, true},
		"the pod has left the mesh":                 {"ambient", labels("istio.io/dataplane-mode", "none"), []*cloud.Object{strictMesh(), accessIn(Root, values{})}, true, true, true},
		"permissive for all":                        {"ambient", nil, []*cloud.Object{peerIn(Root, values{"mtls": values{"mode": "PERMISSIVE"}})}, true, true, true},
		"permissive in the namespace":               {"ambient", nil, []*cloud.Object{strictMesh(), peerIn("ledger", values{"mtls": values{"mode": "PERMISSIVE"}})}, true, true, true},
		"the namespace says nothing":                {"ambient", nil, []*cloud.Object{strictMesh(), peerIn("ledger", values{})}, true, true, false},
		"of two the permissive may be the older":    {"ambient", nil, []*cloud.Object{strictMesh(), peerIn(Root, values{"mtls": values{"mode": "DISABLE"}})}, true, true, true},
		"permissive at a port of a pod":             {"ambient", labels("app", "ledger"), []*cloud.Object{strictMesh(), peerIn("ledger", values{"selector": values{"matchLabels": values{"app": "ledger"}}, "portLevelMtls": values{"8080": values{"mode": "PERMISSIVE"}}})}, true, true, true},
		"ports of a whole namespace count for none": {"ambient", nil, []*cloud.Object{strictMesh(), peerIn("ledger", values{"portLevelMtls": values{"8080": values{"mode": "PERMISSIVE"}}})}, true, true, false},
		"another pod's policy":                      {"ambient", labels("app", "ledger"), []*cloud.Object{strictMesh(), peerIn("ledger", values{"selector": values{"matchLabels": values{"app": "other"}}, "mtls": values{"mode": "DISABLE"}})}, true, true, false},

		"nobody":                                     {"ambient", nil, []*cloud.Object{strictMesh(), accessIn(Root, values{})}, false, false, false},
		"a caller":                                   {"ambient", nil, []*cloud.Object{strictMesh(), accessIn(Root, values{}), accessIn("ledger", rules(lets(byOrders, at)))}, true, false, false},
		"a caller at another port":                   {"ambient", nil, []*cloud.Object{strictMesh(), accessIn("ledger", rules(lets(byOrders, values{"ports": []any{"9090"}})))}, false, false, false},
		"another namespace's policy":                 {"ambient", nil, []*cloud.Object{strictMesh(), accessIn(Root, values{}), accessIn("cart", rules(lets(byOrders, at)))}, false, false, false},
		"all who prove who they are":                 {"ambient", nil, []*cloud.Object{strictMesh(), accessIn("ledger", rules(lets(values{"principals": []any{"*"}}, at)))}, true, true, false},
		"a rule that says nothing is about all":      {"ambient", nil, []*cloud.Object{accessIn("ledger", rules(values{}))}, true, true, true},
		"a source that says nothing is nobody":       {"ambient", nil, []*cloud.Object{accessIn("ledger", rules(lets(values{}, at)))}, false, false, false},
		"a port alone is everybody's":                {"ambient", nil, []*cloud.Object{strictMesh(), accessIn("ledger", rules(lets(nil, at)))}, true, true, false},
		"by namespace":                               {"ambient", nil, []*cloud.Object{strictMesh(), accessIn("ledger", rules(lets(values{"namespaces": []any{"orders"}}, at)))}, true, false, false},
		"by account":                                 {"ambient", nil, []*cloud.Object{strictMesh(), accessIn("ledger", rules(lets(values{"serviceAccounts": []any{"orders/orders"}}, at)))}, true, false, false},
		"by a beginning":                             {"ambient", nil, []*cloud.Object{strictMesh(), accessIn("ledger", rules(lets(values{"principals": []any{"dev/ns/ord*"}}, nil)))}, true, false, false},
		"all but one, even in the clear":             {"ambient", nil, []*cloud.Object{accessIn("ledger", rules(lets(values{"notPrincipals": []any{stranger}}, nil)))}, true, false, true},
		"a denial wins":                              {"ambient", nil, []*cloud.Object{strictMesh(), accessIn("ledger", rules(lets(byOrders, at))), accessIn("ledger", values{"action": "DENY", "rules": []any{lets(byOrders, nil)}})}, false, false, false},
		"what reads requests allows nobody":          {"ambient", nil, []*cloud.Object{strictMesh(), accessIn("ledger", rules(lets(byOrders, values{"ports": []any{"8080"}, "methods": []any{"GET"}})))}, false, false, false},
		"what reads requests denies more":            {"ambient", nil, []*cloud.Object{strictMesh(), accessIn("ledger", values{"action": "DENY", "rules": []any{lets(byOrders, values{"ports": []any{"8080"}, "paths": []any{"/x"}})}})}, false, true, false},
		"what is only tried":                         {"ambient", nil, []*cloud.Object{strictMesh(), dry(accessIn("ledger", values{}))}, true, true, false},
		"what is a waypoint's":                       {"ambient", nil, []*cloud.Object{strictMesh(), accessIn("ledger", values{"targetRefs": []any{values{"kind": "Service", "name": "ledger"}}})}, true, true, false},
		"on a condition of who comes":                {"ambient", nil, []*cloud.Object{strictMesh(), accessIn("ledger", rules(values{"when": []any{values{"key": "source.principal", "values": []any{orders}}}}))}, true, false, false},
		"on a condition that none can know":          {"ambient", nil, []*cloud.Object{strictMesh(), accessIn("ledger", rules(values{"when": []any{values{"key": "request.headers[x]", "values": []any{"y"}}}}))}, false, false, false},
		"what another provider decides is not asked": {"ambient", nil, []*cloud.Object{strictMesh(), accessIn("ledger", values{"action": "CUSTOM", "provider": values{"name": "x"}, "rules": []any{values{}}})}, true, true, false},
	} {
		m, err := Of(append(test.objects, space("ledger", test.mode)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for who, want := range map[Caller]bool{{orders}: test.orders, {stranger}: test.stranger, {}: test.clear} {
			if got, why := m.Admits(who, Target{Namespace: "ledger", Labels: test.labels, Port: 8080}); got != want {
				t.Errorf("%s: %q comes in: %v (%s), want %v", name, who.Principal, got, why, want)
			}
		}
	}
}

func labels(key, value string) map[string]string { return map[string]string{key: value} }

func dry(o *cloud.Object) *cloud.Object {
	o.Inputs["metadata"].(values)["annotations"] = values{"istio.io/dry-run": "true"}
	return o
}

func TestWhatIsNotKnownIsAnError(t *testing.T) {
	for _, o := range []*cloud.Object{
		accessIn("ledger", values{"rules": []any{lets(values{"ipBlocks": []any{"10.0.0.0/8"}}, nil)}}), peerIn("ledger", values{"mode": "STRICT"}),
	} {
		if _, err := Of([]*cloud.Object{o}); err == nil || !strings.Contains(err.Error(), "add it in tests/mesh") {
			t.Errorf("the error is %v", err)
		}
	}
}
