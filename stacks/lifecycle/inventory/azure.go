//go:build azure || !(aws || gcp)

package inventory

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resourcegraph/armresourcegraph"

	"platform/stacks/config"
)

// azure asks Resource Graph, which knows all resources of a subscription, with tags or without
// (https://learn.microsoft.com/azure/governance/resource-graph/overview). What was deleted softly it does not know.
var azure = &offered{
	cloud: "azure",
	open: func(_ context.Context, s config.Settings) (Inventory, error) {
		credentials, err := azidentity.NewDefaultAzureCredential(nil)
		if err != nil {
			return nil, fmt.Errorf("find credentials: %w", err)
		}
		return Azure(s.Landing.Account, credentials, nil)
	},
	lingers: map[string]string{},
}

// graphQuery lists resources and the groups that they are in; the order keeps pages apart
// (https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data#paging-results).
const graphQuery = `resources | union (resourcecontainers | where type =~ 'microsoft.resources/subscriptions/resourcegroups')
| project id, type, location, tags, managedBy | order by id asc`

type azureInventory struct {
	subscription string
	client       *armresourcegraph.Client
}

// Azure is the inventory of a subscription.
func Azure(subscription string, credentials azcore.TokenCredential, options *arm.ClientOptions) (Inventory, error) {
	client, err := armresourcegraph.NewClient(credentials, options)
	if err != nil {
		return nil, fmt.Errorf("prepare to ask Resource Graph: %w", err)
	}
	return azureInventory{subscription, client}, nil
}

func (i azureInventory) List(ctx context.Context) ([]Item, []string, error) {
	query, format := graphQuery, armresourcegraph.ResultFormatObjectArray
	var out []Item
	for skip := (*string)(nil); ; {
		page, err := i.client.Resources(ctx, armresourcegraph.QueryRequest{
			Query: &query, Subscriptions: []*string{&i.subscription},
			Options: &armresourcegraph.QueryRequestOptions{ResultFormat: &format, SkipToken: skip},
		}, nil)
		if err != nil {
			return nil, nil, fmt.Errorf("what Resource Graph knows: %w", err)
		}
		raw, err := json.Marshal(page.Data)
		if err != nil {
			return nil, nil, err
		}
		var rows []struct {
			ID        string            `json:"id"`
			Type      string            `json:"type"`
			Location  string            `json:"location"`
			Tags      map[string]string `json:"tags"`
			ManagedBy string            `json:"managedBy"`
		}
		if err := json.Unmarshal(raw, &rows); err != nil {
			return nil, nil, fmt.Errorf("read what Resource Graph knows: %w", err)
		}
		for _, r := range rows {
			out = append(out, Item{r.ID, r.Type, r.Location, r.Tags, r.ManagedBy})
		}
		if skip = page.SkipToken; skip == nil || *skip == "" {
			// Without a token the answer must be whole: half an inventory would prove nothing.
			if page.ResultTruncated != nil && *page.ResultTruncated == armresourcegraph.ResultTruncatedTrue {
				return nil, nil, fmt.Errorf("the inventory ends after %d things, and has more", len(out))
			}
			return out, nil, nil
		}
	}
}
