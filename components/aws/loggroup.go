package aws

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// logGroup registers a log group and the key that encrypts exactly it.
func (d *Driver) logGroup(
	ctx *pulumi.Context, name, physical string, days int, t tags.Set, parent pulumi.Resource,
) (*cloudwatch.LogGroup, error) {
	key, err := d.key(ctx, name+"-key", "Logs "+physical, t, []statement{d.logKeyStatement(physical)}, parent)
	if err != nil {
		return nil, err
	}
	group, err := cloudwatch.NewLogGroup(ctx, name, &cloudwatch.LogGroupArgs{
		Name: pulumi.String(physical), RetentionInDays: pulumi.Int(days), KmsKeyId: key.Arn.ToStringPtrOutput(),
		Tags: tagMap(t, physical),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("log group %s: %w", physical, err)
	}
	return group, nil
}

// logKeyStatement lets CloudWatch Logs use a key for one log group
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html).
func (d *Driver) logKeyStatement(group string) statement {
	return statement{
		Sid:       "Logs",
		Actions:   []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"},
		Resources: texts("*"),
		Principals: map[string][]pulumi.StringInput{
			principalService: texts("logs." + d.s.Region + ".amazonaws.com"),
		},
		Conditions: []condition{{
			Operator: "ArnEquals", Key: "kms:EncryptionContext:aws:logs:arn",
			Values: texts(fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s", d.s.Partition, d.s.Region, d.s.Account, group)),
		}},
	}
}
