package aws

import (
	"errors"
	"fmt"
	"maps"
	"slices"
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
	// within are the calls on what is in the resource.
	within []string
	// types of records are all that it may change, if some are named.
	types []string
	// about are the calls that cannot be bound to the resource, by what they are bound to.
	about map[string][]string
}

// permissions by action. Sources:
//   - topics: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
//   - queues: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
//   - tables: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
//   - databases: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
//   - secrets: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
//   - objects: https://grafana.com/docs/loki/latest/configure/storage/#aws-deployment-s3-single-store,
//     https://grafana.com/docs/tempo/latest/configuration/hosted-storage/s3/
//   - names to prove: https://cert-manager.io/docs/configuration/acme/dns01/route53/#set-up-an-iam-policy
//   - records: https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/aws/#iam-policy
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
	identity.Store: {
		actions: []string{"s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"},
		within: []string{
			"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject",
		},
		key: []string{"kms:Decrypt", "kms:GenerateDataKey"},
	},
	identity.ProveNames: {
		actions: []string{"route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"},
		types:   []string{"TXT"},
		about:   map[string][]string{"arn:%s:route53:::change/*": {"route53:GetChange"}},
	},
	identity.ManageRecords: {
		actions: []string{"route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets", "route53:ListTagsForResources"},
		about:   map[string][]string{"*": {"route53:ListHostedZones"}},
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
	spec, err := d.serviceRoleArgs(args)
	if err != nil {
		return identity.Outputs{}, err
	}
	role, err := iam.NewRole(ctx, name+"-role", spec, pulumi.Parent(parent))
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
	outputs := identity.Outputs{Principal: role.Arn, Name: role.Name}
	if args.ByToken {
		// The pods go on with Pod Identity: where an account has both, EKS gives them that alone
		// (https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/handler/handler.go, buildPodPatchConfig).
		outputs.Annotations = pulumi.StringMap{roleAnnotation: role.Arn}
	}
	return outputs, nil
}

// roleAnnotation is where an account names the role that its tokens are exchanged for, and tokenAudience for whom such
// tokens are (https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html).
const (
	roleAnnotation = "eks.amazonaws.com/role-arn"
	tokenAudience  = "sts.amazonaws.com"
)

// byToken trusts the cluster's issuer for the tokens of one account
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html).
func byToken(args identity.Args) (statement, error) {
	provider, ok := args.Cluster.Details[detailTokenProvider]
	if !ok {
		return statement{}, errors.New("the cluster names no provider of tokens: was it built by this driver?")
	}
	issuer := args.Cluster.WorkloadIssuer.ApplyT(func(url string) string {
		return strings.TrimPrefix(url, "https://")
	}).(pulumi.StringOutput)
	return statement{
		Sid: "ByToken", Actions: []string{"sts:AssumeRoleWithWebIdentity"},
		Principals: map[string][]pulumi.StringInput{principalFederated: {provider}},
		Conditions: []condition{
			{Operator: "StringEquals", Of: issuer, Key: ":aud", Values: texts(tokenAudience)},
			{Operator: "StringEquals", Of: issuer, Key: ":sub", Values: texts("system:serviceaccount:" + args.Namespace + ":" + args.ServiceAccount)},
		},
	}, nil
}

// serviceRoleArgs trusts EKS Pod Identity for the service's own pods only; the session tags that the
// agent sets are what tells them (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html).
func (d *Driver) serviceRoleArgs(args identity.Args) (*iam.RoleArgs, error) {
	name := d.physical(KindRole, args.Service)
	trusted := trust([]string{"sts:AssumeRole", "sts:TagSession"}, "pods.eks.amazonaws.com")
	trusted.Conditions = []condition{
		{Operator: "StringEquals", Key: "aws:RequestTag/kubernetes-namespace", Values: texts(args.Namespace)},
		{Operator: "StringEquals", Key: "aws:RequestTag/kubernetes-service-account", Values: texts(args.ServiceAccount)},
	}
	all := []statement{trusted}
	if args.ByToken {
		tokens, err := byToken(args)
		if err != nil {
			return nil, err
		}
		all = append(all, tokens)
	}
	return &iam.RoleArgs{
		Name:             pulumi.String(name),
		Description:      pulumi.String("Service " + args.Service),
		AssumeRolePolicy: policyJSON(all...),
		Tags:             tagMap(args.Tags, name),
	}, nil
}

// CreateGrants gives the role exactly the grants, in one inline policy that goes with the role.
func (d *Driver) CreateGrants(
	ctx *pulumi.Context, name string, args identity.GrantsArgs, parent pulumi.Resource,
) error {
	statements, err := d.grantStatements(args.Grants)
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

// grantStatements are one statement for each grant that the role itself needs, one for its key, and one for what cannot
// be bound to its resource.
func (d *Driver) grantStatements(grants []identity.Grant) ([]statement, error) {
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
		given := statement{Sid: sid, Actions: p.actions, Resources: []pulumi.StringInput{grant.Resource}}
		if len(p.types) > 0 {
			given.Conditions = []condition{{
				Operator: "ForAllValues:StringEquals", Key: "route53:ChangeResourceRecordSetsRecordTypes", Values: texts(p.types...),
			}}
		}
		statements = append(statements, given)
		if len(p.within) > 0 {
			statements = append(statements, statement{
				Sid: sid + "Within", Actions: p.within, Resources: []pulumi.StringInput{pulumi.Sprintf("%s/*", grant.Resource)},
			})
		}
		if grant.HasKey && len(p.key) > 0 {
			statements = append(statements, statement{
				Sid: sid + "Key", Actions: p.key, Resources: []pulumi.StringInput{grant.Key},
			})
		}
		for _, on := range slices.Sorted(maps.Keys(p.about)) {
			statements = append(statements, statement{
				Sid: sid + "About", Actions: p.about[on], Resources: texts(strings.ReplaceAll(on, "%s", d.s.Partition)),
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
