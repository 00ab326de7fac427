package kong

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"platform/components/gateway"
	"platform/components/kubernetes/workload"
)

// document is what a door knows, in Kong's own words
// (https://github.com/Kong/kong/blob/3.9.3/kong/db/schema/others/declarative_config.lua; fields of each part in
// kong/db/schema/entities there).
type document struct {
	Format    string     `yaml:"_format_version"`
	Services  []service  `yaml:"services"`
	Upstreams []upstream `yaml:"upstreams"`
	Consumers []consumer `yaml:"consumers,omitempty"`
	// Plugins are of every route: none can be without proof of who calls.
	Plugins []plugin `yaml:"plugins"`
}

type service struct {
	Name           string  `yaml:"name"`
	Protocol       string  `yaml:"protocol"`
	Host           string  `yaml:"host"`
	Port           int     `yaml:"port"`
	Retries        int     `yaml:"retries"`
	ConnectTimeout int     `yaml:"connect_timeout"` // milliseconds, as the others
	WriteTimeout   int     `yaml:"write_timeout"`
	ReadTimeout    int     `yaml:"read_timeout"`
	Routes         []route `yaml:"routes"`
}

type route struct {
	Name         string   `yaml:"name"`
	Protocols    []string `yaml:"protocols"`
	Hosts        []string `yaml:"hosts"`
	Paths        []string `yaml:"paths"`
	StripPath    bool     `yaml:"strip_path"`
	PreserveHost bool     `yaml:"preserve_host"`
	Plugins      []plugin `yaml:"plugins"`
}

type upstream struct {
	Name         string   `yaml:"name"`
	Targets      []target `yaml:"targets"`
	Healthchecks struct {
		Active active `yaml:"active"`
	} `yaml:"healthchecks"`
}

type target struct {
	Target string `yaml:"target"`
}

type active struct {
	Type    string  `yaml:"type"`
	Timeout int     `yaml:"timeout"`
	Healthy healthy `yaml:"healthy"`
	Failing failing `yaml:"unhealthy"`
}

type healthy struct {
	Interval  int `yaml:"interval"`
	Successes int `yaml:"successes"`
}

type failing struct {
	Interval    int `yaml:"interval"`
	TCPFailures int `yaml:"tcp_failures"`
	Timeouts    int `yaml:"timeouts"`
}

type consumer struct {
	Username string     `yaml:"username"`
	Tokens   []tokenKey `yaml:"jwt_secrets,omitempty"`
	Keys     []key      `yaml:"keyauth_credentials,omitempty"`
}

type tokenKey struct {
	Key       string `yaml:"key"`
	Algorithm string `yaml:"algorithm"`
	PublicKey string `yaml:"rsa_public_key"` // of any algorithm, whatever the name says
}

type key struct {
	Key string `yaml:"key"`
}

type plugin struct {
	Name   string         `yaml:"name"`
	Config map[string]any `yaml:"config,omitempty"`
}

// keyHeader is where callers put their key.
const keyHeader = "x-api-key"

// A service that does not take a connection within two seconds is not there; one that does not answer within thirty does not
// either, as behind the clouds' own gateways
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html).
const (
	connectMillis = 2000
	answerMillis  = 30000
)

// configuration is what the door of an audience knows. Nothing of it is secret.
func (a Args) configuration(audience string) (string, error) {
	return written(a.document(audience, nil))
}

// configurationWithKeys is the same with the callers of the audience, each with a place for its key, which whoever brings
// secrets into the cluster fills in.
func (a Args) configurationWithKeys(audience string) (string, error) {
	callers := a.Doors.Audiences[audience].Callers
	text, err := written(a.document(audience, callers))
	if err != nil {
		return "", err
	}
	if strings.Contains(text, "{{") {
		return "", fmt.Errorf("audience %s: its configuration has a template in it", audience)
	}
	return keyPlace.ReplaceAllStringFunc(text, func(found string) string { return keyTemplate(keyPlace.FindStringSubmatch(found)[1]) }), nil
}

// keyPlace is where the key of a caller comes.
var keyPlace = regexp.MustCompile(`KEY-OF-([a-z0-9-]+)`)

// leastKey is the length of a key that nobody guesses.
const leastKey = 32

// keyTemplate takes the key of a caller out of the fetched value, as JSON, which is YAML too. A caller without a key, or with one
// that is short, spoils the whole: the door then keeps what it knew
// (https://external-secrets.io/v1.3.2/guides/templating/, https://masterminds.github.io/sprig/flow_control.html).
func keyTemplate(caller string) string {
	return fmt.Sprintf(`{{ $key := index (fromJson .%s) %q | toString }}{{ if lt (len $key) %d }}{{ fail %q }}{{ end }}{{ toJson $key }}`,
		workload.SecretKey, caller, leastKey, fmt.Sprintf("caller %s: a key of at least %d characters is needed", caller, leastKey))
}

func written(d document) (string, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(d); err != nil {
		return "", fmt.Errorf("write Kong's configuration: %w", err)
	}
	return b.String(), e.Close()
}

func (a Args) document(audience string, callers []string) document {
	of := a.Doors.Audiences[audience]
	d := document{Format: "3.0", Plugins: append(proof(of), plugin{Name: "request-transformer", Config: a.announced(audience)}, plugin{
		Name: "prometheus", Config: map[string]any{"status_code_metrics": true, "latency_metrics": true, "upstream_health_metrics": true},
	})}
	routes := map[string][]route{}
	for _, r := range a.Doors.Routes {
		if slices.Contains(r.Audiences, audience) {
			routes[r.Service] = append(routes[r.Service], a.route(a.Doors.Host(audience), r))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(routes)) {
		host := fmt.Sprintf("%s.%s.svc", name, name)
		d.Services = append(d.Services, service{
			Name: name, Protocol: "http", Host: host, Port: workload.Port, Retries: 1,
			ConnectTimeout: connectMillis, WriteTimeout: answerMillis, ReadTimeout: answerMillis, Routes: routes[name],
		})
		d.Upstreams = append(d.Upstreams, upstreamOf(host))
	}
	if len(of.Keys) > 0 {
		d.Consumers = append(d.Consumers, consumer{Username: audience, Tokens: tokenKeys(of.Keys)})
	}
	for _, caller := range callers {
		d.Consumers = append(d.Consumers, consumer{Username: caller, Keys: []key{{"KEY-OF-" + caller}}})
	}
	return d
}

// route is of the path itself and of what lies below it, and of no other path that begins alike: a path that begins with ~ is an
// expression (https://github.com/Kong/kong/blob/3.9.3/kong/db/schema/typedefs.lua, router_path).
func (a Args) route(host string, r gateway.Route) route {
	return route{
		Name: strings.ReplaceAll(strings.Trim(r.Path, "/"), "/", "-"), Protocols: []string{"https"}, Hosts: []string{host},
		Paths: []string{"~" + r.Path + "$", r.Path + "/"}, Plugins: []plugin{{Name: "rate-limiting", Config: a.limited(r.Rate)}},
	}
}

// limited counts the requests of a route in each pod, which has its share of the rate, rounded up: together the pods let no
// more through than a request for each above it. What is counted is of the route, since the plugin is, and there by its one
// service, so that all callers share it
// (https://github.com/Kong/kong/blob/3.9.3/kong/plugins/rate-limiting/policies/init.lua). What a pod would tell callers of its
// share is not theirs, and hidden.
func (a Args) limited(rate int) map[string]any {
	return map[string]any{
		"second": (rate + a.Replicas - 1) / a.Replicas, "policy": "local", "limit_by": "service", "hide_client_headers": true,
	}
}

// announced tells services the audience, whatever the caller put there. The plugin compares names as they come, in lower case
// (https://github.com/Kong/kong/blob/3.9.3/kong/plugins/request-transformer/access.lua).
func (a Args) announced(audience string) map[string]any {
	header := map[string]any{"headers": []string{strings.ToLower(gateway.AudienceHeader) + ":" + audience}}
	return map[string]any{"replace": header, "add": header}
}

// proof are the plugins that ask who calls. Certificates are asked for before Kong sees a request.
func proof(of gateway.Audience) []plugin {
	switch of.Auth {
	case gateway.JWT:
		return []plugin{
			{Name: "jwt", Config: map[string]any{
				// In the header alone: addresses are logged, and cookies are sent by whoever is tricked into it.
				"key_claim_name": "kid", "claims_to_verify": []string{"exp"}, "uri_param_names": []string{}, "cookie_names": []string{},
			}},
			{Name: "post-function", Config: map[string]any{"access": []string{tokenFunction(of)}}},
		}
	case gateway.Key:
		return []plugin{{Name: "key-auth", Config: map[string]any{
			"key_names": []string{keyHeader}, "key_in_query": false, "key_in_body": false, "hide_credentials": true,
		}}}
	}
	return nil
}

func tokenKeys(keys map[string]string) []tokenKey {
	var out []tokenKey
	for _, id := range slices.Sorted(maps.Keys(keys)) {
		algorithm, err := gateway.Algorithm(keys[id])
		if err != nil {
			continue // which the arguments' validation names
		}
		out = append(out, tokenKey{Key: id, Algorithm: algorithm, PublicKey: keys[id]})
	}
	return out
}

// upstreamOf asks every few seconds whether the service takes connections, so that callers of one that does not are told at
// once. Answers are not judged: behind the one address of a service are all of its pods, and one that fails would shut out the
// others.
func upstreamOf(host string) upstream {
	u := upstream{Name: host, Targets: []target{{fmt.Sprintf("%s:%d", host, workload.Port)}}}
	u.Healthchecks.Active = active{
		Type: "tcp", Timeout: connectMillis / 1000, Healthy: healthy{Interval: 5, Successes: 1},
		Failing: failing{Interval: 5, TCPFailures: 3, Timeouts: 3},
	}
	return u
}

// routed are the services to which the door of an audience leads.
func (a Args) routed(audience string) []string {
	var out []string
	for _, r := range a.Doors.Routes {
		if slices.Contains(r.Audiences, audience) && !slices.Contains(out, r.Service) {
			out = append(out, r.Service)
		}
	}
	slices.Sort(out)
	return out
}
