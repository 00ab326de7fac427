package aws

import "platform/tests/cloud"

// Baseline is what is in an account before an environment is built: the service-linked roles that AWS
// makes on first use (https://docs.aws.amazon.com/autoscaling/ec2/userguide/autoscaling-service-linked-role.html),
// and the delegated DNS zone.
func Baseline(account, zone, domain string) []cloud.Object {
	return []cloud.Object{
		{
			Type: "aws:iam/role:Role", ID: "AWSServiceRoleForAutoScaling", Account: account,
			Outputs: map[string]any{
				"arn": "arn:aws:iam::" + account + ":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
			},
		},
		{Type: "route53:zone", ID: zone, Account: account, Props: map[string]any{"name": domain}},
	}
}
