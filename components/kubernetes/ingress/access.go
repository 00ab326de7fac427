package ingress

import (
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const accessVersion = "security.istio.io/v1"

// The specs are what is set of each kind (https://istio.io/latest/docs/reference/config/security/authorization-policy/,
// .../request_authentication/).
type (
	accessSpec struct {
		Selector selector `json:"selector"`
		Rules    []rule   `json:"rules"`
	}

	selector struct {
		MatchLabels map[string]string `json:"matchLabels"`
	}

	rule struct {
		From []from `json:"from"`
		To   []to   `json:"to"`
		When []when `json:"when"`
	}

	from struct {
		Source source `json:"source"`
	}

	source struct {
		Addresses  []string             `json:"ipBlocks,omitempty"`
		Principals []pulumi.StringInput `json:"requestPrincipals,omitempty"`
	}

	to struct {
		Operation operation `json:"operation"`
	}

	operation struct {
		Ports []string `json:"ports"`
		Paths []string `json:"paths"`
	}

	when struct {
		Key    string   `json:"key"`
		Values []string `json:"values"`
	}

	proofSpec struct {
		Selector selector   `json:"selector"`
		Rules    []jwtRules `json:"jwtRules"`
	}

	jwtRules struct {
		Issuer    string   `json:"issuer"`
		Keys      string   `json:"jwksUri"`
		Audiences []string `json:"audiences"`
	}
)

// access says who may come, and as which audience. The mesh lets nobody in whom no policy names
// (https://istio.io/latest/docs/concepts/security/#allow-nothing-deny-all-and-allow-all-policy), at its gateways as well.
func (p *place) access(ctx *pulumi.Context) ([]pulumi.Resource, error) {
	var out []pulumi.Resource
	if proof := p.proofSpec(); proof != nil {
		made, err := p.object(ctx, "proof", accessVersion, "RequestAuthentication", *proof)
		if err != nil {
			return nil, err
		}
		out = append(out, made)
	}
	made, err := p.object(ctx, "access", accessVersion, "AuthorizationPolicy", p.accessSpec())
	if err != nil {
		return nil, err
	}
	return append(out, made), nil
}

// proofSpec looks at tokens, where doors show some: one that is not right is refused. One that is missing is not, which the
// policy does: it names who shows it.
func (a Args) proofSpec() *proofSpec {
	shown := a.Entrance.Proof
	if shown == nil {
		return nil
	}
	one := jwtRules{Issuer: shown.Issuer, Keys: shown.Keys}
	for _, audience := range slices.Sorted(maps.Keys(shown.Doors)) {
		one.Audiences = append(one.Audiences, shown.Doors[audience].Audience)
	}
	return &proofSpec{Selector: selector{Labels()}, Rules: []jwtRules{one}}
}

// accessSpec has a rule for each audience: by the paths of its routes, from where its door comes, or who that proves to be. The
// doors write the header, whatever their callers put there; of a door that shows a token, the token says it as well.
func (a Args) accessSpec() accessSpec {
	spec := accessSpec{Selector: selector{Labels()}, Rules: []rule{}}
	for _, audience := range slices.Sorted(maps.Keys(a.Doors.Audiences)) {
		paths := a.pathsOf(audience)
		if len(paths) == 0 {
			continue
		}
		one := rule{
			From: []from{{source{Addresses: a.Entrance.Sources}}},
			To:   []to{{operation{Ports: []string{strconv.Itoa(tlsPort)}, Paths: paths}}},
			When: []when{{"request.headers[" + header + "]", []string{audience}}},
		}
		if proof := a.Entrance.Proof; proof != nil {
			token := proof.Doors[audience]
			// https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source
			one.From = []from{{source{Principals: []pulumi.StringInput{pulumi.Sprintf("%s/%s", proof.Issuer, token.Subject)}}}}
			one.When = append(one.When, when{"request.auth.audiences", []string{token.Audience}})
		}
		spec.Rules = append(spec.Rules, one)
	}
	return spec
}
