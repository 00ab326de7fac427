package azure

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"platform/tests/cloud"
)

// node is one element of a policy.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []node     `xml:",any"`
}

func (n node) attr(name string) (string, bool) {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value, true
		}
	}
	return "", false
}

// grammar is what an element takes: attributes, those that must be there, and children in this order.
type grammar struct {
	required, optional []string
	children           []string
	text               bool
	sections           []string // where a policy may stand; empty is inside of another
	scopes             []string // empty is all
}

const (
	globalScope = "global"
	apiScope    = "api"
)

// policyGrammar is that of the policies that the program writes, and no more
// (https://learn.microsoft.com/azure/api-management/api-management-policies).
var policyGrammar = map[string]grammar{
	"base":   {sections: []string{"inbound", "backend", "outbound", "on-error"}, scopes: []string{apiScope}},
	"choose": {children: []string{"when", "otherwise"}, sections: []string{"inbound", "outbound", "on-error"}},
	"forward-request": {
		optional: []string{"buffer-request-body", "buffer-response", "fail-on-error-status-code", "follow-redirects", "http-version", "timeout", "timeout-ms"},
		sections: []string{"backend"},
	},
	"rate-limit-by-key": {
		required: []string{"calls", "counter-key", "renewal-period"},
		optional: []string{"increment-condition", "increment-count", "remaining-calls-header-name", "retry-after-header-name", "total-calls-header-name"},
		sections: []string{"inbound"},
	},
	"return-response": {
		optional: []string{"response-variable-name"}, children: []string{"set-status", "set-header", "set-body"},
		sections: []string{"inbound", "backend", "outbound", "on-error"},
	},
	"rewrite-uri": {required: []string{"template"}, optional: []string{"copy-unmatched-params"}, sections: []string{"inbound"}},
	"set-backend-service": {
		optional: []string{"backend-id", "base-url"}, sections: []string{"inbound", "backend"},
	},
	"set-header": {
		required: []string{"name"}, optional: []string{"exists-action"}, children: []string{"value"},
		sections: []string{"inbound", "backend", "outbound", "on-error"},
	},
	"validate-client-certificate": {
		optional: []string{"ignore-error", "validate-not-after", "validate-not-before", "validate-revocation", "validate-trust"},
		children: []string{"identities"}, sections: []string{"inbound"},
	},
	"validate-jwt": {
		optional: []string{
			"clock-skew", "failed-validation-error-message", "failed-validation-httpcode", "header-name", "output-token-variable-name",
			"query-parameter-name", "require-expiration-time", "require-scheme", "require-signed-tokens", "token-value",
		},
		children: []string{"openid-config", "issuer-signing-keys", "decryption-keys", "audiences", "issuers", "required-claims"},
		sections: []string{"inbound"},
	},
	"audience":   {text: true},
	"audiences":  {children: []string{"audience"}},
	"identities": {children: []string{"identity"}},
	"identity": {optional: []string{
		"common-name", "dns-name", "issuer-certificate-id", "issuer-subject", "issuer-thumbprint", "serial-number", "subject", "thumbprint",
	}},
	"issuer":        {text: true},
	"issuers":       {children: []string{"issuer"}},
	"openid-config": {required: []string{"url"}},
	"set-body":      {optional: []string{"template"}, text: true},
	"set-status":    {required: []string{"code"}, optional: []string{"reason"}},
	"value":         {text: true},
}

var policySections = []string{"inbound", "backend", "outbound", "on-error"}

func malformed(format string, args ...any) error {
	return cloud.Refuse("ValidationError", "one or more fields contain incorrect values: "+format, args...)
}

// policyFits refuses what API Management does: XML that is not well-formed, elements that it does not know or that
// stand where they may not, and backends that are not there.
func policyFits(t *cloud.Tx, o *cloud.Object, scope string) error {
	root, err := parsePolicy(o.Str("value"))
	if err != nil {
		return malformed("%s: %v", o, err)
	}
	if root.XMLName.Local != "policies" {
		return malformed("%s: the root is %s, not policies", o, root.XMLName.Local)
	}
	next := 0
	for _, section := range root.Children {
		name := section.XMLName.Local
		at := slices.Index(policySections, name)
		if at < next {
			return malformed("%s: section %s is unknown, there twice, or out of order", o, name)
		}
		next = at + 1
		for _, policy := range section.Children {
			if err := policyElement(policy, name, scope); err != nil {
				return malformed("%s: %v", o, err)
			}
		}
		if name == "backend" && len(section.Children) > 1 {
			return malformed("%s: section backend takes one policy", o)
		}
	}
	for _, id := range backendsIn(o.Str("value")) {
		if t.Count(backendType, func(b *cloud.Object) bool {
			return b.Str("backendId") == id && b.Str("serviceName") == o.Str("serviceName")
		}) == 0 {
			return malformed("%s: backend with id %q could not be found", o, id)
		}
	}
	return nil
}

// parsePolicy reads one element and nothing after it.
func parsePolicy(text string) (node, error) {
	decoder := xml.NewDecoder(strings.NewReader(text))
	var root node
	if err := decoder.Decode(&root); err != nil {
		return node{}, err
	}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		if err != nil {
			return node{}, err
		}
		if data, ok := token.(xml.CharData); !ok || strings.TrimSpace(string(data)) != "" {
			return node{}, errors.New("there is something after the policies")
		}
	}
}

func policyElement(n node, section, scope string) error {
	name := n.XMLName.Local
	g, known := policyGrammar[name]
	switch {
	case !known:
		return errors.New("element " + name + " is unknown")
	case !slices.Contains(g.sections, section):
		return errors.New("element " + name + " may not stand in section " + section)
	case len(g.scopes) > 0 && !slices.Contains(g.scopes, scope):
		return errors.New("element " + name + " may not stand in a policy of scope " + scope)
	}
	if name == "choose" {
		return choice(n, section, scope)
	}
	if err := inside(n, name, g); err != nil {
		return err
	}
	return meaning(n)
}

// choice: any number of conditions with policies of their own, and one way out.
func choice(n node, section, scope string) error {
	if len(n.Children) == 0 || n.Children[0].XMLName.Local != "when" {
		return errors.New("element choose has no when")
	}
	for i, branch := range n.Children {
		condition, has := branch.attr("condition")
		switch branch.XMLName.Local {
		case "when":
			if !has || !expression(condition) {
				return errors.New("element when has no condition that is an expression")
			}
		case "otherwise":
			if i != len(n.Children)-1 {
				return errors.New("element otherwise is not the last")
			}
		default:
			return errors.New("element choose takes no " + branch.XMLName.Local)
		}
		for _, policy := range branch.Children {
			if err := policyElement(policy, section, scope); err != nil {
				return err
			}
		}
	}
	return nil
}

// expression: https://learn.microsoft.com/azure/api-management/api-management-policy-expressions
func expression(text string) bool {
	return strings.HasPrefix(text, "@(") && strings.HasSuffix(text, ")") && strings.Count(text, "(") == strings.Count(text, ")")
}

// inside checks attributes and children.
func inside(n node, name string, g grammar) error {
	seen := map[string]bool{}
	for _, a := range n.Attrs {
		if seen[a.Name.Local] || !slices.Contains(g.required, a.Name.Local) && !slices.Contains(g.optional, a.Name.Local) {
			return errors.New("attribute " + a.Name.Local + " of " + name + " is unknown or there twice")
		}
		seen[a.Name.Local] = true
	}
	for _, r := range g.required {
		if !seen[r] {
			return errors.New("attribute " + r + " of " + name + " is missing")
		}
	}
	if text := strings.TrimSpace(n.Text); !g.text && text != "" || g.text && text == "" {
		return errors.New("element " + name + " holds the text " + strconv.Quote(text))
	}
	last := 0
	for _, child := range n.Children {
		at := slices.Index(g.children, child.XMLName.Local)
		if at < last {
			return errors.New("element " + child.XMLName.Local + " is unknown in " + name + " or out of order")
		}
		last = at
		if err := inside(child, child.XMLName.Local, policyGrammar[child.XMLName.Local]); err != nil {
			return err
		}
	}
	return nil
}

// meaning checks values.
func meaning(n node) error {
	switch n.XMLName.Local {
	case "rate-limit-by-key":
		// https://learn.microsoft.com/azure/api-management/rate-limit-by-key-policy
		calls, _ := n.attr("calls")
		period, _ := n.attr("renewal-period")
		if c, err := strconv.Atoi(calls); err != nil || c < 1 {
			return errors.New("calls of rate-limit-by-key is " + calls)
		}
		if p, err := strconv.Atoi(period); err != nil || p < 1 || p > 300 {
			return errors.New("renewal-period of rate-limit-by-key is " + period + ", allowed are 1 to 300 seconds")
		}
	case "validate-jwt":
		return tokensFit(n)
	case "validate-client-certificate":
		// https://learn.microsoft.com/azure/api-management/validate-client-certificate-policy
		for _, identities := range n.Children {
			if len(identities.Children) < 1 || len(identities.Children) > 10 {
				return errors.New("validate-client-certificate takes 1 to 10 identities")
			}
		}
	case "set-backend-service":
		_, id := n.attr("backend-id")
		_, url := n.attr("base-url")
		if id == url {
			return errors.New("set-backend-service takes either backend-id or base-url")
		}
	case "rewrite-uri":
		if template, _ := n.attr("template"); !expression(template) && !strings.HasPrefix(template, "/") {
			return errors.New("template of rewrite-uri is " + template)
		}
	}
	return nil
}

// tokensFit: https://learn.microsoft.com/azure/api-management/validate-jwt-policy
func tokensFit(n node) error {
	where := 0
	for _, name := range []string{"header-name", "query-parameter-name", "token-value"} {
		if _, has := n.attr(name); has {
			where++
		}
	}
	if where != 1 {
		return errors.New("validate-jwt takes one of header-name, query-parameter-name and token-value")
	}
	keys := false
	for _, child := range n.Children {
		if child.XMLName.Local == "openid-config" {
			keys = true
			if url, _ := child.attr("url"); !strings.HasPrefix(url, "https://") {
				return errors.New("url of openid-config is " + url + ", an https URL is allowed")
			}
		}
	}
	if !keys {
		return errors.New("validate-jwt has no keys to check signatures by")
	}
	return nil
}

// backendsIn are the backends that a policy names.
func backendsIn(text string) []string {
	root, err := parsePolicy(text)
	if err != nil {
		return nil
	}
	var out []string
	var walk func(node)
	walk = func(n node) {
		if id, has := n.attr("backend-id"); has && n.XMLName.Local == "set-backend-service" {
			out = append(out, id)
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(root)
	return out
}
