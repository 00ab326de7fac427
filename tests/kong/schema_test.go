package kong_test

import (
	"strings"
	"testing"

	"platform/tests/kong"
)

const whole = `_format_version: "3.0"
services:
  - name: orders
    protocol: http
    host: orders.orders.svc
    port: 8080
    retries: 1
    routes:
      - name: orders
        protocols: [https]
        hosts: [mobile.example.com]
        paths: ["~/orders$", /orders/]
        strip_path: false
        plugins: [{name: rate-limiting, config: {second: 5, policy: local}}]
upstreams:
  - name: orders.orders.svc
    targets: [{target: "orders.orders.svc:8080"}]
    healthchecks: {active: {type: tcp, timeout: 2, healthy: {interval: 5, successes: 1}}}
consumers:
  - username: mobile
    jwt_secrets: [{key: a, algorithm: RS256, rsa_public_key: PEM}]
plugins:
  - {name: jwt, config: {claims_to_verify: [exp], cookie_names: []}}
  - {name: request-transformer, config: {add: {headers: ["x-audience:mobile"]}}}
  - {name: prometheus}
`

func TestAWholeConfigurationHasNoFault(t *testing.T) {
	if got := kong.Faults(whole); len(got) != 0 {
		t.Error(strings.Join(got, "\n"))
	}
}

// TestEachMistakeIsFound makes one mistake of each kind.
func TestEachMistakeIsFound(t *testing.T) {
	for _, test := range []struct{ was, is, want string }{
		{`"3.0"`, `"4.0"`, "_format_version: value 4.0: one of [1.1 2.1 3.0] is allowed"},
		{"protocol: http\n", "protocoll: http\n", "services[0].protocoll: unknown field"},
		{"    host: orders.orders.svc\n", "", "services[0].host: required field missing"},
		{"port: 8080\n", "port: 80800\n", "services[0].port: value 80800: 0 to 65535 is allowed"},
		{"retries: 1", "retries: 1.5", "services[0].retries: value 1.5: a whole is allowed"},
		{"second: 5", "second: 0", "services[0].routes[0].plugins[0].config.second: value 0"},
		{"second: 5, ", "", "services[0].routes[0].plugins[0].config: at least one limit must be set"},
		{"policy: local", "policy: cluster", "services[0].routes[0].plugins[0].config.policy: value cluster: one of [local redis] is allowed"},
		{"protocols: [https]", "protocols: https", "services[0].routes[0].protocols: value https: a list is allowed"},
		{"/orders/]", "orders/]", "services[0].routes[0].paths[1]: value orders/"},
		{"strip_path: false", "strip_path: 0", "services[0].routes[0].strip_path: value 0: true or false is allowed"},
		{"name: orders.orders.svc\n", "name: 10.0.0.1\n", "upstreams[0]: an upstream is named, and no address"},
		{"rsa_public_key: PEM", "key: b", "mapping key"},
		{", rsa_public_key: PEM", "", "consumers[0].jwt_secrets[0]: an algorithm with a public key needs one"},
		{"[exp]", "[iat]", "plugins[0].config.claims_to_verify[0]: value iat: one of [exp nbf] is allowed"},
		{`"x-audience:mobile"`, `"x-audience"`, "plugins[1].config.add.headers[0]: value x-audience"},
		{"name: prometheus", "name: mtls-auth", "plugins[2].name: value mtls-auth: one of"},
		{"{name: prometheus}", "{name: key-auth, config: {key_in_header: true, keys: [a]}}", "plugins[2].config.keys: unknown field"},
		{"{name: prometheus}\n", "{name: prometheus}\nacls: []\n", "acls: unknown field"},
		{"consumers:\n", "consumers:\n  - username: mobile\n", "consumer mobile is there twice"},
	} {
		if !strings.Contains(whole, test.was) {
			t.Fatalf("there is no %q", test.was)
		}
		if got := strings.Join(kong.Faults(strings.Replace(whole, test.was, test.is, 1)), "\n"); !strings.Contains(got, test.want) {
			t.Errorf("%q for %q: got %q, want %q", test.is, test.was, got, test.want)
		}
	}
}
