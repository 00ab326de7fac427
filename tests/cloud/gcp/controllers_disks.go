package gcp

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// diskProvisioner is GKE's driver of persistent disks.
const diskProvisioner = "pd.csi.storage.gke.io"

// diskDriver says why the driver cannot work: it runs beside the control plane, unless it was switched off
// (https://cloud.google.com/kubernetes-engine/docs/how-to/persistent-volumes/gce-pd-csi-driver).
func diskDriver(c controller.Cluster) error {
	if c.Value("addonsConfig.gcePersistentDiskCsiDriverConfig.enabled") == false {
		return controller.Pending("the add-on of the persistent disk driver is switched off")
	}
	return nil
}

// Provision makes the disk of a claim.
func (controllers) Provision(t *cloud.Tx, c controller.Cluster, claim controller.Claim) (cloud.Key, error) {
	if claim.Provisioner != diskProvisioner {
		return cloud.Key{}, controller.ErrNotMine
	}
	if err := diskDriver(c); err != nil {
		return cloud.Key{}, err
	}
	return mintDisk(t, c, claim)
}

// Reclaim removes a disk.
func (controllers) Reclaim(t *cloud.Tx, c controller.Cluster, provisioner string, disk cloud.Key) error {
	if provisioner != diskProvisioner {
		return controller.Pending("its driver " + provisioner + " is gone")
	}
	if err := diskDriver(c); err != nil {
		return err
	}
	t.Remove(disk)
	return nil
}

// diskParameters are those that a class may have; keys are in any case. Their values' default is a plain disk in one
// zone (https://github.com/kubernetes-sigs/gcp-compute-persistent-disk-csi-driver#storageclass-fields).
var diskParameters = []string{
	"csi.storage.k8s.io/fstype", "disk-encryption-kms-key", "enable-confidential-storage", "labels", "provisioned-iops-on-create",
	"provisioned-throughput-on-create", "replication-type", "resource-tags", "type",
}

// diskTypes are those that a node of the known machine types can attach
// (https://cloud.google.com/compute/docs/disks#disk-types).
var diskTypes = []string{"pd-standard", "pd-balanced", "pd-ssd", "pd-extreme"}

// mintDisk makes a disk in the zone of the first node, as the scheduler of a single pod may choose.
func mintDisk(t *cloud.Tx, c controller.Cluster, claim controller.Claim) (cloud.Key, error) {
	refuse := func(format string, args ...any) (cloud.Key, error) {
		return cloud.Key{}, controller.Pending("rpc error: code = InvalidArgument desc = " + fmt.Sprintf(format, args...))
	}
	p := map[string]string{"type": "pd-standard", "replication-type": "none"}
	for _, name := range slices.Sorted(maps.Keys(claim.Parameters)) {
		low := strings.ToLower(name)
		if !slices.Contains(diskParameters, low) {
			return refuse("parameters contains invalid option %q", name)
		}
		p[low] = claim.Parameters[name]
	}
	if !slices.Contains(diskTypes, p["type"]) {
		return refuse("disk type %q cannot be attached to the cluster's nodes", p["type"])
	}
	if p["replication-type"] != "none" {
		return cloud.Key{}, fmt.Errorf("replication-type %q: %w", p["replication-type"], errNotModelled)
	}
	if least := map[string]int{"pd-extreme": 500}[p["type"]]; claim.GiB < least {
		return refuse("disk of type %s has at least %d GiB", p["type"], least)
	}
	labels, err := diskLabels(p["labels"])
	if err != nil {
		return refuse("parameters contain invalid labels parameter: %v", err)
	}
	if key := p["disk-encryption-kms-key"]; key != "" {
		if err := encrypts(t, c.Object, key, computeService); err != nil {
			return cloud.Key{}, controller.Pending("rpc error: code = PermissionDenied desc = " + err.Error())
		}
	}
	zone := zones(c.Str("location"))[0]
	if node := firstNode(t, c); node != nil {
		zone = node.Str("zone")
	}
	own := map[string]string{
		"goog-gke-volume": "", "goog-k8s-cluster-name": c.Str("name"), "goog-k8s-cluster-location": c.Str("location"),
	}
	disk := t.Mint(cloud.Object{
		Type: diskType, ID: made(c.Account, zone, "disks", claim.Volume), Hidden: true, Owner: claim.Key, Account: c.Account, Region: c.Region,
		Tags: with(own, labels),
		Props: map[string]any{
			"name": claim.Volume, "zone": zone, "type": p["type"], "sizeGb": claim.GiB, "kmsKeyName": p["disk-encryption-kms-key"],
			"claim": claim.Namespace + "/" + claim.Name,
		},
	})
	return disk.Key(), nil
}

// label is what a label's key or value may be
// (https://cloud.google.com/compute/docs/labeling-resources#requirements).
var (
	labelKey   = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,62}$`)
	labelValue = regexp.MustCompile(`^[a-z0-9_-]{0,63}$`)
)

// diskLabels reads key=value pairs between commas.
func diskLabels(text string) (map[string]string, error) {
	out := map[string]string{}
	if text == "" {
		return out, nil
	}
	for _, pair := range strings.Split(text, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		if !ok || !labelKey.MatchString(key) || !labelValue.MatchString(value) {
			return nil, fmt.Errorf("%q is not a label", pair)
		}
		out[key] = value
	}
	return out, nil
}
