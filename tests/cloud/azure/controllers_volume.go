package azure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	volumeType      = "compute:disk"
	diskProvisioner = "disk.csi.azure.com"
)

// diskDriver says why the driver cannot work: AKS brings it unless told not to
// (https://learn.microsoft.com/azure/aks/csi-storage-drivers).
func diskDriver(c controller.Cluster) error {
	if c.Value("storageProfile.diskCSIDriver.enabled") == false {
		return controller.Pending("the driver " + diskProvisioner + " is disabled")
	}
	return nil
}

// volumeSKUs are those that a class may ask for
// (https://github.com/kubernetes-sigs/azuredisk-csi-driver/blob/master/docs/driver-parameters.md).
var volumeSKUs = []string{
	"PremiumV2_LRS", "Premium_LRS", "Premium_ZRS", "StandardSSD_LRS", "StandardSSD_ZRS", "Standard_LRS", "UltraSSD_LRS",
}

// volumeParameters are those that a class may have; keys are in any case.
var volumeParameters = []string{
	"attachdiskinitialdelay", "cachingmode", "csi.storage.k8s.io/fstype", "diskaccessid", "diskencryptionsetid", "diskencryptiontype",
	"diskiopsreadwrite", "diskmbpsreadwrite", "enablebursting", "fstype", "kind", "location", "logicalsectorsize", "maxshares",
	"networkaccesspolicy", "perfprofile", "publicnetworkaccess", "resourcegroup", "skuname", "storageaccounttype", "tags",
	"writeacceleratorenabled",
}

// mintVolume makes a disk in the zone of the first node, as the scheduler of a single pod may choose. Without a
// set of the class's own it is encrypted with the cluster's.
func mintVolume(t *cloud.Tx, c controller.Cluster, claim controller.Claim) (cloud.Key, error) {
	p := map[string]string{}
	for name, value := range claim.Parameters {
		lower := strings.ToLower(name)
		if !slices.Contains(volumeParameters, lower) {
			return cloud.Key{}, invalid("invalid parameter %s in storage class", name)
		}
		p[lower] = value
	}
	sku := cmp.Or(p["skuname"], p["storageaccounttype"], "StandardSSD_LRS")
	if !slices.Contains(volumeSKUs, sku) {
		return cloud.Key{}, invalid("azureDisk - %s is not supported sku/storageaccounttype", sku)
	}
	if policy := p["networkaccesspolicy"]; policy != "" && !slices.Contains([]string{"AllowAll", "AllowPrivate", "DenyAll"}, policy) {
		return cloud.Key{}, invalid("azureDisk - %s is not supported NetworkAccessPolicy", policy)
	}
	set, err := volumeSet(t, c, cmp.Or(p["diskencryptionsetid"], c.Str("diskEncryptionSetID")))
	if err != nil {
		return cloud.Key{}, err
	}
	group, holds, err := volumeGroup(t, c, p["resourcegroup"])
	if err != nil {
		return cloud.Key{}, err
	}
	props := map[string]any{
		"sku": sku, "sizeGiB": float64(claim.GiB), "zone": firstZone(t, c), "claim": claim.Namespace + "/" + claim.Name, "group": group,
		"networkAccessPolicy": cmp.Or(p["networkaccesspolicy"], "AllowAll"),
	}
	if set != nil {
		props["diskEncryptionSetID"] = set.ID
		holds = append(holds, set.Key())
	}
	made := t.Mint(cloud.Object{
		Type: volumeType, ID: group + "/providers/Microsoft.Compute/disks/" + claim.Volume, Hidden: true, Owner: claim.Key,
		Account: c.Account, Holds: holds, Props: props,
		// The cluster's own tags are not passed on (https://learn.microsoft.com/azure/aks/use-tags#add-tags-using-kubernetes).
		Tags: with(pairs(p["tags"]), map[string]string{
			"k8s-azure-created-by": "kubernetes-azure-dd", "kubernetes.io-created-for-pv-name": claim.Volume,
			"kubernetes.io-created-for-pvc-name": claim.Name, "kubernetes.io-created-for-pvc-namespace": claim.Namespace,
		}),
	})
	return made.Key(), nil
}

func invalid(format string, args ...any) error {
	return controller.Pending("rpc error: code = InvalidArgument desc = " + fmt.Sprintf(format, args...))
}

// volumeSet finds the set that encrypts a disk: the cluster must see it, and it must work.
func volumeSet(t *cloud.Tx, c controller.Cluster, id string) (*cloud.Object, error) {
	if id == "" {
		return nil, nil
	}
	set := t.Get(diskSetType, id)
	if set == nil {
		return nil, controller.Pending("NotFound: disk encryption set " + id + " does not exist")
	}
	if !may(t, principal(t, c.Object), set.ID, readerRole, contributorRole, ownerRole) {
		return nil, controller.Pending("LinkedAuthorizationFailed: the cluster's identity may not read " + id)
	}
	if err := diskSetWorks(t, set); err != nil {
		return nil, controller.Pending(err.Error())
	}
	return set, nil
}

// volumeGroup is where a disk is made: among the cluster's own things, or in a resource group that is named,
// where it stays when the cluster goes.
func volumeGroup(t *cloud.Tx, c controller.Cluster, named string) (id string, holds []cloud.Key, err error) {
	if named == "" || named == c.Str("nodeResourceGroup") {
		return nodeGroup(c.Object), nil, nil
	}
	elsewhere := t.Lookup([]string{groupType}, []string{"resourceGroupName"}, named)
	if elsewhere == nil {
		return "", nil, controller.Pending("ResourceGroupNotFound: " + named)
	}
	if !may(t, principal(t, c.Object), elsewhere.ID, contributorRole, ownerRole) {
		return "", nil, controller.Pending("AuthorizationFailed: the cluster's identity may not perform Microsoft.Compute/disks/write on " + named)
	}
	return elsewhere.ID, []cloud.Key{elsewhere.Key()}, nil
}

func firstZone(t *cloud.Tx, c controller.Cluster) string {
	for _, p := range allPools(t, c.Object) {
		for _, m := range p.machines(t) {
			return m.Str("zone")
		}
	}
	return ""
}
