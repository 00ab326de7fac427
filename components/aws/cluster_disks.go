package aws

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
)

// diskUse is what EC2 does with the key of an encrypted volume
// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html).
var diskUse = []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"}

// diskKeyStatements let the role by which AWS scales groups start machines with encrypted disks.
func (d *Driver) diskKeyStatements() []statement {
	scaling := map[string][]pulumi.StringInput{principalAWS: texts(fmt.Sprintf(
		"arn:%s:iam::%s:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling", d.s.Partition, d.s.Account))}
	return []statement{
		{Sid: "ScaleGroups", Actions: diskUse, Resources: texts("*"), Principals: scaling},
		{
			Sid: "ScaleGroupsGrants", Actions: []string{"kms:CreateGrant"}, Resources: texts("*"), Principals: scaling,
			Conditions: []condition{{Operator: "Bool", Key: "kms:GrantIsForAWSResource", Values: texts("true")}},
		},
	}
}

// diskGrants let the CSI driver make volumes with the key, which AWS's own policy leaves out
// (https://docs.aws.amazon.com/eks/latest/userguide/ebs-csi.html).
func (d *Driver) diskGrants(
	ctx *pulumi.Context, name string, role, key pulumi.StringOutput, parent pulumi.Resource,
) (pulumi.Resource, error) {
	made, err := iam.NewRolePolicy(ctx, name+"-disk-key", &iam.RolePolicyArgs{
		Name: pulumi.String(d.physical(KindRolePolicy, name, "disk-key")), Role: role,
		Policy: policyJSON(
			statement{Sid: "Use", Actions: diskUse, Resources: []pulumi.StringInput{key}},
			statement{
				Sid: "Grants", Actions: []string{"kms:CreateGrant"}, Resources: []pulumi.StringInput{key},
				Conditions: []condition{{Operator: "Bool", Key: "kms:GrantIsForAWSResource", Values: texts("true")}},
			},
		),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("disk key of %s: %w", name, err)
	}
	return made, nil
}

// storageClass tags every volume, which the driver does not do by itself
// (https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md).
func (d *Driver) storageClass(key pulumi.StringOutput, args cluster.Args) cluster.StorageClass {
	parameters := pulumi.StringMap{"type": pulumi.String("gp3"), "encrypted": pulumi.String("true"), "kmsKeyId": key}
	for i, pair := range args.Tags.Pairs() {
		parameters[fmt.Sprintf("tagSpecification_%d", i+1)] = pulumi.String(pair)
	}
	return cluster.StorageClass{Name: "encrypted", Provisioner: "ebs.csi.aws.com", Parameters: parameters}
}
