package mesh

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// What follows is what a proxy at the mesh's edge does, which reads requests: it looks at tokens, asks the policies, and leads on
// (https://github.com/istio/istio/blob/1.31.0/pilot/pkg/security/authz/model/model.go, .../authz/model/generator.go,
// .../pilot/pkg/security/authn/policy_applier.go, .../pilot/pkg/networking/core/route/route.go).

// Request is one that comes to a pod that is such a proxy.
type Request struct {
	From    netip.Addr // whose the connection is
	Path    string
	Headers map[string]string // by names in lower case
	Token   *Token            // nil without
}

// Token is one that its issuer signed, and that has not ended.
type Token struct{ Issuer, Subject, Audience string }

// proof is a RequestAuthentication (https://istio.io/latest/docs/reference/config/security/request_authentication/).
type proof struct {
	namespace string
	spec      struct {
		Selector *selector `json:"selector"`
		Rules    []struct {
			Issuer    string   `json:"issuer"`
			Keys      string   `json:"jwksUri"`
			Audiences []string `json:"audiences"`
		} `json:"jwtRules"`
	}
}

func (p proof) of(to Target) bool {
	return (p.namespace == to.Namespace || p.namespace == Root) && p.spec.Selector.selects(to.Labels)
}

// Passes says whether a proxy at the edge lets a request come in, and if not why. A token that is not right is refused; that one is
// shown at all, only a policy asks for.
func (m Mesh) Passes(r Request, to Target) (passes bool, why string) {
	if r.Token != nil {
		asked, right := false, false
		for _, p := range m.proofs {
			if !p.of(to) {
				continue
			}
			for _, rule := range p.spec.Rules {
				asked = true
				right = right || rule.Issuer == r.Token.Issuer && rule.Keys != "" &&
					(len(rule.Audiences) == 0 || slices.Contains(rule.Audiences, r.Token.Audience))
			}
		}
		if asked && !right {
			return false, "its token is of another issuer or for somebody else"
		}
		if !asked {
			r.Token = nil // at which nobody looked
		}
	}
	var allows []access
	for _, a := range m.accesses {
		if !a.of(to) {
			continue
		}
		switch a.spec.Action {
		case "DENY":
			if slices.ContainsFunc(a.spec.Rules, func(rule rule) bool { return rule.passes(r, to) }) {
				return false, "a policy denies it"
			}
		case "", "ALLOW":
			allows = append(allows, a)
		}
	}
	if len(allows) == 0 || slices.ContainsFunc(allows, func(a access) bool {
		return slices.ContainsFunc(a.spec.Rules, func(rule rule) bool { return rule.passes(r, to) })
	}) {
		return true, ""
	}
	return false, "no policy allows it"
}

// passes: each part of a rule must be about the request, by any of its entries.
func (r rule) passes(request Request, to Target) bool {
	if len(r.From) > 0 && !slices.ContainsFunc(r.From, func(f from) bool { return f.Source.shows(request) }) {
		return false
	}
	if len(r.To) > 0 {
		found := false
		for _, each := range r.To {
			o := each.Operation
			found = found || len(o.Hosts)+len(o.NotHosts)+len(o.Methods)+len(o.NotMethods) == 0 &&
				both(o.Ports, o.NotPorts, func(p string) bool { return p == strconv.Itoa(to.Port) }) &&
				both(o.Paths, o.NotPaths, func(p string) bool { return like(p, request.Path) })
		}
		if !found {
			return false
		}
	}
	for _, c := range r.When {
		var is func(string) bool
		header, of := strings.CutPrefix(strings.TrimSuffix(c.Key, "]"), "request.headers[")
		switch {
		case of:
			value, given := request.Headers[strings.ToLower(header)]
			is = func(p string) bool { return given && like(p, value) }
		case c.Key == "request.auth.audiences":
			is = func(p string) bool { return request.Token != nil && like(p, request.Token.Audience) }
		default:
			return false // what is not known lets nobody in
		}
		if !both(c.Values, c.NotValues, is) {
			return false
		}
	}
	return true
}

// shows: whoever comes to the edge has no identity of the mesh. What is not known of a source is about nobody.
func (s source) shows(r Request) bool {
	if len(s.Principals)+len(s.NotPrincipals)+len(s.Namespaces)+len(s.NotNamespaces)+len(s.ServiceAccounts)+len(s.NotServiceAccounts)+
		len(s.RemoteIPBlocks)+len(s.NotRemoteIPBlocks) > 0 {
		return false
	}
	within := func(block string) bool {
		if at, err := netip.ParsePrefix(block); err == nil {
			return at.Contains(r.From)
		}
		return block == r.From.String()
	}
	return both(s.IPBlocks, s.NotIPBlocks, within) && both(s.RequestPrincipals, s.NotRequestPrincipals, func(p string) bool {
		return r.Token != nil && like(p, r.Token.Issuer+"/"+r.Token.Subject)
	})
}

// ofAddresses refuses a policy by addresses that could be about pods that the mesh carries: what it means there is not known here.
func (a access) ofAddresses() error {
	for _, r := range a.spec.Rules {
		for _, f := range r.From {
			if len(f.Source.IPBlocks)+len(f.Source.NotIPBlocks) > 0 && (a.spec.Selector == nil || a.spec.Action == "DENY") {
				return errors.New("by addresses it is of all pods, or denies, and its meaning is not known: add it in tests/mesh")
			}
		}
	}
	return nil
}

// entrance is a Gateway (https://istio.io/latest/docs/reference/config/networking/gateway/).
type entrance struct {
	namespace, name string
	spec            struct {
		Selector map[string]string `json:"selector"`
		Servers  []struct {
			Port struct {
				Number   int    `json:"number"`
				Name     string `json:"name"`
				Protocol string `json:"protocol"`
			} `json:"port"`
			Hosts []string `json:"hosts"`
			TLS   struct {
				Mode        string `json:"mode"`
				Certificate string `json:"serverCertificate"`
				Key         string `json:"privateKey"`
				Oldest      string `json:"minProtocolVersion"`
			} `json:"tls"`
		} `json:"servers"`
	}
}

// routing is a VirtualService (https://istio.io/latest/docs/reference/config/networking/virtual-service/).
type routing struct {
	namespace string
	spec      struct {
		Hosts    []string `json:"hosts"`
		Gateways []string `json:"gateways"`
		ExportTo []string `json:"exportTo"`
		HTTP     []struct {
			Name  string `json:"name"`
			Match []struct {
				URI struct {
					Exact  string `json:"exact"`
					Prefix string `json:"prefix"`
				} `json:"uri"`
				Headers map[string]struct {
					Exact string `json:"exact"`
				} `json:"headers"`
			} `json:"match"`
			Route []struct {
				Destination struct {
					Host string `json:"host"`
					Port struct {
						Number int `json:"number"`
					} `json:"port"`
				} `json:"destination"`
			} `json:"route"`
			Timeout string `json:"timeout"`
			Retries struct {
				Attempts int    `json:"attempts"`
				On       string `json:"retryOn"`
			} `json:"retries"`
		} `json:"http"`
	}
}

// Leads says to which host and port a proxy at the edge leads a request, and if to none why. The first route that fits counts.
func (m Mesh) Leads(r Request, at Target) (host string, port int, why string) {
	for _, g := range m.gateways {
		selected := len(g.spec.Selector) > 0 && g.namespace == at.Namespace
		for key, value := range g.spec.Selector {
			selected = selected && at.Labels[key] == value
		}
		for _, server := range g.spec.Servers {
			if !selected || server.Port.Number != at.Port || server.Port.Protocol != "HTTPS" || server.TLS.Certificate == "" || server.TLS.Key == "" {
				continue
			}
			if host, port, ok := m.leads(r, g, slices.Contains(server.Hosts, "./*")); ok {
				return host, port, ""
			}
			return "", 0, fmt.Sprintf("route of %s for %v", r.Path, r.Headers)
		}
	}
	return "", 0, fmt.Sprintf("server of TLS at port %d", at.Port)
}

func (m Mesh) leads(r Request, g entrance, own bool) (host string, port int, ok bool) {
	for _, routes := range m.routings {
		bound := slices.Contains(routes.spec.Gateways, g.namespace+"/"+g.name) || routes.namespace == g.namespace && slices.Contains(routes.spec.Gateways, g.name)
		if !bound || own && routes.namespace != g.namespace || !slices.Contains(routes.spec.Hosts, "*") {
			continue
		}
		for _, route := range routes.spec.HTTP {
			fits := len(route.Match) == 0
			for _, match := range route.Match {
				one := match.URI.Exact == "" || match.URI.Exact == r.Path
				one = one && strings.HasPrefix(r.Path, match.URI.Prefix)
				for header, value := range match.Headers {
					one = one && r.Headers[header] == value.Exact
				}
				fits = fits || one
			}
			if fits && len(route.Route) == 1 {
				to := route.Route[0].Destination
				return to.Host, to.Port.Number, true
			}
		}
	}
	return "", 0, false
}
