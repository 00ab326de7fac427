package mesh

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// access is an AuthorizationPolicy (https://istio.io/latest/docs/reference/config/security/authorization-policy/).
type access struct {
	namespace string
	dry       bool
	spec      struct {
		Selector   *selector         `json:"selector"`
		TargetRef  json.RawMessage   `json:"targetRef"`
		TargetRefs []json.RawMessage `json:"targetRefs"`
		Action     string            `json:"action"`
		Provider   json.RawMessage   `json:"provider"`
		Rules      []rule            `json:"rules"`
	}
}

type rule struct {
	From []from      `json:"from"`
	To   []to        `json:"to"`
	When []condition `json:"when"`
}

type from struct {
	Source source `json:"source"`
}

type to struct {
	Operation operation `json:"operation"`
}

type source struct {
	Principals           []string `json:"principals"`
	NotPrincipals        []string `json:"notPrincipals"`
	Namespaces           []string `json:"namespaces"`
	NotNamespaces        []string `json:"notNamespaces"`
	ServiceAccounts      []string `json:"serviceAccounts"`
	NotServiceAccounts   []string `json:"notServiceAccounts"`
	RequestPrincipals    []string `json:"requestPrincipals"`
	NotRequestPrincipals []string `json:"notRequestPrincipals"`
	IPBlocks             []string `json:"ipBlocks"`
	NotIPBlocks          []string `json:"notIpBlocks"`
	RemoteIPBlocks       []string `json:"remoteIpBlocks"`
	NotRemoteIPBlocks    []string `json:"notRemoteIpBlocks"`
}

type operation struct {
	Ports      []string `json:"ports"`
	NotPorts   []string `json:"notPorts"`
	Hosts      []string `json:"hosts"`
	NotHosts   []string `json:"notHosts"`
	Methods    []string `json:"methods"`
	NotMethods []string `json:"notMethods"`
	Paths      []string `json:"paths"`
	NotPaths   []string `json:"notPaths"`
}

type condition struct {
	Key       string   `json:"key"`
	Values    []string `json:"values"`
	NotValues []string `json:"notValues"`
}

// of says whether the proxies of nodes ask the policy about a pod. One that names a target is a waypoint's, and one that
// only tries is nobody's.
func (a access) of(to Target) bool {
	if a.dry || len(a.spec.TargetRef)+len(a.spec.TargetRefs) > 0 {
		return false
	}
	return (a.namespace == to.Namespace || a.namespace == Root) && a.spec.Selector.selects(to.Labels)
}

// matches says whether any rule is about what comes. A policy without rules is about nothing, and a rule that says
// nothing about everything.
func (a access) matches(from Caller, to Target) bool {
	return slices.ContainsFunc(a.spec.Rules, func(r rule) bool {
		// What asks for more than a certificate tells is left out of a policy that allows, with its whole rule; of one
		// that denies the rest of the rule is kept.
		if r.reads() && a.spec.Action != "DENY" {
			return false
		}
		r.When = slices.DeleteFunc(slices.Clone(r.When), func(c condition) bool { return !slices.Contains(conditions, c.Key) })
		return r.matches(a.namespace, from, to)
	})
}

// reads says whether a rule is about what only a proxy that reads requests can tell.
func (r rule) reads() bool {
	for _, f := range r.From {
		s := f.Source
		if len(s.RequestPrincipals)+len(s.NotRequestPrincipals)+len(s.RemoteIPBlocks)+len(s.NotRemoteIPBlocks) > 0 {
			return true
		}
	}
	for _, t := range r.To {
		o := t.Operation
		if len(o.Hosts)+len(o.NotHosts)+len(o.Methods)+len(o.NotMethods)+len(o.Paths)+len(o.NotPaths) > 0 {
			return true
		}
	}
	return slices.ContainsFunc(r.When, func(c condition) bool { return !slices.Contains(conditions, c.Key) })
}

// conditions are those that the proxy of a node knows, but for addresses, which nothing here is about.
var conditions = []string{"source.namespace", "source.principal", "destination.port"}

// matches: each part of a rule must be about what comes, by any of its entries.
func (r rule) matches(namespace string, comes Caller, goes Target) bool {
	if len(r.From) > 0 && !slices.ContainsFunc(r.From, func(f from) bool { return f.Source.matches(namespace, comes) }) {
		return false
	}
	port := strconv.Itoa(goes.Port)
	is := func(p string) bool { return p == port }
	// An entry that says nothing is about nothing.
	if len(r.To) > 0 && !slices.ContainsFunc(r.To, func(t to) bool {
		return len(t.Operation.Ports)+len(t.Operation.NotPorts) > 0 && both(t.Operation.Ports, t.Operation.NotPorts, is)
	}) {
		return false
	}
	for _, c := range r.When {
		is := is
		switch c.Key {
		case "source.namespace":
			is = func(n string) bool { return like(n, comes.namespace()) }
		case "source.principal":
			is = func(p string) bool { return comes.Principal != "" && like(p, comes.Principal) }
		}
		if !both(c.Values, c.NotValues, is) {
			return false
		}
	}
	return true
}

func (s source) matches(namespace string, from Caller) bool {
	if len(s.Principals)+len(s.NotPrincipals)+len(s.Namespaces)+len(s.NotNamespaces)+len(s.ServiceAccounts)+len(s.NotServiceAccounts) == 0 {
		return false
	}
	return both(s.Principals, s.NotPrincipals, func(p string) bool { return from.Principal != "" && like(p, from.Principal) }) &&
		both(s.Namespaces, s.NotNamespaces, func(n string) bool { return like(n, from.namespace()) }) &&
		both(s.ServiceAccounts, s.NotServiceAccounts, func(a string) bool {
			if !strings.Contains(a, "/") {
				a = namespace + "/" + a
			}
			return from.Principal != "" && a == from.namespace()+"/"+from.account()
		})
}

// both wants one of the first to be so, if there are any, and none of the second.
func both(wanted, unwanted []string, is func(string) bool) bool {
	return (len(wanted) == 0 || slices.ContainsFunc(wanted, is)) && !slices.ContainsFunc(unwanted, is)
}

// like compares with a text, its beginning, its end, or anything that is there.
func like(pattern, value string) bool {
	if pattern == "*" {
		return value != ""
	}
	if rest, ok := strings.CutPrefix(pattern, "*"); ok {
		return strings.HasSuffix(value, rest)
	}
	if rest, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(value, rest)
	}
	return pattern == value
}

func (c Caller) part(n int) string {
	if parts := strings.Split(c.Principal, "/"); len(parts) == 5 {
		return parts[n]
	}
	return ""
}

func (c Caller) namespace() string { return c.part(2) }

func (c Caller) account() string { return c.part(4) }
