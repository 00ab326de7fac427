package role

import "platform/stacks/config"

// Orphans is the purpose of whoever ends what a cluster left that is gone, beside the role that deploys. In Azure there is none: a cluster
// takes the group of its nodes along (https://learn.microsoft.com/azure/aks/faq).
const Orphans = "orphans"

// endings are what that needs: it does not follow from types either, since controllers made the things.
var endings = map[string]func(s config.Settings) any{
	// Cloud Control calls the services with its caller's rights
	// (https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/security.html): those of the delete and read handlers of each type
	// (https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html). Things are the environment's by their tags,
	// which each of these actions can be asked for
	// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html,
	// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html).
	"aws": func(s config.Settings) any {
		in := map[string][]string{"aws:RequestedRegion": regions(s)}
		own := []string{s.Environment}
		if s.Pool != nil {
			own = append(own, s.Pool.Prefix+"*")
		}
		return []Policy{{Orphans + "-" + s.Environment + "-1", Document{"2012-10-17", []Statement{
			{
				Sid: "CloudControl", Effect: "Allow", Action: []string{"cloudformation:DeleteResource", "cloudformation:GetResourceRequestStatus"},
				Resource: []string{"*"}, Condition: map[string]map[string][]string{"StringEquals": in},
			},
			{
				Sid: "Look", Effect: "Allow", Action: []string{
					"ec2:DescribeInstances", "ec2:DescribeLaunchTemplates", "ec2:DescribeSecurityGroups", "ec2:DescribeVolumes",
					"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroups",
				},
				Resource: []string{"*"}, Condition: map[string]map[string][]string{"StringEquals": in},
			},
			{
				Sid: "End", Effect: "Allow", Action: []string{
					"ec2:DeleteLaunchTemplate", "ec2:DeleteSecurityGroup", "ec2:DeleteVolume", "ec2:TerminateInstances",
					"elasticloadbalancing:DeleteLoadBalancer", "elasticloadbalancing:DeleteTargetGroup",
				},
				Resource: []string{"*"}, Condition: map[string]map[string][]string{
					"StringEquals": in, "StringLike": {"aws:ResourceTag/environment": own},
				},
			},
		}}}}
	},
	// A rule of the firewall is a change of its network (https://cloud.google.com/compute/docs/access/iam#compute.securityAdmin).
	"gcp": func(s config.Settings) any {
		return GCP{Role: Custom{
			titles[Orphans] + s.Environment, "To end what a cluster left that is gone", "GA",
			[]string{
				"compute.backendServices.delete", "compute.disks.delete", "compute.firewalls.delete", "compute.forwardingRules.delete",
				"compute.globalOperations.get", "compute.healthChecks.delete", "compute.httpHealthChecks.delete", "compute.networkEndpointGroups.delete",
				"compute.networks.updatePolicy", "compute.regionBackendServices.delete", "compute.regionHealthChecks.delete",
				"compute.regionOperations.get", "compute.targetPools.delete", "compute.zoneOperations.get", "serviceusage.services.use",
			},
		}}
	},
}
