package gcp

import (
	"strings"

	"platform/tests/cloud"
)

// apiOf are the services behind the modules of the provider whose names differ from the service's.
var apiOf = map[string]string{
	"kms": "cloudkms", "projects": "cloudresourcemanager", "serviceaccount": "iam", "sql": "sqladmin",
}

// serviceOf is the service that answers for a type, "" for what switches services on.
func serviceOf(token string) string {
	module := strings.Split(strings.TrimPrefix(token, "gcp:"), "/")[0]
	switch token {
	case "gcp:projects/service:Service", "gcp:projects/serviceIdentity:ServiceIdentity":
		return ""
	case "gcp:projects/apiKey:ApiKey":
		return "apikeys.googleapis.com"
	}
	if api := apiOf[module]; api != "" {
		module = api
	}
	return module + ".googleapis.com"
}

// usersOf are the types that need a service and hold resources that cost money or data.
func usersOf(module string) []string {
	return map[string][]string{
		"compute":           {networkType},
		"dns":               {zoneType},
		"servicenetworking": {connectionType},
	}[module]
}

// watched puts around a type's own behaviour what holds for every type: the service that answers for it must be on,
// and who lies in a connected network is remembered.
func watched(token string, hook cloud.Hook) cloud.Hook {
	own, service := hook.Created, serviceOf(token)
	hook.Created = func(t *cloud.Tx, o *cloud.Object) error {
		if err := serviceIsOn(t, o, service); err != nil {
			return err
		}
		if own != nil {
			if err := own(t, o); err != nil {
				return err
			}
		}
		return joinProducers(t, o)
	}
	return hook
}

// serviceIsOn: without its service a project cannot have anything
// (https://cloud.google.com/apis/docs/getting-started#enabling_apis). In a test without a project there is nothing to
// be on.
func serviceIsOn(t *cloud.Tx, o *cloud.Object, service string) error {
	if service == "" || t.Get(projectType, o.Account) == nil || t.Get(onType, o.Account+"/"+service) != nil {
		return nil
	}
	return cloud.Refuse("SERVICE_DISABLED", "%s: %s has not been used in project %s before or it is disabled", o.Type, service, o.Account)
}
