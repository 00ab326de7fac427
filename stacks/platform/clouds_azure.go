//go:build azure || !(aws || gcp)

package platform

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure"
	"platform/stacks/config"
)

type onAzure struct{ *azure.Driver }

func (d onAzure) Provider(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (pulumi.ProviderResource, error) {
	return d.Driver.Provider(ctx, name, opts...)
}

func azureDriver(s config.Settings) (Driver, error) {
	return onAzure{azure.New(azure.Settings{
		Environment: s.Environment, Region: s.Region, Subscription: s.Landing.Account,
		KeyDeletionDays: s.Keys.DeletionDays, Tags: s.Tags("platform"),
	})}, nil
}
