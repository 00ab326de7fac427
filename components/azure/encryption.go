package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/managedidentity/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// encryption is a key of its own, and the identity as which a service of Azure uses it.
type encryption struct {
	key      key
	identity pulumi.StringOutput // resource id
	// ready is the permission: a service that is told of a key that it may not use refuses to be built.
	ready pulumi.Resource
}

// encryption registers what one resource needs to encrypt with a key of its own.
func (d *Driver) encryption(
	ctx *pulumi.Context, name, purpose string, t tags.Set, parent pulumi.Resource,
) (encryption, error) {
	own, err := d.key(ctx, name+"-key", purpose, t, parent)
	if err != nil {
		return encryption{}, err
	}
	user, err := d.userIdentity(ctx, name+"-encryption", t, parent)
	if err != nil {
		return encryption{}, err
	}
	ready, err := d.keyUser(ctx, name+"-key-user", user.PrincipalId, own, parent)
	if err != nil {
		return encryption{}, err
	}
	return encryption{key: own, identity: user.ID().ToStringOutput(), ready: ready}, nil
}

// userIdentity registers a managed identity, which may do nothing yet.
func (d *Driver) userIdentity(
	ctx *pulumi.Context, name string, t tags.Set, parent pulumi.Resource,
) (*managedidentity.UserAssignedIdentity, error) {
	made, err := managedidentity.NewUserAssignedIdentity(ctx, name, &managedidentity.UserAssignedIdentityArgs{
		ResourceGroupName: d.ground.group, ResourceName: pulumi.String(d.physical(KindIdentity, name)),
		Location: pulumi.String(d.s.Region), Tags: tagMap(t),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("identity %s: %w", name, err)
	}
	return made, nil
}
