package gcp

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
)

// storageClass labels every disk, which the driver does not do by itself with the cluster's labels
// (https://github.com/kubernetes-sigs/gcp-compute-persistent-disk-csi-driver#storageclass-fields).
func storageClass(key pulumi.StringOutput, args cluster.Args) cluster.StorageClass {
	var labels []string
	for _, tag := range args.Tags.Keys() {
		labels = append(labels, tag+"="+args.Tags[tag])
	}
	return cluster.StorageClass{
		Name: "encrypted", Provisioner: "pd.csi.storage.gke.io",
		Parameters: pulumi.StringMap{
			"type": pulumi.String("pd-balanced"), "disk-encryption-kms-key": key, "labels": pulumi.String(strings.Join(labels, ",")),
		},
	}
}
