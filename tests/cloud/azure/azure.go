// Package azure is the simulated Azure: the rule tables in rules/, and hooks for what tables cannot say.
package azure

import (
	"embed"
	"strings"

	"platform/tests/cloud"
)

//go:embed rules/*.yaml
var tables embed.FS

// Release is the provider's version whose behaviour the rules describe.
const Release = "2.90.0"

// New makes the simulated Azure as one subscription sees it.
func New(subscription string) (*cloud.Table, error) {
	rules, hooks, err := cloud.Assemble("azure", tables, services)
	if err != nil {
		return nil, err
	}
	answers, err := cloud.MergeFunctions(functions)
	if err != nil {
		return nil, err
	}
	return cloud.NewTable(cloud.TableOptions{
		Package: "azure-native", Release: Release, Rules: rules, Hooks: hooks, Functions: answers, Account: subscription, Config: config,
		Moves: []string{"subscriptionId"}, Guard: allowed,
		Admit: func(inputs map[string]any) error { return admit(subscription, inputs) },
	})
}

// admit refuses a subscription that the credentials are not of.
func admit(subscription string, inputs map[string]any) error {
	if asked, _ := inputs["subscriptionId"].(string); asked != subscription {
		return cloud.Refuse("SubscriptionNotFound", "the subscription %q could not be found with credentials of %q", asked, subscription)
	}
	return nil
}

// config are the provider's own properties that the program may set
// (https://www.pulumi.com/registry/packages/azure-native/api-docs/provider/).
var config = map[string]*cloud.Property{
	"subscriptionId":         {Type: "string", Pattern: `^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`},
	"location":               {Type: "string"},
	"tenantId":               {Type: "string"},
	"environment":            {Type: "string", Enum: []any{"public", "usgovernment", "china"}},
	"useOidc":                {Type: "bool"},
	"disablePulumiPartnerId": {Type: "bool"},
	"version":                {Type: "string"},
}

// services are the hooks of each service's file.
var services = []map[string]cloud.Hook{
	activityHooks,
	alertsHooks,
	apimanagementHooks,
	authorizationHooks,
	computeHooks,
	containerserviceHooks,
	dbforpostgresqlHooks,
	diagnosticsHooks,
	dnsHooks,
	documentdbGrantsHooks,
	documentdbHooks,
	keyvaultHooks,
	locksHooks,
	networkHooks,
	policyHooks,
	resourcesHooks,
	servicebusHooks,
	storageHooks,
}

// functions are those of the provider that the program calls, of each service's file.
var functions = []map[string]cloud.Function{
	authorizationFunctions,
	containerserviceFunctions,
}

// Baseline is what is in a subscription before an environment is built: the delegated DNS zone, and a certificate
// of all hosts right below the domain, if one is brought along.
func Baseline(subscription, zone, domain, certificate string) []cloud.Object {
	objects := []cloud.Object{
		{Type: givenZoneType, ID: zone, Account: subscription, Props: map[string]any{"name": domain}},
	}
	if _, at, ok := strings.Cut(certificate, "/vaults/"); ok {
		vault, secret, _ := strings.Cut(at, "/")
		objects = append(objects, cloud.Object{
			Type: certificateType, ID: certificate, Account: subscription, Props: map[string]any{
				"uri": "https://" + vault + ".vault.azure.net/" + secret, "hosts": []any{"*." + domain},
			},
		})
	}
	return objects
}
