//go:build gcp || !(aws || azure)

package platform

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gcp"
	"platform/stacks/config"
)

type onGCP struct{ *gcp.Driver }

func (d onGCP) Provider(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (pulumi.ProviderResource, error) {
	return d.Driver.Provider(ctx, name, opts...)
}

func gcpDriver(s config.Settings) (Driver, error) {
	return onGCP{gcp.New(gcp.Settings{
		Environment: s.Environment, Region: s.Region, Project: s.Landing.Account,
		KeyDeletionDays: s.Keys.DeletionDays, Tags: s.Tags("platform"),
	})}, nil
}
