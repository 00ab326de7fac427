package gcp

import (
	"strings"
	"testing"

	"platform/components/gateway"
)

func doorArgs() gateway.Args {
	return gateway.Args{
		Domain: "dev.example.com", Zone: "dev-example-com", LogDays: 30,
		Audiences: map[string]gateway.Audience{
			"mobile":  {Auth: gateway.JWT, Issuer: "https://login.example.com/", Audiences: []string{"app", "tablet"}},
			"partner": {Auth: gateway.JWT, Issuer: "https://partners.example.com/", Audiences: []string{"partner"}},
		},
		Routes: []gateway.Route{
			{Service: "payments", Path: "/payments", Audiences: []string{"mobile", "partner"}, Rate: 200, Burst: 400},
			{Service: "payments", Path: "/payments/open-items", Audiences: []string{"mobile"}, Rate: 5, Burst: 5},
		},
	}
}

// operationsJSON are the operations of a path whose ids end in words.
func operationsJSON(words string) string {
	var all []string
	for _, method := range []string{"delete", "get", "head", "options", "patch", "post", "put"} {
		all = append(all, `"`+method+`":{"operationId":"`+method+words+`","responses":{"default":{"description":"The service's answer"}}}`)
	}
	return "{" + strings.Join(all, ",") + "}"
}

func TestTheDocumentOfADoorAsksForTheCallersTokenAndTheBalancersKey(t *testing.T) {
	got, err := openAPI("mobile", doorArgs())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"swagger":"2.0","info":{"title":"Door of audience mobile","version":"1"},"schemes":["https"],` +
		`"x-google-backend":{"address":"https://origin.dev.example.com","path_translation":"APPEND_PATH_TO_ADDRESS",` +
		`"jwt_audience":"https://origin.dev.example.com/mobile","deadline":30},` +
		`"securityDefinitions":{"balancer":{"type":"apiKey","name":"x-api-key","in":"header"},` +
		`"caller":{"type":"oauth2","authorizationUrl":"","flow":"implicit","x-google-issuer":"https://login.example.com/","x-google-audiences":"app,tablet"}},` +
		`"security":[{"balancer":[],"caller":[]}],"paths":{` +
		`"/payments":` + operationsJSON("_payments") + `,` +
		`"/payments/open-items":` + operationsJSON("_payments_open__items") + `,` +
		`"/payments/open-items/{below=**}":` + operationsJSON("Below_payments_open__items") + `,` +
		`"/payments/{below=**}":` + operationsJSON("Below_payments") + `}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestADoorKnowsOnlyItsAudiencesRoutes(t *testing.T) {
	got, err := openAPI("partner", doorArgs())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(got, "open-items") || !strings.Contains(got, `"/payments":`) {
		t.Errorf("the door of partners has the document %s", got)
	}
}

func TestAClaimWithACommaIsRefused(t *testing.T) {
	args := doorArgs()
	args.Audiences["mobile"] = gateway.Audience{Auth: gateway.JWT, Issuer: "https://login.example.com/", Audiences: []string{"app", "a,b"}}
	want := `audiences[1]: value "a,b": no comma is allowed: API Gateway would take it for two claims`
	if _, err := openAPI("mobile", args); err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
