package aws

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// serviceRole registers a role that an AWS service or add-on takes, with policies that AWS maintains.
// What uses the role must also wait for the attachments.
func (d *Driver) serviceRole(
	ctx *pulumi.Context, name string, trusted statement, policies []string, t tags.Set, parent pulumi.Resource,
) (*iam.Role, []pulumi.Resource, error) {
	physical := d.physical(KindRole, name)
	role, err := iam.NewRole(ctx, name+"-role", &iam.RoleArgs{
		Name: pulumi.String(physical), AssumeRolePolicy: policyJSON(trusted), Tags: tagMap(t, physical),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, nil, fmt.Errorf("role %s: %w", physical, err)
	}
	var attached []pulumi.Resource
	for _, policy := range policies {
		short := policy[strings.LastIndex(policy, "/")+1:]
		attachment, err := iam.NewRolePolicyAttachment(ctx, name+"-role-"+short, &iam.RolePolicyAttachmentArgs{
			Role: role.Name, PolicyArn: pulumi.String("arn:" + d.s.Partition + ":iam::aws:policy/" + policy),
		}, pulumi.Parent(parent))
		if err != nil {
			return nil, nil, fmt.Errorf("policy %s of role %s: %w", policy, physical, err)
		}
		attached = append(attached, attachment)
	}
	return role, attached, nil
}

// trustPods trusts EKS Pod Identity (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html).
func trustPods() statement {
	return trust([]string{"sts:AssumeRole", "sts:TagSession"}, "pods.eks.amazonaws.com")
}

// principalName is the last part of a principal's ARN.
func principalName(arn string) string { return arn[strings.LastIndexAny(arn, "/:")+1:] }
