package aws

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
)

// permission is what an action means on AWS: calls on the resource and on the key that encrypts it.
type permission struct {
	actions []string
	key     []string
}

// permissions by action. Sources:
//   - topics: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
//   - queues: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
//   - tables: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
//   - databases: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
//   - secrets: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
var permissions = map[identity.Action]permission{
	identity.Publish: {actions: publishActions, key: []string{"kms:Decrypt", "kms:GenerateDataKey"}},
	identity.Consume: {actions: consumeActions, key: []string{"kms:Decrypt"}},
	identity.ReadWrite: {
		actions: []string{
			"dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem",
			"dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem",
		},
		key: []string{"kms:Decrypt"},
	},
	identity.Connect: {actions: []string{"rds-db:connect"}},
	identity.Read: {
		actions: readSecretActions,
		key:     []string{"kms:Decrypt"},
	},
	// The queue's own policy says it: the policies of one role have no room for every queue of a company.
	identity.Observe: {},
}

// maxInlinePolicy is the sum of characters of a role's inline policies
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
const maxInlinePolicy = 10240

// CreateIdentity builds the role of a service and binds it to the service's pods.
func (d *Driver) CreateIdentity(
	ctx *pulumi.Context, name string, args identity.Args, parent pulumi.Resource,
) (identity.Outputs, error) {
	role, err := iam.NewRole(ctx, name+"-role", d.serviceRoleArgs(args), pulumi.Parent(parent))
	if err != nil {
		return identity.Outputs{}, fmt.Errorf("role: %w", err)
	}
	if _, err := eks.NewPodIdentityAssociation(ctx, name+"-pod-identity", &eks.PodIdentityAssociationArgs{
		ClusterName:    args.Cluster.Name,
		Namespace:      pulumi.String(args.Namespace),
		ServiceAccount: pulumi.String(args.ServiceAccount),
		RoleArn:        role.Arn,
		Tags:           tagMap(args.Tags, name),
	}, pulumi.Parent(parent)); err != nil {
		return identity.Outputs{}, fmt.Errorf("pod identity: %w", err)
	}
	return identity.Outputs{Principal: role.Arn, Name: role.Name}, nil
}

// serviceRoleArgs trusts EKS Pod Identity for the service's own pods only; the session tags that the
// agent sets are what tells them (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html).
func (d *Driver) serviceRoleArgs(args identity.Args) *iam.RoleArgs {
	name := d.physical(KindRole, args.Service)
	trusted := trust([]string{"sts:AssumeRole", "sts:TagSession"}, "pods.eks.amazonaws.com")
	trusted.Conditions = []condition{
		{Operator: "StringEquals", Key: "aws:RequestTag/kubernetes-namespace", Values: texts(args.Namespace)},
		{Operator: "StringEquals", Key: "aws:RequestTag/kubernetes-service-account", Values: texts(args.ServiceAccount)},
	}
	return &iam.RoleArgs{
		Name:             pulumi.String(name),
		Description:      pulumi.String("Service " + args.Service),
		AssumeRolePolicy: policyJSON(trusted),
		Tags:             tagMap(args.Tags, name),
	}
}

// CreateGrants gives the role exactly the grants, in one inline policy that goes with the role.
func (d *Driver) CreateGrants(
	ctx *pulumi.Context, name string, args identity.GrantsArgs, parent pulumi.Resource,
) error {
	statements, err := grantStatements(args.Grants)
	if err != nil {
		return err
	}
	if len(statements) == 0 {
		return nil // AWS refuses a policy without any
	}
	policy := policyJSON(statements...).ApplyT(func(text string) (string, error) {
		if len(text) > maxInlinePolicy {
			return "", fmt.Errorf("service %s: its %d grants make a policy of %d characters: %d are allowed; split the service",
				args.Service, len(args.Grants), len(text), maxInlinePolicy)
		}
		return text, nil
	}).(pulumi.StringOutput)
	if _, err := iam.NewRolePolicy(ctx, name+"-policy", &iam.RolePolicyArgs{
		Name: pulumi.String(d.physical(KindRolePolicy, args.Service)), Role: args.Identity.Name, Policy: policy,
	}, pulumi.Parent(parent)); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	return nil
}

// grantStatements are one statement for each grant that the role itself needs, and one for its key.
func grantStatements(grants []identity.Grant) ([]statement, error) {
	var statements []statement
	for _, grant := range grants {
		p, ok := permissions[grant.Action]
		if !ok {
			return nil, fmt.Errorf("grant %s: AWS has no permissions for action %q: add it to the table in identity.go", grant.Role, grant.Action)
		}
		if len(p.actions) == 0 {
			continue
		}
		sid := statementID(grant.Role)
		statements = append(statements, statement{
			Sid: sid, Actions: p.actions, Resources: []pulumi.StringInput{grant.Resource},
		})
		if grant.HasKey && len(p.key) > 0 {
			statements = append(statements, statement{
				Sid: sid + "Key", Actions: p.key, Resources: []pulumi.StringInput{grant.Key},
			})
		}
	}
	return statements, nil
}

// statementID is a role in letters and digits, which is all that a statement's id may have
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html).
func statementID(role string) string {
	var b strings.Builder
	for _, word := range strings.Split(role, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

var _ identity.Driver = (*Driver)(nil)
