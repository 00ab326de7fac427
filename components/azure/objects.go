package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/storage/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/network"
	"platform/components/objects"
)

// objectsKind is what clients call Azure's store of blobs.
const objectsKind = "azure"

// CreateObjects builds a storage account with one container and the account's key. An account has names in the world and
// rules of its own for who comes in, so that each user has one.
func (d *Driver) CreateObjects(
	ctx *pulumi.Context, name string, args objects.Args, parent pulumi.Resource,
) (objects.Outputs, error) {
	crypt, err := d.encryption(ctx, name, "Objects of "+args.Purpose, args.Tags, parent)
	if err != nil {
		return objects.Outputs{}, err
	}
	account, err := storage.NewStorageAccount(ctx, name+"-account", d.objectsArgs(name, args, crypt),
		pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{crypt.ready}), pulumi.Protect(args.DeleteProtection))
	if err != nil {
		return objects.Outputs{}, fmt.Errorf("storage account: %w", err)
	}
	container, err := storage.NewBlobContainer(ctx, name+"-container", &storage.BlobContainerArgs{
		ResourceGroupName: d.ground.group, AccountName: account.Name, ContainerName: pulumi.String(args.Purpose),
		PublicAccess: storage.PublicAccessNone,
	}, pulumi.Parent(parent))
	if err != nil {
		return objects.Outputs{}, fmt.Errorf("container: %w", err)
	}
	expiry, err := storage.NewManagementPolicy(ctx, name+"-expiry", d.retentionArgs(account.Name, args.Days, "blockBlob"), pulumi.Parent(parent))
	if err != nil {
		return objects.Outputs{}, fmt.Errorf("expiry: %w", err)
	}
	ready, id := []pulumi.Resource{container, expiry}, account.ID().ToStringOutput()
	if args.Network.Has(network.EndpointStorage) {
		endpoint, err := d.privateEndpoint(ctx, name+"-endpoint", id, "blob",
			args.Network.Details["endpoints-subnet"], args.Network.Details["zone-storage"], args.Tags, parent)
		if err != nil {
			return objects.Outputs{}, err
		}
		ready = append(ready, endpoint)
	}
	if args.DeleteProtection {
		if err := d.lock(ctx, name, id, parent, ready...); err != nil {
			return objects.Outputs{}, err
		}
	}
	return objects.Outputs{
		Name: container.Name, ID: id, KeyID: crypt.key.URI, Kind: objectsKind, Ready: ready,
		// https://grafana.com/docs/loki/latest/configure/storage/#azure-deployment-azure-blob-storage-single-store
		Logs: pulumi.Map{
			"type": pulumi.String(objectsKind), "bucketNames": pulumi.Map{"chunks": container.Name},
			"azure": pulumi.Map{"accountName": account.Name, "useFederatedToken": pulumi.Bool(true)},
		},
		// https://grafana.com/docs/tempo/latest/configuration/hosted-storage/azure/#azure-workload-identity
		Traces: pulumi.Map{
			"backend": pulumi.String(objectsKind), "azure": pulumi.Map{
				"container_name": container.Name, "storage_account_name": account.Name, "use_federated_token": pulumi.Bool(true),
			},
		},
	}, nil
}

// objectsArgs are those of every private account, but that pods come in: by the private endpoint, for which no rule is needed,
// or else from the subnet of their machines
// (https://learn.microsoft.com/azure/storage/common/storage-network-security-virtual-networks).
func (d *Driver) objectsArgs(name string, args objects.Args, crypt encryption) *storage.StorageAccountArgs {
	spec := d.privateAccountArgs(name, crypt.identity, crypt.key, args.Tags)
	rules := storage.NetworkRuleSetArgs{Bypass: pulumi.String("None"), DefaultAction: storage.DefaultActionDeny}
	if args.Network.Has(network.EndpointStorage) {
		spec.PublicNetworkAccess = pulumi.String("Disabled")
	} else {
		var from storage.VirtualNetworkRuleArray
		for _, subnet := range args.Network.PrivateSubnets {
			from = append(from, storage.VirtualNetworkRuleArgs{VirtualNetworkResourceId: subnet.ID, Action: storage.ActionAllow})
		}
		rules.VirtualNetworkRules = from
	}
	spec.NetworkRuleSet = rules
	return spec
}

var _ objects.Driver = (*Driver)(nil)
