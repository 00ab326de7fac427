package azure

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// nativeVersion is that of the provider whose types are named here.
const nativeVersion = "2.90.0"

// resource is one of the types whose SDK module is not to be had: it is registered by its token, with
// arguments that we spell ourselves.
type resource struct {
	pulumi.CustomResourceState

	Name pulumi.StringOutput `pulumi:"name"`
}

// native registers a resource by its token.
func native(
	ctx *pulumi.Context, token, name string, args pulumi.Map, parent pulumi.Resource, opts ...pulumi.ResourceOption,
) (*resource, error) {
	made := &resource{}
	opts = append([]pulumi.ResourceOption{pulumi.Parent(parent), pulumi.Version(nativeVersion)}, opts...)
	if err := ctx.RegisterResource(token, name, args, made, opts...); err != nil {
		return nil, fmt.Errorf("%s %s: %w", token, name, err)
	}
	return made, nil
}
