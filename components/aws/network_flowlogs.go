package aws

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/network"
)

// flowLogs keep the metadata of all traffic, accepted or not, in an encrypted log group.
func (d *Driver) flowLogs(
	ctx *pulumi.Context, name string, vpc pulumi.StringOutput, args network.Args, parent pulumi.Resource,
) error {
	group, err := d.logGroup(ctx, name+"-flow-logs", d.physical(KindLogGroup, name, "flow-logs"), args.FlowLogDays, args.Tags, parent)
	if err != nil {
		return err
	}
	roleName := d.physical(KindRole, name, "flow-logs")
	role, err := iam.NewRole(ctx, name+"-flow-logs-role", &iam.RoleArgs{
		Name:             pulumi.String(roleName),
		Description:      pulumi.String("Delivers flow logs of " + name),
		AssumeRolePolicy: policyJSON(d.trustOwn("vpc-flow-logs.amazonaws.com")),
		Tags:             tagMap(args.Tags, roleName),
	}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("role of the flow logs: %w", err)
	}
	policy, err := iam.NewRolePolicy(ctx, name+"-flow-logs-policy", &iam.RolePolicyArgs{
		Name: pulumi.String(d.physical(KindRolePolicy, name, "flow-logs")), Role: role.Name,
		Policy: policyJSON(deliverLogs(group.Arn)),
	}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("policy of the flow logs: %w", err)
	}
	if _, err := ec2.NewFlowLog(ctx, name+"-flow-log", &ec2.FlowLogArgs{
		VpcId: vpc.ToStringPtrOutput(), TrafficType: pulumi.String("ALL"), LogDestinationType: pulumi.String("cloud-watch-logs"),
		LogDestination: group.Arn.ToStringPtrOutput(), IamRoleArn: role.Arn.ToStringPtrOutput(),
		MaxAggregationInterval: pulumi.Int(60), Tags: tagMap(args.Tags, name),
	}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{policy})); err != nil {
		return fmt.Errorf("flow log: %w", err)
	}
	return nil
}

// trustOwn trusts a service, but only on behalf of this account: another account's flow log could
// use the role otherwise (https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html).
func (d *Driver) trustOwn(service string) statement {
	trusted := trust([]string{"sts:AssumeRole"}, service)
	trusted.Conditions = []condition{{Operator: "StringEquals", Key: "aws:SourceAccount", Values: texts(d.s.Account)}}
	return trusted
}

// deliverLogs writes into one group (https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html).
func deliverLogs(group pulumi.StringOutput) statement {
	streams := group.ApplyT(func(arn string) string { return arn + ":*" }).(pulumi.StringOutput)
	return statement{
		Sid: "Deliver",
		Actions: []string{
			"logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents",
		},
		Resources: []pulumi.StringInput{group, streams},
	}
}
