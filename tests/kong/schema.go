package kong

import (
	"fmt"
	"maps"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Version is the one whose schemas these rules are.
const Version = "3.9.3"

// field is what Kong takes at a place. Fields that it takes and that nobody sets here are left out: they are as unknown as
// misspelt ones.
type field struct {
	kind     string // text, whole, number, truth, list, record
	required bool
	least    float64
	most     float64
	oneOf    []string
	form     *regexp.Regexp
	each     *field           // of a list
	fields   map[string]field // of a record
	// also is what a rule of the whole record says.
	also func(record map[string]any) string
}

func listOf(each field) field { return field{kind: "list", each: &each} }

func record(required bool, fields map[string]field) field {
	return field{kind: "record", required: required, fields: fields}
}

var (
	text   = field{kind: "text"}
	truth  = field{kind: "truth"}
	millis = field{kind: "whole", least: 1, most: math.Pow(2, 31) - 2}
	// Names are of letters, digits and . - _ ~ (https://github.com/Kong/kong/blob/3.9.3/kong/db/schema/typedefs.lua, utf8_name).
	named = field{kind: "text", required: true, form: regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)}
	host  = field{kind: "text", required: true, form: regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)}
)

// plugins are those that are used, by name, each with its configuration's schema:
//   - https://github.com/Kong/kong/blob/3.9.3/kong/plugins/jwt/schema.lua
//   - https://github.com/Kong/kong/blob/3.9.3/kong/plugins/key-auth/schema.lua
//   - https://github.com/Kong/kong/blob/3.9.3/kong/plugins/pre-function/_schema.lua
//   - https://github.com/Kong/kong/blob/3.9.3/kong/plugins/prometheus/schema.lua
//   - https://github.com/Kong/kong/blob/3.9.3/kong/plugins/rate-limiting/schema.lua
//   - https://github.com/Kong/kong/blob/3.9.3/kong/plugins/request-transformer/schema.lua
var plugins = map[string]field{
	"jwt": record(true, map[string]field{
		"key_claim_name": text, "claims_to_verify": listOf(field{kind: "text", oneOf: []string{"exp", "nbf"}}),
		"uri_param_names": listOf(text), "cookie_names": listOf(text), "header_names": listOf(text),
		"maximum_expiration": {kind: "number", most: 31536000}, "run_on_preflight": truth,
	}),
	"key-auth": record(true, map[string]field{
		"key_names":     listOf(field{kind: "text", form: regexp.MustCompile(`^[A-Za-z0-9_-]+$`)}),
		"key_in_header": truth, "key_in_query": truth, "key_in_body": truth, "hide_credentials": truth, "run_on_preflight": truth,
	}),
	"post-function": record(true, map[string]field{"access": listOf(text), "header_filter": listOf(text), "log": listOf(text)}),
	"prometheus": record(false, map[string]field{
		"per_consumer": truth, "status_code_metrics": truth, "latency_metrics": truth, "bandwidth_metrics": truth, "upstream_health_metrics": truth,
	}),
	"rate-limiting": {
		kind: "record", required: true, fields: map[string]field{
			"second": {kind: "number", least: math.SmallestNonzeroFloat64, most: math.MaxFloat64}, "minute": {kind: "number", least: math.SmallestNonzeroFloat64, most: math.MaxFloat64},
			"policy":              {kind: "text", oneOf: []string{"local", "redis"}}, // without a database
			"limit_by":            {kind: "text", oneOf: []string{"consumer", "credential", "ip", "service", "header", "path"}},
			"hide_client_headers": truth, "fault_tolerant": truth, "error_code": {kind: "number", least: 1, most: 999},
		},
		also: func(r map[string]any) string {
			if r["second"] == nil && r["minute"] == nil {
				return "at least one limit must be set"
			}
			return ""
		},
	},
	"request-transformer": record(true, map[string]field{"remove": headers(false), "replace": headers(true), "add": headers(true), "append": headers(true)}),
}

// headers are names, or names with values behind a colon.
func headers(valued bool) field {
	form := regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	if valued {
		form = regexp.MustCompile(`^[A-Za-z0-9_-]+:.+$`)
	}
	return record(false, map[string]field{"headers": listOf(field{kind: "text", form: form})})
}

// plugin is any of them, judged by its name.
var plugin = field{kind: "record", fields: map[string]field{
	"name": {kind: "text", required: true, oneOf: slices.Sorted(maps.Keys(plugins))}, "config": {kind: "record"},
}}

// probes is half of an active health check.
func probes(more map[string]field) field {
	fields := map[string]field{"interval": {kind: "number", most: 65535}}
	for name, f := range more {
		fields[name] = f
	}
	return record(false, fields)
}

var count = field{kind: "whole", most: 255}

// document is the whole, with the schemas of its parts:
//   - https://github.com/Kong/kong/blob/3.9.3/kong/db/schema/others/declarative_config.lua
//   - https://github.com/Kong/kong/blob/3.9.3/kong/db/schema/entities/services.lua
//   - https://github.com/Kong/kong/blob/3.9.3/kong/db/schema/entities/routes.lua
//   - https://github.com/Kong/kong/blob/3.9.3/kong/db/schema/entities/upstreams.lua
//   - https://github.com/Kong/kong/blob/3.9.3/kong/db/schema/entities/targets.lua
//   - https://github.com/Kong/kong/blob/3.9.3/kong/db/schema/entities/consumers.lua
//   - https://github.com/Kong/kong/blob/3.9.3/kong/plugins/jwt/daos.lua
//   - https://github.com/Kong/kong/blob/3.9.3/kong/plugins/key-auth/daos.lua
var document = record(true, map[string]field{
	"_format_version": {kind: "text", required: true, oneOf: []string{"1.1", "2.1", "3.0"}},
	"services": listOf(record(true, map[string]field{
		"name": named, "protocol": {kind: "text", required: true, oneOf: []string{"http", "https"}}, "host": host,
		"port": {kind: "whole", required: true, most: 65535}, "retries": {kind: "whole", most: 32767},
		"connect_timeout": millis, "write_timeout": millis, "read_timeout": millis,
		"routes": listOf(record(true, map[string]field{
			"name": named, "protocols": {kind: "list", each: &field{kind: "text", oneOf: []string{"http", "https"}}}, "hosts": listOf(host),
			"paths": listOf(field{kind: "text", form: regexp.MustCompile(`^(~/|/).*$`)}), "strip_path": truth, "preserve_host": truth, "plugins": listOf(plugin),
		})),
	})),
	"upstreams": listOf(field{kind: "record", fields: map[string]field{
		"name": host, "targets": listOf(record(true, map[string]field{
			"target": {kind: "text", required: true, form: regexp.MustCompile(`^[a-z0-9.-]+:[0-9]+$`)}, "weight": {kind: "whole", most: 65535},
		})),
		"healthchecks": record(false, map[string]field{"active": record(false, map[string]field{
			"type": {kind: "text", oneOf: []string{"tcp", "http", "https", "grpc", "grpcs"}}, "timeout": {kind: "number", most: 65535},
			"healthy": probes(map[string]field{"successes": count}), "unhealthy": probes(map[string]field{"tcp_failures": count, "timeouts": count}),
		})}),
	}, also: func(r map[string]any) string {
		name, _ := r["name"].(string)
		if _, err := netip.ParseAddr(name); err == nil {
			return "an upstream is named, and no address"
		}
		return ""
	}}),
	"consumers": listOf(record(true, map[string]field{
		"username": {kind: "text", required: true},
		"jwt_secrets": listOf(field{kind: "record", fields: map[string]field{
			"key": text, "rsa_public_key": text, "algorithm": {kind: "text", oneOf: []string{
				"HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA",
			}},
		}, also: func(r map[string]any) string {
			if algorithm, _ := r["algorithm"].(string); !strings.HasPrefix(algorithm, "HS") && r["rsa_public_key"] == nil {
				return "an algorithm with a public key needs one"
			}
			return ""
		}}),
		"keyauth_credentials": listOf(record(true, map[string]field{"key": {kind: "text", required: true}})),
	})),
	"plugins": listOf(plugin),
})

// Faults are what Kong would refuse of a configuration, each with its place.
func Faults(configuration string) []string {
	var parsed any
	if err := yaml.Unmarshal([]byte(configuration), &parsed); err != nil {
		return []string{err.Error()}
	}
	out := faults("", document, parsed)
	if whole, ok := parsed.(map[string]any); ok {
		out = append(out, twice(whole)...)
	}
	return out
}

func faults(at string, f field, v any) []string {
	wrong := func(allowed string, args ...any) []string {
		return []string{fmt.Sprintf("%s: value %v: %s", at, v, fmt.Sprintf(allowed, args...))}
	}
	switch f.kind {
	case "list":
		all, ok := v.([]any)
		if !ok {
			return wrong("a list is allowed")
		}
		var out []string
		for i, each := range all {
			out = append(out, faults(fmt.Sprintf("%s[%d]", at, i), *f.each, each)...)
		}
		return out
	case "record":
		return recordFaults(at, f, v)
	case "truth":
		if _, ok := v.(bool); !ok {
			return wrong("true or false is allowed")
		}
		return nil
	case "text":
		s, ok := v.(string)
		switch {
		case !ok || s == "":
			return wrong("a text is allowed")
		case len(f.oneOf) > 0 && !slices.Contains(f.oneOf, s):
			return wrong("one of %v is allowed", f.oneOf)
		case f.form != nil && !f.form.MatchString(s):
			return wrong("%s is allowed", f.form)
		}
		return nil
	}
	n, whole := v.(int)
	number := float64(n)
	if !whole {
		var ok bool
		if number, ok = v.(float64); !ok || f.kind == "whole" {
			return wrong("a %s is allowed", f.kind)
		}
	}
	if number < f.least || number > f.most {
		return wrong("%g to %g is allowed", f.least, f.most)
	}
	return nil
}

func recordFaults(at string, f field, v any) []string {
	values, ok := v.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s: value %v: a record is allowed", at, v)}
	}
	if f.fields == nil {
		return nil // judged by what it belongs to
	}
	prefix := strings.TrimPrefix(at+".", ".")
	var out []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		inner, known := f.fields[name]
		if !known {
			out = append(out, prefix+name+": unknown field")
			continue
		}
		out = append(out, faults(prefix+name, inner, values[name])...)
	}
	for _, name := range slices.Sorted(maps.Keys(f.fields)) {
		if _, given := values[name]; f.fields[name].required && !given {
			out = append(out, prefix+name+": required field missing")
		}
	}
	if config, ok := f.fields["config"]; ok && config.kind == "record" {
		name, _ := values["name"].(string)
		schema, given := plugins[name], values["config"]
		if given == nil {
			given = map[string]any{}
		}
		out = append(out, recordFaults(prefix+"config", schema, given)...)
	}
	if f.also != nil {
		if why := f.also(values); why != "" {
			out = append(out, at+": "+why)
		}
	}
	return out
}

// twice are names that Kong wants to be unique in the whole: those of services, routes, upstreams and consumers, and the keys by
// which callers and issuers are known.
func twice(whole map[string]any) []string {
	seen := map[string]bool{}
	var out []string
	once := func(kind string, v any) {
		name := fmt.Sprintf("%s %v", kind, v)
		if seen[name] {
			out = append(out, name+" is there twice")
		}
		seen[name] = true
	}
	for _, s := range records(whole["services"]) {
		once("service", s["name"])
		for _, r := range records(s["routes"]) {
			once("route", r["name"])
		}
	}
	for _, u := range records(whole["upstreams"]) {
		once("upstream", u["name"])
	}
	for _, c := range records(whole["consumers"]) {
		once("consumer", c["username"])
		for _, kind := range []string{"jwt_secrets", "keyauth_credentials"} {
			for _, k := range records(c[kind]) {
				once(kind, k["key"])
			}
		}
	}
	return out
}

func records(v any) []map[string]any {
	var out []map[string]any
	all, _ := v.([]any)
	for _, each := range all {
		if m, ok := each.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}
