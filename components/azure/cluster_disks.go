package azure

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/cluster"
)

// encryptionSet is what disks name for their key.
type encryptionSet struct {
	id    pulumi.StringOutput
	ready []pulumi.Resource // what must stand while there are disks
}

// diskSet is the resource of which no SDK module is to be had; Azure makes its identity.
type diskSet struct {
	pulumi.CustomResourceState

	Identity pulumi.MapOutput `pulumi:"identity"`
}

// principal is who the set is when it uses its key.
func (s *diskSet) principal() pulumi.StringOutput {
	return s.Identity.ApplyT(func(identity map[string]any) (string, error) {
		principal, _ := identity["principalId"].(string)
		if principal == "" {
			return "", fmt.Errorf("Azure named no identity of the disk encryption set")
		}
		return principal, nil
	}).(pulumi.StringOutput)
}

// clusterDisks registers the disk encryption set of the nodes and the volumes, with a key of its own. It follows
// the key's rotation. The cluster may look at it, which is all that it needs
// (https://learn.microsoft.com/azure/aks/azure-disk-customer-managed-keys).
func (d *Driver) clusterDisks(
	ctx *pulumi.Context, name string, control *clusterIdentity, args cluster.Args, parent pulumi.Resource,
) (encryptionSet, error) {
	key, err := d.key(ctx, name+"-disk-key", "Disks of cluster "+d.physical(KindCluster, name), args.Tags, parent)
	if err != nil {
		return encryptionSet{}, err
	}
	set := &diskSet{}
	if err := ctx.RegisterResource("azure-native:compute:DiskEncryptionSet", name+"-disks", d.encryptionSetArgs(name, key.VersionURI, args), set,
		pulumi.Parent(parent), pulumi.Version(nativeVersion)); err != nil {
		return encryptionSet{}, fmt.Errorf("disk encryption set: %w", err)
	}
	uses, err := d.keyUser(ctx, name+"-disks-key", set.principal(), key, parent)
	if err != nil {
		return encryptionSet{}, err
	}
	id := set.ID().ToStringOutput()
	looks, err := d.assignRole(ctx, name+"-control-plane-disks", builtin.Reader, control.PrincipalId, id, parent)
	if err != nil {
		return encryptionSet{}, err
	}
	return encryptionSet{id: id, ready: []pulumi.Resource{uses, looks}}, nil
}

// encryptionSetArgs: the key's address must have a version even where newer ones are followed
// (https://learn.microsoft.com/rest/api/compute/disk-encryption-sets/create-or-update); Azure takes no identity
// that is there before (https://learn.microsoft.com/azure/templates/microsoft.compute/diskencryptionsets).
func (d *Driver) encryptionSetArgs(name string, key pulumi.StringInput, args cluster.Args) pulumi.Map {
	return pulumi.Map{
		"resourceGroupName": d.ground.group, "diskEncryptionSetName": pulumi.String(d.physical(KindEncryptionSet, name)),
		"location":                          pulumi.String(d.s.Region),
		"encryptionType":                    pulumi.String("EncryptionAtRestWithCustomerKey"),
		"activeKey":                         pulumi.Map{"keyUrl": key, "sourceVault": pulumi.Map{"id": d.ground.keyVaultID}},
		"identity":                          pulumi.Map{"type": pulumi.String("SystemAssigned")},
		"rotationToLatestKeyVersionEnabled": pulumi.Bool(true),
		"tags":                              tagMap(args.Tags),
	}
}

// storageClass encrypts and tags every volume, and lets nobody export one
// (https://github.com/kubernetes-sigs/azuredisk-csi-driver/blob/master/docs/driver-parameters.md). Volumes lie
// in the cluster's own resource group and go with it.
func storageClass(set pulumi.StringOutput, args cluster.Args) cluster.StorageClass {
	var pairs []string
	for _, key := range args.Tags.Keys() {
		pairs = append(pairs, key+"="+args.Tags[key])
	}
	return cluster.StorageClass{Name: "encrypted", Provisioner: "disk.csi.azure.com", Parameters: pulumi.StringMap{
		"skuName": pulumi.String("Premium_LRS"), "diskEncryptionSetID": set, "networkAccessPolicy": pulumi.String("DenyAll"),
		"tags": pulumi.String(strings.Join(pairs, ",")),
	}}
}
