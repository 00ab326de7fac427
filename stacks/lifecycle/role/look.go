package role

import (
	"slices"

	"platform/stacks/config"
)

// Inventory is the purpose of whoever asks a cloud's own inventory what is there: beside the role that deploys for rebuilds and
// recoveries, beside the one that previews for drift. It only reads.
const Inventory = "inventory"

// looks are what that needs in each cloud. What bears no types of the environment is to be seen, too: so it does not follow from types.
var looks = map[string]func(s config.Settings) any{
	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonresourcegrouptaggingapi.html and
	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsresourceexplorer.html. Neither action knows single
	// resources; what has no region is listed in us-east-1 (https://docs.aws.amazon.com/general/latest/gr/rande.html#global-endpoints).
	"aws": func(s config.Settings) any {
		in := append(regions(s), "us-east-1")
		slices.Sort(in)
		return []Policy{{Inventory + "-" + s.Environment + "-1", Document{"2012-10-17", []Statement{{
			Sid: "Inventory", Effect: "Allow", Action: []string{"resource-explorer-2:ListResources", "tag:GetResources"}, Resource: []string{"*"},
			Condition: map[string]map[string][]string{"StringEquals": {"aws:RequestedRegion": slices.Compact(in)}},
		}}}}}
	},
	// Resource Graph shows what its caller may read, and nothing else
	// (https://learn.microsoft.com/azure/governance/resource-graph/overview#permissions-in-azure-resource-graph): whoever is to see what
	// somebody made by hand must be let read every type, which shows configuration and neither data nor keys.
	"azure": func(s config.Settings) any {
		scope := "/subscriptions/" + s.Landing.Account
		return Azure{
			Role: Definition{
				Name: titles[Inventory] + s.Environment, Description: "What is there: to read every type, and no data", IsCustom: true,
				Actions: []string{"*/read"}, NotActions: []string{}, DataActions: []string{}, NotDataActions: []string{}, AssignableScopes: []string{scope},
			},
			Assignment: Assignment{Scope: scope},
		}
	},
	// https://cloud.google.com/asset-inventory/docs/access-control#required_permissions; the service is on only if whoever calls may use it.
	"gcp": func(s config.Settings) any {
		return GCP{Role: Custom{
			titles[Inventory] + s.Environment, "What is there, by Cloud Asset Inventory", "GA",
			[]string{"cloudasset.assets.searchAllResources", "serviceusage.services.use"},
		}}
	},
}
