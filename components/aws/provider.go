package aws

import (
	"fmt"

	pulumiaws "github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Provider registers the provider of the environment's account and region. It never falls back to
// an ambient account: with credentials for another one it fails before the first resource.
func (d *Driver) Provider(
	ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption,
) (*pulumiaws.Provider, error) {
	provider, err := pulumiaws.NewProvider(ctx, name, d.providerArgs(), opts...)
	if err != nil {
		return nil, fmt.Errorf("AWS provider %s for account %s in %s: %w", name, d.s.Account, d.s.Region, err)
	}
	return provider, nil
}

func (d *Driver) providerArgs() *pulumiaws.ProviderArgs {
	defaults := make(pulumi.StringMap, len(d.s.Tags))
	for key, value := range d.s.Tags {
		defaults[key] = pulumi.String(value)
	}
	return &pulumiaws.ProviderArgs{
		Region:            pulumi.String(d.s.Region),
		AllowedAccountIds: pulumi.StringArray{pulumi.String(d.s.Account)},
		// A resource that forgets its own tags still bears the environment's.
		DefaultTags: pulumiaws.ProviderDefaultTagsArgs{Tags: defaults},
	}
}
