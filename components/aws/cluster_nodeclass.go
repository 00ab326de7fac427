package aws

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
)

// machineImages are pinned by minor version of Kubernetes: the release of the images of EKS of which Karpenter takes the one
// for the cluster's version. A newer one is tried in an environment before the next
// (https://karpenter.sh/docs/tasks/managing-amis/, https://github.com/awslabs/amazon-eks-ami/releases).
var machineImages = map[string]string{"1.33": "al2023@v20250915"}

// nodeClasses describe the machines of each pool that serves traffic: no pod reaches the machine's credentials (one hop),
// disks are encrypted, and what a machine brings along is tagged.
func (d *Driver) nodeClasses(
	profile, disks, security pulumi.StringOutput, args cluster.Args,
) (map[string]cluster.NodeClass, error) {
	out := map[string]cluster.NodeClass{}
	subnets := pulumi.Array{}
	for _, subnet := range args.Network.PrivateSubnets {
		subnets = append(subnets, pulumi.Map{"id": subnet.ID})
	}
	for _, name := range slices.Sorted(maps.Keys(args.Pools)) {
		pool := args.Pools[name]
		if pool.System {
			continue
		}
		types, err := poolTypes(pool.Size, pool.Capacity)
		if err != nil {
			return nil, fmt.Errorf("pool %s: %w", name, err)
		}
		out[name] = cluster.NodeClass{
			APIVersion: "karpenter.k8s.aws/v1", Kind: "EC2NodeClass", Types: types, Cores: cores[pool.Size],
			Spec: pulumi.Map{
				"instanceProfile":            profile,
				"amiSelectorTerms":           pulumi.Array{pulumi.Map{"alias": pulumi.String(machineImages[args.Version])}},
				"subnetSelectorTerms":        subnets,
				"securityGroupSelectorTerms": pulumi.Array{pulumi.Map{"id": security}},
				"metadataOptions": pulumi.Map{
					"httpEndpoint": pulumi.String("enabled"), "httpTokens": pulumi.String("required"), "httpPutResponseHopLimit": pulumi.Int(1),
				},
				"blockDeviceMappings": pulumi.Array{pulumi.Map{
					"deviceName": pulumi.String("/dev/xvda"),
					"ebs": pulumi.Map{
						"volumeType": pulumi.String("gp3"), "volumeSize": pulumi.String(fmt.Sprintf("%dGi", pool.DiskGiB)),
						"encrypted": pulumi.Bool(true), "kmsKeyID": disks, "deleteOnTermination": pulumi.Bool(true),
					},
				}},
				// Karpenter names what it makes itself.
				"tags": pulumi.ToStringMap(args.Tags),
			},
		}
	}
	return out, nil
}
