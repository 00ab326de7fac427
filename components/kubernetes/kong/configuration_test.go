package kong

import (
	"reflect"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"gopkg.in/yaml.v3"

	"platform/components/gateway"
	"platform/components/kubernetes/workload"
)

// publicKey is of a pair whose other half nobody kept.
const publicKey = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8XDLY2S30AlCp5WmQBtOVhS+YP10
inh/8LHCj4TNM8n7BEqdyvpuREVpllLFUmjzHTx5ctfQnBrnlG98CThfcg==
-----END PUBLIC KEY-----
`

func sample() Args {
	return Args{Replicas: 2, Doors: gateway.Args{
		Domain: "dev.example.com", Label: "blue",
		Audiences: map[string]gateway.Audience{
			"mobile":  {Auth: gateway.JWT, Issuer: "https://login.example.com/", Audiences: []string{"app"}, Keys: map[string]string{"now": publicKey}},
			"partner": {Auth: gateway.MutualTLS, TrustStore: "PEM"},
			"shops":   {Auth: gateway.Key, Callers: []string{"acme", "globex"}},
		},
		Routes: []gateway.Route{
			{Service: "orders", Path: "/orders", Audiences: []string{"mobile", "partner", "shops"}, Rate: 301},
			{Service: "orders", Path: "/orders/refunds", Audiences: []string{"mobile"}, Rate: 1},
			{Service: "accounts", Path: "/accounts", Audiences: []string{"mobile"}, Rate: 100},
		},
	}}
}

func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return out
}

func of(t *testing.T, audience string) map[string]any {
	t.Helper()
	text, err := sample().configuration(audience)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, text)
}

func same(t *testing.T, got any, want string) {
	t.Helper()
	var wanted any
	if err := yaml.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, wanted) {
		text, _ := yaml.Marshal(got)
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

const orders = `
  - name: orders
    protocol: http
    host: orders.orders.svc
    port: 8080
    retries: 1
    connect_timeout: 2000
    write_timeout: 30000
    read_timeout: 30000
    routes:
      - name: orders
        protocols: [https]
        hosts: [HOST]
        paths: ["~/orders$", /orders/]
        strip_path: false
        preserve_host: false
        plugins:
          - name: rate-limiting
            config: {second: 151, policy: local, limit_by: service, hide_client_headers: true}
`

const upstreams = `
  - name: orders.orders.svc
    targets: [{target: "orders.orders.svc:8080"}]
    healthchecks:
      active:
        type: tcp
        timeout: 2
        healthy: {interval: 5, successes: 1}
        unhealthy: {interval: 5, tcp_failures: 3, timeouts: 3}
`

const common = `
  - name: request-transformer
    config: {replace: {headers: ["x-audience:AUDIENCE"]}, add: {headers: ["x-audience:AUDIENCE"]}}
  - name: prometheus
    config: {status_code_metrics: true, latency_metrics: true, upstream_health_metrics: true}
`

func fill(text, audience string) string {
	return strings.NewReplacer("HOST", audience+"-blue.dev.example.com", "AUDIENCE", audience).Replace(text)
}

// A door of certificates knows nobody: who has none does not come so far.
func TestTheConfigurationOfCertificatesIsExactlyThis(t *testing.T) {
	same(t, of(t, "partner"), fill(`_format_version: "3.0"
services:`+orders+`upstreams:`+upstreams+`plugins:`+common, "partner"))
}

func TestTheConfigurationOfKeysKnowsNoCallerByItself(t *testing.T) {
	same(t, of(t, "shops"), fill(`_format_version: "3.0"
services:`+orders+`upstreams:`+upstreams+`plugins:
  - name: key-auth
    config: {key_names: [x-api-key], key_in_query: false, key_in_body: false, hide_credentials: true}`+common, "shops"))
}

func TestTheConfigurationOfTokensIsExactlyThis(t *testing.T) {
	got := of(t, "mobile")
	services, _ := got["services"].([]any)
	var routes []string
	for _, s := range services {
		for _, r := range s.(map[string]any)["routes"].([]any) {
			limit := r.(map[string]any)["plugins"].([]any)[0].(map[string]any)["config"].(map[string]any)
			routes = append(routes, strings.Join([]string{
				s.(map[string]any)["name"].(string), r.(map[string]any)["name"].(string), yamlOf(t, limit["second"]),
			}, " "))
		}
	}
	if want := []string{"accounts accounts 50", "orders orders 151", "orders orders-refunds 1"}; !reflect.DeepEqual(routes, want) {
		t.Errorf("routes and their share of the rate: %v, want %v", routes, want)
	}
	same(t, got["consumers"], "- username: mobile\n  jwt_secrets:\n    - {key: now, algorithm: ES256, rsa_public_key: "+quoted(publicKey)+"}\n")
	plugins, _ := got["plugins"].([]any)
	same(t, plugins[0], `{name: jwt, config: {key_claim_name: kid, claims_to_verify: [exp], uri_param_names: [], cookie_names: []}}`)
	if name := plugins[1].(map[string]any)["name"]; name != "post-function" || len(plugins) != 4 {
		t.Errorf("plugins are %v", plugins)
	}
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, "\n", `\n`) + `"` }

func yamlOf(t *testing.T, v any) string {
	t.Helper()
	text, err := yaml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// Together the pods let at most a request each through beyond the rate, and never less than it.
func TestTheSharesOfARateAreTheRate(t *testing.T) {
	for replicas := 1; replicas <= replicasMost(); replicas++ {
		for _, rate := range []int{1, 7, 20, 500, mostRate} {
			share, _ := Args{Replicas: replicas}.limited(rate)["second"].(int)
			if all := share * replicas; all < rate || all >= rate+replicas {
				t.Errorf("rate %d in %d pods: %d each", rate, replicas, share)
			}
		}
	}
}

func replicasMost() int { return replicas.Most }

// rendered is the configuration with keys as the controller of secrets makes it
// (https://github.com/external-secrets/external-secrets/blob/v1.3.2/runtime/template/v2/template.go).
func rendered(t *testing.T, value string) (string, error) {
	t.Helper()
	text, err := sample().configurationWithKeys("shops")
	if err != nil {
		t.Fatal(err)
	}
	functions := sprig.TxtFuncMap()
	delete(functions, "env")
	delete(functions, "expandenv")
	made, err := template.New("kong").Option("missingkey=error").Funcs(functions).Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	err = made.Execute(&b, map[string]string{workload.SecretKey: value})
	return b.String(), err
}

func TestKeysComeInWhereTheSecretIsMade(t *testing.T) {
	const one, other = `correct-horse"battery: staple {{ 1 }} #`, "0123456789abcdef0123456789abcdef"
	text, err := rendered(t, `{"acme": "correct-horse\"battery: staple {{ 1 }} #", "globex": "`+other+`", "nobody": "`+other+`x"}`)
	if err != nil {
		t.Fatal(err)
	}
	got := parsed(t, text)
	same(t, got["consumers"], `[{username: acme, keyauth_credentials: [{key: 'correct-horse"battery: staple {{ 1 }} #'}]}, {username: globex, keyauth_credentials: [{key: `+other+`}]}]`)
	delete(got, "consumers")
	if !reflect.DeepEqual(got, of(t, "shops")) {
		t.Errorf("besides callers it differs from what the door knows without:\n%s", text)
	}
	plain, err := sample().configuration("shops")
	if err != nil || strings.Contains(plain, other) || strings.Contains(plain, one) {
		t.Errorf("a key is in the configuration without (%v)", err)
	}
}

func TestACallerWithoutAGoodKeySpoilsTheWhole(t *testing.T) {
	const good = "0123456789abcdef0123456789abcdef"
	for name, value := range map[string]string{
		"missing": `{"acme": "` + good + `"}`, "short": `{"acme": "` + good + `", "globex": "short"}`, "empty": `{}`, "no JSON": "secret", "a list": `["` + good + `"]`,
		"no text": `{"acme": "` + good + `", "globex": null}`,
	} {
		if text, err := rendered(t, value); err == nil {
			t.Errorf("%s: made\n%s", name, text)
		}
	}
}
