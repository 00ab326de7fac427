package gcp

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"platform/tests/cloud"
)

const (
	apiType     = "gcp:apigateway/api:Api"
	configType  = "gcp:apigateway/apiConfig:ApiConfig"
	managedType = "servicemanagement:service"
)

var apigatewayHooks = map[string]cloud.Hook{
	apiType:                      {Created: apiCreated, Deleted: apiDeleted},
	configType:                   {Created: configCreated},
	"gcp:projects/apiKey:ApiKey": again(keySet),
}

// apiCreated makes the service behind an API. Its name ends in some characters of Google's; whether they differ the
// next time is not documented, so here they do not.
func apiCreated(t *cloud.Tx, o *cloud.Object) error {
	id, project := o.Str("apiId"), o.Str("project")
	sum := sha256.Sum256([]byte(project + "/" + id))
	suffix := hex.EncodeToString(sum[:])[:13]
	name := id + "-" + suffix + ".apigateway." + project + ".cloud.goog"
	if asked, _ := o.Inputs["managedService"].(string); asked != "" {
		return cloud.Refuse("INVALID_ARGUMENT", "the managed service %s is not known to the simulated cloud", asked)
	}
	if label, _, _ := strings.Cut(name, "."); len(label) > 63 {
		return cloud.Refuse("INVALID_ARGUMENT", "%s is no host name: its first part has %d characters, allowed are 63", name, len(label))
	}
	if t.Kept(managedType, name) != nil {
		return cloud.Refuse("FAILED_PRECONDITION", "the service %s has been deleted and will be purged after 30 days; to reuse it, undelete it", name)
	}
	o.Outputs["managedService"] = name
	o.Random = append(o.Random, suffix)
	t.Mint(cloud.Object{Type: managedType, ID: name, Hidden: true, Owner: o.Key(), Props: map[string]any{"producer": project}})
	return nil
}

// apiDeleted keeps the service, under its name
// (https://cloud.google.com/service-infrastructure/docs/create-services).
func apiDeleted(t *cloud.Tx, o *cloud.Object) error {
	if service := t.Get(managedType, o.Str("managedService")); service != nil {
		service.Retained = "DELETED"
	}
	return nil
}

// keySet: a key is for services that are on in its project
// (https://cloud.google.com/api-gateway/docs/authenticate-api-keys).
func keySet(t *cloud.Tx, o *cloud.Object) error {
	targets, _ := o.Value("restrictions.apiTargets").([]any)
	for _, e := range targets {
		target, _ := e.(map[string]any)
		if t.Get(onType, fmt.Sprintf("%s/%s", o.Account, target["service"])) == nil {
			return cloud.Refuse("INVALID_ARGUMENT", "restrictions.apiTargets: the service %s is not on in project %s", target["service"], o.Account)
		}
	}
	return nil
}

// openAPI is what API Gateway reads of an OpenAPI 2.0 document.
type openAPI struct {
	Swagger string
	Backend struct {
		Address         string
		PathTranslation string `json:"path_translation"`
	} `json:"x-google-backend"`
	SecurityDefinitions map[string]struct {
		Type, Name, In string
		Issuer         string `json:"x-google-issuer"`
		Audiences      string `json:"x-google-audiences"`
	}
	Security []map[string][]string
	Paths    map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Responses   map[string]any
	}
}

// configCreated reads the documents as API Gateway does
// (https://cloud.google.com/api-gateway/docs/oasv2-extensions, https://cloud.google.com/api-gateway/docs/path-templating,
// https://cloud.google.com/endpoints/docs/openapi/openapi-limitations).
func configCreated(_ *cloud.Tx, o *cloud.Object) error {
	documents, _ := o.Value("openapiDocuments").([]any)
	for i := range documents {
		raw, err := base64.StdEncoding.DecodeString(o.Str(fmt.Sprintf("openapiDocuments.%d.document.contents", i)))
		if err != nil {
			return cloud.Refuse("INVALID_ARGUMENT", "openapiDocuments[%d] is not base64: %v", i, err)
		}
		var document openAPI
		if err := json.Unmarshal(raw, &document); err != nil {
			return cloud.Refuse("INVALID_ARGUMENT", "openapiDocuments[%d] is not an OpenAPI document: %v", i, err)
		}
		if err := document.check(); err != nil {
			return err
		}
	}
	return nil
}

func (d openAPI) check() error {
	if d.Swagger != "2.0" {
		return cloud.Refuse("INVALID_ARGUMENT", "swagger: %q: allowed is 2.0", d.Swagger)
	}
	if !strings.HasPrefix(d.Backend.Address, "https://") {
		return cloud.Refuse("INVALID_ARGUMENT", "x-google-backend.address: %q: a gateway calls public addresses over TLS", d.Backend.Address)
	}
	if !slices.Contains([]string{"APPEND_PATH_TO_ADDRESS", "CONSTANT_ADDRESS"}, d.Backend.PathTranslation) {
		return cloud.Refuse("INVALID_ARGUMENT", "x-google-backend.path_translation: %q", d.Backend.PathTranslation)
	}
	if err := d.checkSecurity(); err != nil {
		return err
	}
	taken := map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		if at := strings.Index(path, "=**}"); at >= 0 && at+len("=**}") != len(path) {
			return cloud.Refuse("INVALID_ARGUMENT", "paths.%s: a double wildcard must be the last segment", path)
		}
		for _, method := range slices.Sorted(maps.Keys(d.Paths[path])) {
			operation := d.Paths[path][method]
			if other, twice := taken[operation.OperationID]; twice || operation.OperationID == "" {
				return cloud.Refuse("INVALID_ARGUMENT", "paths.%s.%s: operationId %q: each operation needs one of its own; %s has it", path, method, operation.OperationID, other)
			}
			if len(operation.Responses) == 0 {
				return cloud.Refuse("INVALID_ARGUMENT", "paths.%s.%s: responses must be set", path, method)
			}
			taken[operation.OperationID] = path
		}
	}
	return nil
}

// checkSecurity refuses what would not be asked for. Google takes a name that is not defined and then lets
// everybody through; here it is an error.
func (d openAPI) checkSecurity() error {
	for _, name := range slices.Sorted(maps.Keys(d.SecurityDefinitions)) {
		definition := d.SecurityDefinitions[name]
		switch {
		case definition.Type == "oauth2" && definition.Issuer == "":
			return cloud.Refuse("INVALID_ARGUMENT", "securityDefinitions.%s.x-google-issuer must be set", name)
		case definition.Type == "apiKey" && !slices.Contains([]string{"header x-api-key", "query key"}, definition.In+" "+definition.Name):
			return cloud.Refuse("INVALID_ARGUMENT", "securityDefinitions.%s: a key is in the header x-api-key or in the query's key", name)
		}
	}
	for i, alternative := range d.Security {
		for _, name := range slices.Sorted(maps.Keys(alternative)) {
			definition, ok := d.SecurityDefinitions[name]
			if !ok {
				return cloud.Refuse("INVALID_ARGUMENT", "security[%d].%s is not among the securityDefinitions: nothing would be asked for", i, name)
			}
			if definition.Type == "apiKey" && len(d.Security) > 1 {
				return cloud.Refuse("INVALID_ARGUMENT", "security[%d].%s: a key cannot be an alternative", i, name)
			}
		}
	}
	return nil
}
