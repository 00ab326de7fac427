package gcp

import (
	"fmt"

	pulumigcp "github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Provider registers the provider of the environment's project and region. It never falls back to an
// ambient project.
func (d *Driver) Provider(
	ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption,
) (*pulumigcp.Provider, error) {
	provider, err := pulumigcp.NewProvider(ctx, name, d.providerArgs(), opts...)
	if err != nil {
		return nil, fmt.Errorf("Google Cloud provider %s for project %s in %s: %w", name, d.s.Project, d.s.Region, err)
	}
	return provider, nil
}

func (d *Driver) providerArgs() *pulumigcp.ProviderArgs {
	return &pulumigcp.ProviderArgs{
		Project: pulumi.String(d.s.Project), Region: pulumi.String(d.s.Region),
		// A resource that forgets its own labels still bears the environment's.
		DefaultLabels: labelMap(d.s.Tags),
		// Calls are counted to and need the services of the environment's project, not of the credentials' own.
		UserProjectOverride: pulumi.Bool(true), BillingProject: pulumi.String(d.s.Project),
	}
}
