package gcp

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"platform/components/gateway"
)

// keyHeader is where API Gateway looks for the key of the load balancer
// (https://cloud.google.com/api-gateway/docs/authenticate-api-keys).
const keyHeader = "x-api-key"

// answerSeconds is how long a service may take to answer: 15 unless said otherwise
// (https://cloud.google.com/api-gateway/docs/oasv2-extensions).
const answerSeconds = 30

// methods are all that OpenAPI 2.0 can name: API Gateway lets through only what is named
// (https://cloud.google.com/api-gateway/docs/oasv2-extensions).
var methods = []string{"delete", "get", "head", "options", "patch", "post", "put"}

// The parts of an OpenAPI 2.0 document that API Gateway acts on
// (https://cloud.google.com/api-gateway/docs/openapi-overview).
type (
	openAPIDocument struct {
		Swagger             string                                 `json:"swagger"`
		Info                openAPIInfo                            `json:"info"`
		Schemes             []string                               `json:"schemes"`
		Backend             openAPIBackend                         `json:"x-google-backend"`
		SecurityDefinitions map[string]openAPIScheme               `json:"securityDefinitions"`
		Security            []map[string][]string                  `json:"security"`
		Paths               map[string]map[string]openAPIOperation `json:"paths"`
	}
	openAPIInfo struct {
		Title   string `json:"title"`
		Version string `json:"version"`
	}
	openAPIBackend struct {
		Address         string  `json:"address"`
		PathTranslation string  `json:"path_translation"`
		JWTAudience     string  `json:"jwt_audience"`
		Deadline        float64 `json:"deadline"`
	}
	openAPIScheme struct {
		Type             string  `json:"type"`
		Name             string  `json:"name,omitempty"`
		In               string  `json:"in,omitempty"`
		AuthorizationURL *string `json:"authorizationUrl,omitempty"` // empty, but it must be there
		Flow             string  `json:"flow,omitempty"`
		Issuer           string  `json:"x-google-issuer,omitempty"`
		Audiences        string  `json:"x-google-audiences,omitempty"`
	}
	openAPIOperation struct {
		OperationID string                     `json:"operationId"`
		Responses   map[string]openAPIResponse `json:"responses"`
	}
	openAPIResponse struct {
		Description string `json:"description"`
	}
)

// openAPI is the document of one audience's door. Equal arguments give equal texts: any other would be
// a new config.
func openAPI(audience string, args gateway.Args) (string, error) {
	asked := args.Audiences[audience]
	for i, claim := range asked.Audiences {
		// API Gateway takes the claims in one text with commas between them.
		if strings.Contains(claim, ",") {
			return "", fmt.Errorf("audiences[%d]: value %q: no comma is allowed: API Gateway would take it for two claims", i, claim)
		}
	}
	empty := ""
	document := openAPIDocument{
		Swagger: "2.0", Info: openAPIInfo{Title: "Door of audience " + audience, Version: "1"}, Schemes: []string{"https"},
		Backend: openAPIBackend{
			Address: originURL(args), PathTranslation: "APPEND_PATH_TO_ADDRESS", Deadline: answerSeconds,
			// The ingress takes only tokens that are for it, and sees in them which door a request came through.
			// The caller's own token arrives as X-Forwarded-Authorization.
			JWTAudience: tokenAudience(args, audience),
		},
		SecurityDefinitions: map[string]openAPIScheme{
			// Without x-google-jwks_uri, the issuer's keys are found by OpenID Connect's discovery
			// (https://cloud.google.com/service-infrastructure/docs/service-management/reference/rest/v1/services.configs#AuthProvider).
			"caller": {
				Type: "oauth2", Flow: "implicit", AuthorizationURL: &empty,
				Issuer: asked.Issuer, Audiences: strings.Join(asked.Audiences, ","),
			},
			"balancer": {Type: "apiKey", Name: keyHeader, In: "header"},
		},
		// In one object: both are required, where two objects would be alternatives
		// (https://cloud.google.com/endpoints/docs/openapi/openapi-limitations).
		Security: []map[string][]string{{"caller": {}, "balancer": {}}},
		Paths:    map[string]map[string]openAPIOperation{},
	}
	for _, route := range args.Routes {
		if !slices.Contains(route.Audiences, audience) {
			continue
		}
		// A path without what lies below it and the path's descendants are two to API Gateway
		// (https://cloud.google.com/api-gateway/docs/path-templating).
		document.Paths[route.Path] = operations("", route.Path)
		document.Paths[route.Path+"/{below=**}"] = operations("Below", route.Path)
	}
	text, err := json.Marshal(document)
	if err != nil {
		return "", fmt.Errorf("OpenAPI document: %w", err)
	}
	return string(text), nil
}

// operations are one path's, all methods alike.
func operations(part, path string) map[string]openAPIOperation {
	// An id is a word of letters, digits and underscores, and no two paths may share one.
	words := strings.NewReplacer("/", "_", "-", "__").Replace(path)
	all := map[string]openAPIOperation{}
	for _, method := range methods {
		all[method] = openAPIOperation{
			OperationID: method + part + words,
			Responses:   map[string]openAPIResponse{"default": {Description: "The service's answer"}},
		}
	}
	return all
}
