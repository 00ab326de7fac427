package checks

import (
	"fmt"
	"slices"
	"strings"

	"platform/components/gateway"
	"platform/tests/cloud"
)

const (
	gatewayType = "kubernetes:networking.istio.io/v1:Gateway"
	routesType  = "kubernetes:networking.istio.io/v1:VirtualService"
	proofType   = "kubernetes:security.istio.io/v1:RequestAuthentication"
	accessType  = "kubernetes:security.istio.io/v1:AuthorizationPolicy"
)

// announced is the condition by which a policy of the mesh reads which audience a door says.
var announced = "request.headers[" + strings.ToLower(gateway.AudienceHeader) + "]"

// ingress finds what would let somebody come behind the doors in the clear, from anywhere and without proof, or as another audience.
func ingress(o *cloud.Object) []Finding {
	var out []Finding
	add := func(want, got string) {
		out = append(out, Finding{"doors", o.String(), want, got, "components/kubernetes/ingress"})
	}
	switch o.Type {
	case gatewayType:
		for _, s := range objects(o.Value("spec.servers")) {
			tls, _ := s["tls"].(map[string]any)
			port, _ := s["port"].(map[string]any)
			if port["protocol"] != "HTTPS" || tls["mode"] != "SIMPLE" && tls["mode"] != "MUTUAL" {
				add("TLS", fmt.Sprintf("%v, %v", port["protocol"], tls["mode"]))
			}
			if v := fmt.Sprint(tls["minProtocolVersion"]); v != "TLSV1_2" && v != "TLSV1_3" {
				add("TLS 1.2 or newer", v)
			}
			hosts, _ := s["hosts"].([]any)
			for _, host := range hosts {
				if !strings.HasPrefix(fmt.Sprint(host), "./") {
					add("routes of its own namespace alone", fmt.Sprint(host))
				}
			}
		}
	case routesType:
		for _, route := range objects(o.Value("spec.http")) {
			matches := objects(route["match"])
			if len(matches) == 0 || slices.ContainsFunc(matches, func(m map[string]any) bool { return m["uri"] == nil || m["headers"] == nil }) {
				add("routes by path and audience", fmt.Sprint(route["name"]))
			}
		}
	case proofType:
		for _, r := range objects(o.Value("spec.jwtRules")) {
			if audiences, _ := r["audiences"].([]any); len(audiences) == 0 {
				add("tokens for these doors", "tokens for anybody")
			}
		}
	case accessType:
		for _, r := range objects(o.Value("spec.rules")) {
			out = append(out, comes(o, r)...)
		}
	}
	return out
}

// comes finds a rule by which somebody comes who is not told from others, or whose audience is not.
func comes(o *cloud.Object, rule map[string]any) []Finding {
	var out []Finding
	add := func(want, got string) {
		out = append(out, Finding{"doors", o.String(), want, got, "components/kubernetes/ingress"})
	}
	from := objects(rule["from"])
	if len(from) == 0 {
		add("who comes", "anybody")
	}
	for _, f := range from {
		source, _ := f["source"].(map[string]any)
		for _, key := range []string{"ipBlocks", "requestPrincipals"} {
			values, _ := source[key].([]any)
			for _, value := range values {
				if text := fmt.Sprint(value); text == anywhere || text == "*" {
					add("who comes", text)
				}
			}
		}
		if source["ipBlocks"] == nil && source["requestPrincipals"] == nil {
			add("ranges, or who shows a token", fmt.Sprint(source))
		}
	}
	if !slices.ContainsFunc(objects(rule["when"]), func(w map[string]any) bool {
		values, _ := w["values"].([]any)
		return w["key"] == announced && len(values) == 1
	}) {
		add("one audience", "any")
	}
	return out
}
