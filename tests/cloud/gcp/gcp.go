// Package gcp is the simulated Google Cloud: the rule tables in rules/, and hooks for what tables cannot say.
package gcp

import (
	"embed"
	"strings"

	"platform/tests/cloud"
)

//go:embed rules/*.yaml
var tables embed.FS

// Release is the provider's version whose behaviour the rules describe.
const Release = "7.38.0"

// New makes the simulated Google Cloud as one project sees it.
func New(project string) (*cloud.Table, error) {
	rules, hooks, err := cloud.Assemble("gcp", tables, services)
	if err != nil {
		return nil, err
	}
	for token := range rules.Types {
		hooks[token] = watched(token, hooks[token])
	}
	return cloud.NewTable(cloud.TableOptions{
		Package: "gcp", Release: Release, Rules: rules, Hooks: hooks, Account: project, Config: config,
		Functions: functions, Moves: []string{"project", "region"}, Guard: constrained,
		Admit:       func(inputs map[string]any) error { return admit(project, inputs) },
		DefaultTags: "defaultLabels", TagProperty: "labels", AllTags: "effectiveLabels",
	})
}

// admit refuses a project that the credentials are not of.
func admit(project string, inputs map[string]any) error {
	if asked, _ := inputs["project"].(string); asked != project {
		return cloud.Refuse("PERMISSION_DENIED", "the credentials of project %q have no access to project %q", project, asked)
	}
	return nil
}

// config are the provider's own properties that the program may set
// (https://www.pulumi.com/registry/packages/gcp/api-docs/provider/).
var config = map[string]*cloud.Property{
	"project":             {Type: "string"},
	"region":              {Type: "string"},
	"billingProject":      {Type: "string"},
	"userProjectOverride": {Type: "bool"},
	"defaultLabels":       {Type: "map", Items: &cloud.Property{Type: "string"}},
	"version":             {Type: "string"},
}

// services are the hooks of each service's file.
var services = []map[string]cloud.Hook{
	apigatewayHooks,
	certificatemanagerHooks,
	computeBalancerHooks,
	computeNetworkHooks,
	containerHooks,
	dnsHooks,
	firestoreHooks,
	iamHooks,
	kmsHooks,
	loggingHooks,
	monitoringHooks,
	orgpolicyHooks,
	projectsHooks,
	pubsubHooks,
	secretmanagerHooks,
	servicenetworkingHooks,
	sqlHooks,
	storageHooks,
}

// functions are what programs may ask of the provider.
var functions = map[string]cloud.Function{
	"gcp:logging/getProjectCmekSettings:getProjectCmekSettings":     logAccount,
	"gcp:storage/getProjectServiceAccount:getProjectServiceAccount": storageAccount,
}

// Baseline is what is in a project before an environment is built: the project itself, the one service without
// which no other can be switched on, those that every project has from the start
// (https://cloud.google.com/service-usage/docs/enabled-service#default), the managed DNS zone, and those of the
// principals that are accounts of this project, such as the pipeline's.
func Baseline(project, zone, domain string, principals ...string) []cloud.Object {
	objects := []cloud.Object{
		{Type: projectType, ID: project, Account: project, Props: map[string]any{"number": number(project)}},
		enabled(project, "logging.googleapis.com"), enabled(project, "monitoring.googleapis.com"),
		enabled(project, "serviceusage.googleapis.com"), enabled(project, "storage.googleapis.com"),
		{Type: "dns:managed-zone", ID: zone, Account: project, Props: map[string]any{"name": domain}},
	}
	for _, principal := range principals {
		if email, ok := strings.CutPrefix(principal, "serviceAccount:"); ok {
			objects = append(objects, cloud.Object{
				Type: googleAccountType, ID: "projects/" + project + "/serviceAccounts/" + email, Account: project,
				Outputs: map[string]any{"email": email},
			})
		}
	}
	return objects
}
