package azure

import (
	"fmt"

	pulumiazure "github.com/pulumi/pulumi-azure-native-sdk/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Provider registers the provider of the environment's subscription. It never falls back to an ambient
// subscription.
func (d *Driver) Provider(
	ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption,
) (*pulumiazure.Provider, error) {
	provider, err := pulumiazure.NewProvider(ctx, name, d.providerArgs(), opts...)
	if err != nil {
		return nil, fmt.Errorf("Azure provider %s for subscription %s in %s: %w", name, d.s.Subscription, d.s.Region, err)
	}
	return provider, nil
}

func (d *Driver) providerArgs() *pulumiazure.ProviderArgs {
	return &pulumiazure.ProviderArgs{
		SubscriptionId: pulumi.String(d.s.Subscription), Location: pulumi.String(d.s.Region),
	}
}
