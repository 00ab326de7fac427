package aws

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/network"
)

// endpointServices are the AWS services behind each neutral endpoint
// (https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html).
var endpointServices = map[network.Endpoint]struct {
	services []string
	gateway  bool // routed, and free of charge
}{
	network.EndpointStorage:   {services: []string{"s3"}, gateway: true},
	network.EndpointDocuments: {services: []string{"dynamodb"}, gateway: true},
	network.EndpointRegistry:  {services: []string{"ecr.api", "ecr.dkr"}},
	network.EndpointSecrets:   {services: []string{"secretsmanager", "kms"}},
	network.EndpointQueues:    {services: []string{"sqs", "sns"}},
	network.EndpointLogs:      {services: []string{"logs"}},
	// Without internet, nodes need these to join and pods to get their credentials
	// (https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html).
	network.EndpointIdentity: {services: []string{"sts", "eks", "eks-auth"}},
	// Which image a machine starts with is asked of ssm.
	network.EndpointCompute: {services: []string{"ec2", "ssm", "elasticloadbalancing"}},
}

// endpoints registers what was asked for, in the order in which the contract lists it, and tells where each of the
// services answers.
func (d *Driver) endpoints(
	ctx *pulumi.Context, name string, vpc pulumi.StringInput, private tier, tables []pulumi.StringOutput,
	args network.Args, parent pulumi.Resource,
) ([]pulumi.Resource, map[network.Endpoint]network.Way, error) {
	var out []pulumi.Resource
	var group pulumi.StringArray
	ways := map[network.Endpoint]network.Way{}
	for _, asked := range network.Endpoints {
		if !slices.Contains(args.Endpoints, asked) {
			ways[asked] = network.OverInternet(network.TLSPort)
			continue
		}
		ways[asked] = network.At([]int{network.TLSPort}, rangeTexts(private.ranges)...)
		behind := endpointServices[asked]
		if !behind.gateway && group == nil {
			made, err := ec2.NewSecurityGroup(ctx, name+"-endpoints", d.endpointGroupArgs(name, vpc, args), pulumi.Parent(parent))
			if err != nil {
				return nil, nil, fmt.Errorf("security group of the endpoints: %w", err)
			}
			group = pulumi.StringArray{made.ID()}
		}
		for _, service := range behind.services {
			logical := name + "-endpoint-" + service
			spec := d.endpointArgs(logical, service, vpc, args)
			if behind.gateway {
				spec.VpcEndpointType = pulumi.String("Gateway")
				spec.RouteTableIds = pulumi.ToStringArrayOutput(tables)
			} else {
				spec.VpcEndpointType = pulumi.String("Interface")
				spec.PrivateDnsEnabled = pulumi.Bool(true)
				spec.SecurityGroupIds = group
				spec.SubnetIds = subnetIDs(private.subnets)
			}
			endpoint, err := ec2.NewVpcEndpoint(ctx, logical, spec, pulumi.Parent(parent))
			if err != nil {
				return nil, nil, fmt.Errorf("endpoint %s: %w", service, err)
			}
			if behind.gateway {
				// What is routed keeps its public addresses, of which AWS tells those of the region.
				ways[asked] = network.Way{Ranges: endpoint.CidrBlocks, Ports: []int{network.TLSPort}}
			}
			out = append(out, endpoint)
		}
	}
	return out, ways, nil
}

// rangeTexts are ranges in their text form.
func rangeTexts(ranges []netip.Prefix) []string {
	out := make([]string, 0, len(ranges))
	for _, r := range ranges {
		out = append(out, r.String())
	}
	return out
}

func (d *Driver) endpointArgs(name, service string, vpc pulumi.StringInput, args network.Args) *ec2.VpcEndpointArgs {
	return &ec2.VpcEndpointArgs{
		VpcId:       vpc,
		ServiceName: pulumi.String("com.amazonaws." + d.s.Region + "." + service),
		Tags:        tagMap(args.Tags, name),
	}
}

// endpointGroupArgs admit what is inside the VPC, by TLS. Endpoints never open connections themselves.
func (d *Driver) endpointGroupArgs(name string, vpc pulumi.StringInput, args network.Args) *ec2.SecurityGroupArgs {
	physical := d.physical(KindSecurityGroup, name, "endpoints")
	return &ec2.SecurityGroupArgs{
		Name: pulumi.String(physical), Description: pulumi.String("Private endpoints: TLS from inside the VPC"),
		VpcId: vpc.ToStringOutput().ToStringPtrOutput(),
		Ingress: ec2.SecurityGroupIngressArray{ec2.SecurityGroupIngressArgs{
			Protocol: pulumi.String("tcp"), FromPort: pulumi.Int(443), ToPort: pulumi.Int(443),
			CidrBlocks: pulumi.ToStringArray([]string{args.CIDR.String()}), Description: pulumi.String("TLS from inside the VPC"),
		}},
		Tags: tagMap(args.Tags, physical),
	}
}

func subnetIDs(subnets []network.Subnet) pulumi.StringArray {
	out := make(pulumi.StringArray, 0, len(subnets))
	for _, subnet := range subnets {
		out = append(out, subnet.ID)
	}
	return out
}
