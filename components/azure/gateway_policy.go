package azure

import (
	"crypto/sha1" //nolint:gosec // API Management names certificates by their SHA-1, the usual thumbprint.
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"platform/components/gateway"
)

// element is one element of a policy.
type element struct {
	name       string
	attributes []attribute
	text       string
	children   []element
}

type attribute struct{ name, value string }

// write writes the element with what is in it. Values are escaped, so that no setting can add to the policy.
func (e element) write(b *strings.Builder, depth int) {
	indent := strings.Repeat("  ", depth)
	b.WriteString(indent + "<" + e.name)
	for _, a := range e.attributes {
		fmt.Fprintf(b, ` %s="%s"`, a.name, escaped(a.value))
	}
	switch {
	case e.text != "":
		fmt.Fprintf(b, ">%s</%s>\n", escaped(e.text), e.name)
	case len(e.children) == 0:
		b.WriteString(" />\n")
	default:
		b.WriteString(">\n")
		for _, child := range e.children {
			child.write(b, depth+1)
		}
		b.WriteString(indent + "</" + e.name + ">\n")
	}
}

func escaped(text string) string {
	var b strings.Builder
	// A strings.Builder takes everything.
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

// sections makes a policy of its four sections
// (https://learn.microsoft.com/azure/api-management/api-management-howto-policies).
func sections(inbound, backend, outbound, onError []element) string {
	var b strings.Builder
	element{name: "policies", children: []element{
		{name: "inbound", children: inbound}, {name: "backend", children: backend},
		{name: "outbound", children: outbound}, {name: "on-error", children: onError},
	}}.write(&b, 0)
	return b.String()
}

// backendSeconds is how long the ingress may take to answer, as AWS has it for HTTP APIs, so that a service
// behaves alike behind either door.
const backendSeconds = 30

// servicePolicy is what all requests pass first: the host name tells the audience, and so which proof it
// takes. Any other host name, API Management's own among them, leads nowhere.
func servicePolicy(args gateway.Args) (string, error) {
	choices := make([]element, 0, len(args.Audiences)+1)
	for _, audience := range slices.Sorted(maps.Keys(args.Audiences)) {
		proof, err := proofPolicy(args.Audiences[audience])
		if err != nil {
			return "", fmt.Errorf("audience %s: %w", audience, err)
		}
		choices = append(choices, when(args.Host(audience), proof, element{
			name: "set-header", attributes: []attribute{{"name", gateway.AudienceHeader}, {"exists-action", "override"}},
			children: []element{{name: "value", text: audience}},
		}))
	}
	return sections([]element{
		{name: "choose", children: append(choices, nowhere)},
		{name: "set-backend-service", attributes: []attribute{{"backend-id", ingressBackend}}},
	}, []element{
		{name: "forward-request", attributes: []attribute{{"timeout", strconv.Itoa(backendSeconds)}}},
	}, nil, nil), nil
}

// routePolicy limits what each audience of a path may send; an audience that the path is not for finds
// nothing there. The service behind sees the path as the caller wrote it.
func routePolicy(path string, routes []gateway.Route, args gateway.Args) string {
	rates := map[string]gateway.Route{}
	for _, route := range routes {
		for _, audience := range route.Audiences {
			rates[audience] = route
		}
	}
	base := []element{{name: "base"}}
	choices := make([]element, 0, len(rates)+1)
	for _, audience := range slices.Sorted(maps.Keys(rates)) {
		calls, seconds := window(rates[audience].Rate, rates[audience].Burst)
		choices = append(choices, when(args.Host(audience), element{
			name: "rate-limit-by-key", attributes: []attribute{
				{"calls", strconv.Itoa(calls)}, {"renewal-period", strconv.Itoa(seconds)}, {"counter-key", audience + " " + path},
			},
		}))
	}
	return sections([]element{
		base[0],
		{name: "choose", children: append(choices, nowhere)},
		// API Management sends on only what follows the API's path.
		{name: "rewrite-uri", attributes: []attribute{{"template", "@(context.Request.OriginalUrl.Path)"}}},
	}, base, base, base)
}

// maxWindow is the longest period over which calls are counted, in seconds
// (https://learn.microsoft.com/azure/api-management/rate-limit-by-key-policy).
const maxWindow = 300

// window turns requests per second and at once into calls within a sliding window of whole seconds, such
// that neither is exceeded. With a window of one second the two are one number.
func window(rate, burst int) (calls, seconds int) {
	if burst < rate {
		return burst, 1
	}
	seconds = min(burst/rate, maxWindow)
	return rate * seconds, seconds
}

func when(host string, then ...element) element {
	return element{
		name: "when", attributes: []attribute{{"condition", fmt.Sprintf("@(context.Request.OriginalUrl.Host == %q)", host)}},
		children: then,
	}
}

var nowhere = element{name: "otherwise", children: []element{{name: "return-response", children: []element{
	{name: "set-status", attributes: []attribute{{"code", "404"}, {"reason", "Not Found"}}},
}}}}

// proofPolicy asks callers of an audience for their proof.
func proofPolicy(a gateway.Audience) (element, error) {
	if a.Auth == gateway.JWT {
		return tokenPolicy(a), nil
	}
	return certificatePolicy(a)
}

// tokenPolicy takes signed tokens of the issuer that have an end and are meant for us
// (https://learn.microsoft.com/azure/api-management/validate-jwt-policy).
func tokenPolicy(a gateway.Audience) element {
	claims := make([]element, 0, len(a.Audiences))
	for _, claim := range a.Audiences {
		claims = append(claims, element{name: "audience", text: claim})
	}
	return element{
		name: "validate-jwt", attributes: []attribute{
			{"header-name", "Authorization"}, {"require-scheme", "Bearer"}, {"require-expiration-time", "true"},
			{"require-signed-tokens", "true"}, {"failed-validation-httpcode", "401"},
		},
		children: []element{
			// https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest
			{name: "openid-config", attributes: []attribute{
				{"url", strings.TrimSuffix(a.Issuer, "/") + "/.well-known/openid-configuration"},
			}},
			{name: "audiences", children: claims},
			{name: "issuers", children: []element{{name: "issuer", text: a.Issuer}}},
		},
	}
}

// certificatePolicy takes client certificates that one of the audience's own authorities issued: the
// service trusts the authorities of all audiences alike, so the issuer is what tells them apart
// (https://learn.microsoft.com/azure/api-management/validate-client-certificate-policy). Whether an authority
// took a certificate back is not asked: a private one need not say where it tells that, and then all would
// be refused.
func certificatePolicy(a gateway.Audience) (element, error) {
	authorities, err := authoritiesOf(a.TrustStore)
	if err != nil {
		return element{}, err
	}
	if len(authorities) > maxAuthorities {
		return element{}, tooManyAuthorities(len(authorities))
	}
	identities := make([]element, 0, len(authorities))
	for _, authority := range authorities {
		identities = append(identities, element{name: "identity", attributes: []attribute{{"issuer-thumbprint", thumbprint(authority)}}})
	}
	return element{
		name: "validate-client-certificate", attributes: []attribute{
			{"validate-revocation", "false"}, {"validate-trust", "true"}, {"validate-not-before", "true"},
			{"validate-not-after", "true"}, {"ignore-error", "false"},
		},
		children: []element{{name: "identities", children: identities}},
	}, nil
}

// authoritiesOf are a trust store's certificates in DER form, each once.
func authoritiesOf(store string) ([][]byte, error) {
	var all [][]byte
	for rest := []byte(store); ; {
		block, after := pem.Decode(rest)
		if block == nil {
			break
		}
		rest = after
		if !slices.ContainsFunc(all, func(known []byte) bool { return slices.Equal(known, block.Bytes) }) {
			all = append(all, block.Bytes)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the trust store holds no certificate in PEM form")
	}
	return all, nil
}

func thumbprint(der []byte) string {
	sum := sha1.Sum(der) //nolint:gosec // a name, not a proof: trust is by the chain
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// methods are those that OpenAPI knows, but for TRACE, which would show what proxies add to a request.
var methods = []string{"delete", "get", "head", "options", "patch", "post", "put"}

// routeDocument describes a path and all that lies below it, with any method. API Management has no operation
// for all methods, and makes these of a document in one call
// (https://learn.microsoft.com/azure/api-management/api-management-api-import-restrictions).
func routeDocument(path string) (string, error) {
	operations := func(role string) map[string]any {
		all := map[string]any{}
		for _, method := range methods {
			all[method] = map[string]any{
				"operationId": role + "-" + method, "responses": map[string]any{"default": map[string]any{"description": "What the service says"}},
			}
		}
		return all
	}
	document, err := json.Marshal(map[string]any{
		"openapi": "3.0.1",
		"info":    map[string]any{"title": path, "version": "1"},
		"paths":   map[string]any{"/": operations("itself"), "/*": operations("below")},
	})
	if err != nil {
		return "", fmt.Errorf("document of %s: %w", path, err)
	}
	return string(document), nil
}
