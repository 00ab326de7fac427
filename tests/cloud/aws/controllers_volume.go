package aws

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// diskProvisioner is the EBS CSI driver.
const diskProvisioner = "ebs.csi.aws.com"

// diskDriver says why the driver cannot work: its add-on runs on nodes, and needs a role
// (https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html).
func diskDriver(t *cloud.Tx, c controller.Cluster) error {
	addon := t.Get(addonType, c.ID+":aws-ebs-csi-driver")
	if addon == nil {
		return controller.Pending("the add-on aws-ebs-csi-driver is missing")
	}
	if !running(t, c) {
		return controller.Pending("no node runs the add-on aws-ebs-csi-driver")
	}
	associated, _ := addon.Inputs["podIdentityAssociations"].([]any)
	agent := t.Get(addonType, c.ID+":eks-pod-identity-agent") != nil
	if addon.Str("serviceAccountRoleArn") != "" || agent && len(associated) > 0 ||
		identified(t, c, "kube-system", "ebs-csi-controller-sa", nil) {
		return nil
	}
	return controller.Pending("the add-on aws-ebs-csi-driver has no role: UnauthorizedOperation")
}

// volumeTypes are those that a class may ask for; gp3 is the default. Keys of parameters are in any case
// (https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md).
var volumeTypes = []string{"gp2", "gp3", "io1", "io2", "sc1", "st1", "standard"}

// volumeParameters are the other ones that a class may have.
var volumeParameters = []string{
	"allowautoiopspergbincrease", "blocksize", "csi.storage.k8s.io/fstype", "encrypted", "iops", "iopspergb", "kmskeyid", "throughput", "type",
}

// mintVolume makes a volume in the zone of the first node, as the scheduler of a single pod may choose.
func mintVolume(t *cloud.Tx, c controller.Cluster, claim controller.Claim) (cloud.Key, error) {
	p, tags := map[string]string{}, volumeTags(c, claim)
	for name, value := range claim.Parameters {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "tagspecification") {
			key, text, err := volumeTag(claim, value)
			if err != nil {
				return cloud.Key{}, err
			}
			tags[key] = text
			continue
		}
		if !slices.Contains(volumeParameters, name) {
			return cloud.Key{}, controller.Pending(fmt.Sprintf("rpc error: code = InvalidArgument desc = Invalid parameter key %s for CreateVolume", name))
		}
		p[name] = value
	}
	if p["type"] == "" {
		p["type"] = "gp3"
	}
	if !slices.Contains(volumeTypes, p["type"]) {
		return cloud.Key{}, controller.Pending(fmt.Sprintf("rpc error: code = InvalidArgument desc = invalid AWS VolumeType %q", p["type"]))
	}
	if key := p["kmskeyid"]; key != "" && t.Lookup([]string{"aws:kms/key:Key"}, []string{"arn"}, key) == nil {
		return cloud.Key{}, controller.Pending(fmt.Sprintf("failed to get an available volume in EC2: key %s does not exist", key))
	}
	props := map[string]any{
		"type": p["type"], "encrypted": strings.EqualFold(p["encrypted"], "true"), "sizeGiB": claim.GiB, "availabilityZone": firstZone(t, c),
		"claim": claim.Namespace + "/" + claim.Name,
	}
	if props["encrypted"] == true && p["kmskeyid"] != "" {
		props["kmsKeyId"] = p["kmskeyid"]
	}
	made := t.Mint(cloud.Object{
		Type: volumeType, ID: t.ID("vol"), Hidden: true, Owner: claim.Key, Account: c.Account, Region: c.Region, Tags: tags, Props: props,
	})
	return made.Key(), nil
}

// volumeTags are the driver's own. The add-on knows the cluster's name by itself
// (https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/pkg/driver/constants.go,
// https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md).
func volumeTags(c controller.Cluster, claim controller.Claim) map[string]string {
	return map[string]string{
		"CSIVolumeName":                           claim.Volume,
		"KubernetesCluster":                       c.ID,
		"Name":                                    c.ID + "-dynamic-" + claim.Volume,
		"ebs.csi.aws.com/cluster":                 "true",
		"kubernetes.io/cluster/" + c.ID:           "owned",
		"kubernetes.io/created-for/pv/name":       claim.Volume,
		"kubernetes.io/created-for/pvc/name":      claim.Name,
		"kubernetes.io/created-for/pvc/namespace": claim.Namespace,
	}
}

var placeholder = regexp.MustCompile(`\{\{.*?\}\}`)

// volumeTag reads one tag of a storage class. Of the templates those without functions are known.
func volumeTag(claim controller.Claim, specification string) (key, value string, err error) {
	key, value, ok := strings.Cut(specification, "=")
	if !ok || key == "" {
		return "", "", controller.Pending(fmt.Sprintf("rpc error: code = InvalidArgument desc = invalid tag specification: %q", specification))
	}
	known := map[string]string{"PVCNamespace": claim.Namespace, "PVCName": claim.Name, "PVName": claim.Volume}
	value = placeholder.ReplaceAllStringFunc(value, func(p string) string {
		name := strings.TrimPrefix(strings.TrimSpace(strings.Trim(p, "{}")), ".")
		if !slices.Contains(slices.Collect(maps.Keys(known)), name) {
			err = fmt.Errorf("tag %s: template %s: %w", key, p, errNotModelled)
		}
		return known[name]
	})
	return key, value, err
}

func firstZone(t *cloud.Tx, c controller.Cluster) string {
	for _, group := range nodeGroups(t, c) {
		for _, m := range machines(t, group) {
			return t.Get(subnetType, m.Str("subnetId")).Str("availabilityZone")
		}
	}
	return ""
}
