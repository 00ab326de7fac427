//go:build aws || !(azure || gcp)

package platform

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/aws"
	"platform/stacks/config"
)

type onAWS struct{ *aws.Driver }

func (d onAWS) Provider(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (pulumi.ProviderResource, error) {
	return d.Driver.Provider(ctx, name, opts...)
}

func awsDriver(s config.Settings) (Driver, error) {
	return onAWS{aws.New(aws.Settings{
		Environment: s.Environment, Region: s.Region, Account: s.Landing.Account,
		KeyDeletionDays: s.Keys.DeletionDays, Tags: s.Tags("platform"),
	})}, nil
}
