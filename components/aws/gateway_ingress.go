package aws

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigatewayv2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
)

const httpsPort = 443

// tlsPolicy takes TLS 1.2 with forward secrecy, and 1.3
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/describe-ssl-policies.html).
const tlsPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06"

// ingress is the way into the cluster that all doors share.
type ingress struct {
	link     pulumi.StringOutput // id of the VPC link
	listener pulumi.StringOutput // ARN
}

// ingress registers a load balancer with private addresses only, before the nodes of the system pool,
// and the link by which the APIs reach it.
func (d *Driver) ingress(ctx *pulumi.Context, name string, args gateway.Args, parent pulumi.Resource) (ingress, error) {
	certificate, err := d.certificate(ctx, name+"-origin", args.Host(gateway.Origin), args, parent)
	if err != nil {
		return ingress{}, err
	}
	groups, rules, err := d.ingressGroups(ctx, name, args, parent)
	if err != nil {
		return ingress{}, err
	}
	physical := d.physical(KindLoadBalancer, name)
	balancer, err := lb.NewLoadBalancer(ctx, name+"-balancer", &lb.LoadBalancerArgs{
		Name: pulumi.String(physical), LoadBalancerType: pulumi.String("network"), Internal: pulumi.Bool(true),
		Subnets: subnetIDs(args.Network.PrivateSubnets), SecurityGroups: pulumi.StringArray{groups.balancer},
		EnableCrossZoneLoadBalancing: pulumi.Bool(true), Tags: tagMap(args.Tags, physical),
	}, pulumi.Parent(parent))
	if err != nil {
		return ingress{}, fmt.Errorf("load balancer: %w", err)
	}
	targets, err := d.ingressTargets(ctx, name, args, parent)
	if err != nil {
		return ingress{}, err
	}
	listener, err := lb.NewListener(ctx, name+"-listener", &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn, Port: pulumi.Int(httpsPort), Protocol: pulumi.String("TLS"),
		SslPolicy: pulumi.String(tlsPolicy), CertificateArn: certificate.ToStringPtrOutput(),
		DefaultActions: lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{
			Type: pulumi.String("forward"), TargetGroupArn: targets.Arn.ToStringPtrOutput(),
		}},
		Tags: tagMap(args.Tags, physical),
	}, pulumi.Parent(parent))
	if err != nil {
		return ingress{}, fmt.Errorf("listener: %w", err)
	}
	linkName := d.physical(KindVPCLink, name)
	link, err := apigatewayv2.NewVpcLink(ctx, name+"-link", &apigatewayv2.VpcLinkArgs{
		Name: pulumi.String(linkName), SubnetIds: subnetIDs(args.Network.PrivateSubnets),
		SecurityGroupIds: pulumi.StringArray{groups.link}, Tags: tagMap(args.Tags, linkName),
	}, pulumi.Parent(parent), pulumi.DependsOn(rules))
	if err != nil {
		return ingress{}, fmt.Errorf("VPC link: %w", err)
	}
	return ingress{link: link.ID().ToStringOutput(), listener: listener.Arn}, nil
}

// entrance is the port of every node. What comes to it bears an address of the load balancer's or the link's, or of the node that
// handed it on: all are of the private subnets
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation).
func entrance(args gateway.Args) *gateway.Entrance {
	return &gateway.Entrance{NodePort: gateway.IngressPort, Sources: args.Network.PrivateRanges}
}

// ingressTargets registers the group of nodes through which doors reach the cluster. The load balancer encrypts anew to
// them; whether they answer is all that it asks, since what is behind the port may differ by service.
func (d *Driver) ingressTargets(
	ctx *pulumi.Context, name string, args gateway.Args, parent pulumi.Resource,
) (*lb.TargetGroup, error) {
	physical := d.physical(KindTargetGroup, name)
	targets, err := lb.NewTargetGroup(ctx, name+"-targets", &lb.TargetGroupArgs{
		Name: pulumi.String(physical), Port: pulumi.Int(gateway.IngressPort), Protocol: pulumi.String("TLS"),
		TargetType: pulumi.String("instance"), VpcId: args.Network.ID.ToStringPtrOutput(), DeregistrationDelay: pulumi.Int(60),
		HealthCheck: lb.TargetGroupHealthCheckArgs{
			Protocol: pulumi.String("TCP"), Port: pulumi.String("traffic-port"), Interval: pulumi.Int(10),
			HealthyThreshold: pulumi.Int(2), UnhealthyThreshold: pulumi.Int(2),
		},
		Tags: tagMap(args.Tags, physical),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("target group: %w", err)
	}
	for _, pool := range slices.Sorted(maps.Keys(args.Cluster.PoolGroups)) {
		if _, err := autoscaling.NewAttachment(ctx, name+"-targets-"+pool, &autoscaling.AttachmentArgs{
			AutoscalingGroupName: args.Cluster.PoolGroups[pool], LbTargetGroupArn: targets.Arn.ToStringPtrOutput(),
		}, pulumi.Parent(parent)); err != nil {
			return nil, fmt.Errorf("attachment of pool %s: %w", pool, err)
		}
	}
	return targets, nil
}

type ingressGroups struct{ link, balancer pulumi.StringOutput }

// ingressGroups registers the security groups of link and load balancer, and each step of the way as a
// rule at both of its ends. Nothing else comes in or goes out.
func (d *Driver) ingressGroups(
	ctx *pulumi.Context, name string, args gateway.Args, parent pulumi.Resource,
) (groups ingressGroups, rules []pulumi.Resource, err error) {
	for _, g := range []struct {
		role, description string
		id                *pulumi.StringOutput
	}{
		{"link", "VPC link of the gateway", &groups.link},
		{"balancer", "Load balancer of the gateway", &groups.balancer},
	} {
		physical := d.physical(KindSecurityGroup, name, g.role)
		group, err := ec2.NewSecurityGroup(ctx, name+"-"+g.role+"-group", &ec2.SecurityGroupArgs{
			Name: pulumi.String(physical), Description: pulumi.String(g.description),
			VpcId: args.Network.ID.ToStringPtrOutput(), Tags: tagMap(args.Tags, physical),
		}, pulumi.Parent(parent))
		if err != nil {
			return groups, nil, fmt.Errorf("security group of the %s: %w", g.role, err)
		}
		*g.id = group.ID().ToStringOutput()
	}
	for _, r := range []struct {
		role, direction string
		port            int
		group, peer     pulumi.StringOutput
	}{
		{"link-to-balancer", "egress", httpsPort, groups.link, groups.balancer},
		{"balancer-from-link", "ingress", httpsPort, groups.balancer, groups.link},
		{"balancer-to-nodes", "egress", gateway.IngressPort, groups.balancer, args.Cluster.NodeSecurityGroup},
		{"nodes-from-balancer", "ingress", gateway.IngressPort, args.Cluster.NodeSecurityGroup, groups.balancer},
	} {
		rule, err := ec2.NewSecurityGroupRule(ctx, name+"-"+r.role, &ec2.SecurityGroupRuleArgs{
			Type: pulumi.String(r.direction), Protocol: pulumi.String("tcp"), FromPort: pulumi.Int(r.port), ToPort: pulumi.Int(r.port),
			SecurityGroupId: r.group, SourceSecurityGroupId: r.peer, Description: pulumi.String("Gateway"),
		}, pulumi.Parent(parent))
		if err != nil {
			return groups, nil, fmt.Errorf("security group rule %s: %w", r.role, err)
		}
		rules = append(rules, rule)
	}
	return groups, rules, nil
}
