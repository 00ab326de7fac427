//go:build aws || !(azure || gcp)

package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/resourceexplorer2"
	explorer "github.com/aws/aws-sdk-go-v2/service/resourceexplorer2/types"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"

	"platform/stacks/config"
)

// aws asks two services. The tagging API needs nothing to be switched on, and knows what bears tags or once did
// (https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html); Resource Explorer knows what
// bears none, roles among it, where somebody made a view
// (https://docs.aws.amazon.com/resource-explorer/latest/apireference/API_ListResources.html).
var aws = &offered{
	cloud: "aws",
	open: func(ctx context.Context, s config.Settings) (Inventory, error) {
		c, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(s.Region))
		if err != nil {
			return nil, fmt.Errorf("find credentials: %w", err)
		}
		return AWS(c), nil
	},
	lingers: map[string]string{
		"kms:key":               "a deleted key can be rescued for keys.deletionDays, and costs nothing while it waits",
		"secretsmanager:secret": "a deleted secret can be rescued for some days, and costs nothing while it waits",
		"rds:snapshot":          "the last backup of a database, by database.finalSnapshot",
	},
}

// global is the region in which things are listed that have none
// (https://docs.aws.amazon.com/general/latest/gr/rande.html#global-endpoints).
const global = "us-east-1"

type awsInventory struct{ config awssdk.Config }

// AWS is the inventory of the account and region of a configuration.
func AWS(c awssdk.Config) Inventory { return awsInventory{c} }

func (i awsInventory) List(ctx context.Context) ([]Item, []string, error) {
	all := map[string]Item{}
	for _, region := range slices.Compact([]string{i.config.Region, global}) {
		if err := i.tagged(ctx, region, all); err != nil {
			return nil, nil, err
		}
	}
	bounds, err := i.explored(ctx, all)
	if err != nil {
		return nil, nil, err
	}
	out := make([]Item, 0, len(all))
	for _, item := range all {
		out = append(out, item)
	}
	slices.SortFunc(out, func(a, b Item) int { return cmp.Compare(a.ID, b.ID) })
	return out, bounds, nil
}

// tagged adds what bears tags in a region.
func (i awsInventory) tagged(ctx context.Context, region string, all map[string]Item) error {
	pages := resourcegroupstaggingapi.NewGetResourcesPaginator(
		resourcegroupstaggingapi.NewFromConfig(i.config, func(o *resourcegroupstaggingapi.Options) { o.Region = region }),
		&resourcegroupstaggingapi.GetResourcesInput{ResourcesPerPage: awssdk.Int32(100)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("what bears tags in %s: %w", region, err)
		}
		for _, r := range page.ResourceTagMappingList {
			arn := awssdk.ToString(r.ResourceARN)
			item := Item{ID: arn, Type: kindOf(arn), Location: region, Tags: map[string]string{}}
			for _, tag := range r.Tags {
				item.Tags[awssdk.ToString(tag.Key)] = awssdk.ToString(tag.Value)
			}
			all[arn] = item
		}
	}
	return nil
}

// explored adds what Resource Explorer knows beside that.
func (i awsInventory) explored(ctx context.Context, all map[string]Item) ([]string, error) {
	pages := resourceexplorer2.NewListResourcesPaginator(resourceexplorer2.NewFromConfig(i.config),
		&resourceexplorer2.ListResourcesInput{MaxResults: awssdk.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		// Where the region has no default view, the answer is the same as to whoever may not use it.
		var none *explorer.UnauthorizedException
		if errors.As(err, &none) {
			return []string{"what bears no tag, and roles: Resource Explorer has no view in " + i.config.Region + " that these credentials may use"}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("what Resource Explorer knows: %w", err)
		}
		for _, r := range page.Resources {
			arn := awssdk.ToString(r.Arn)
			if _, known := all[arn]; !known {
				all[arn] = Item{ID: arn, Type: kindOf(arn), Location: awssdk.ToString(r.Region)}
			}
		}
	}
	return nil, nil
}

// kindOf is the service and the type of what an ARN names
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html).
func kindOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return arn
	}
	service, rest := parts[2], parts[5]
	i := strings.IndexAny(rest, "/:")
	if i < 0 { // buckets, queues and topics have no word for their type
		return service
	}
	kind := strings.TrimPrefix(rest[:i], "/")
	if kind == "" {
		kind = strings.SplitN(strings.Trim(rest, "/"), "/", 2)[0]
	}
	if service == "rds" && kind == "snapshot" {
		return "rds:snapshot"
	}
	return service + ":" + kind
}
