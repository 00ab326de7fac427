package aws

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cidr"
	"platform/components/network"
	"platform/components/tags"
)

const anywhere = "0.0.0.0/0"

// tier is one tier's subnets and the route tables that they use, by zone.
type tier struct {
	subnets []network.Subnet
	ranges  []netip.Prefix
	tables  []pulumi.StringOutput // without doubles
}

// CreateNetwork builds a VPC with three tiers of subnets, its ways out, endpoints and flow logs.
func (d *Driver) CreateNetwork(
	ctx *pulumi.Context, name string, args network.Args, parent pulumi.Resource,
) (network.Outputs, error) {
	publicRanges, privateRanges, dataRanges, err := cidr.Split(args.CIDR, len(args.Zones))
	if err != nil {
		return network.Outputs{}, err
	}
	vpc, err := ec2.NewVpc(ctx, name+"-vpc", vpcArgs(name, args), pulumi.Parent(parent))
	if err != nil {
		return network.Outputs{}, fmt.Errorf("VPC: %w", err)
	}
	id := vpc.ID().ToStringOutput()
	// Every VPC comes with a group that lets its members talk to each other and to the world.
	if _, err := ec2.NewDefaultSecurityGroup(ctx, name+"-default-security-group", &ec2.DefaultSecurityGroupArgs{
		VpcId: id, Tags: tagMap(args.Tags, name+"-default"),
	}, pulumi.Parent(parent)); err != nil {
		return network.Outputs{}, fmt.Errorf("default security group: %w", err)
	}
	public, wayIn, err := d.publicTier(ctx, name, id, publicRanges, args, parent)
	if err != nil {
		return network.Outputs{}, err
	}
	private, waysOut, err := d.privateTier(ctx, name, id, privateRanges, public, wayIn, args, parent)
	if err != nil {
		return network.Outputs{}, err
	}
	data, err := d.dataTier(ctx, name, id, dataRanges, args, parent)
	if err != nil {
		return network.Outputs{}, err
	}
	endpoints, ways, err := d.endpoints(ctx, name, id, private, append(private.tables, data.tables...), args, parent)
	if err != nil {
		return network.Outputs{}, err
	}
	if err := d.flowLogs(ctx, name, id, args, parent); err != nil {
		return network.Outputs{}, err
	}
	return network.Outputs{
		ID: id, PublicSubnets: public.subnets, PrivateSubnets: private.subnets, DataSubnets: data.subnets,
		PrivateRanges: rangeTexts(privateRanges), DataRanges: rangeTexts(dataRanges), Ways: ways,
		Others:         network.OverInternet(network.TLSPort),
		EndpointsReady: append(waysOut, endpoints...),
	}, nil
}

// vpcArgs resolves names inside the VPC, which private endpoints need
// (https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html).
func vpcArgs(name string, args network.Args) *ec2.VpcArgs {
	return &ec2.VpcArgs{
		CidrBlock:          pulumi.String(args.CIDR.String()),
		EnableDnsSupport:   pulumi.Bool(true),
		EnableDnsHostnames: pulumi.Bool(true),
		Tags:               tagMap(args.Tags, name),
	}
}

// subnetArgs of one zone. No subnet hands out public addresses by itself, not even a public one.
func subnetArgs(name string, vpc pulumi.StringInput, zone string, block netip.Prefix, t tags.Set) *ec2.SubnetArgs {
	return &ec2.SubnetArgs{
		VpcId: vpc, AvailabilityZone: pulumi.String(zone), CidrBlock: pulumi.String(block.String()),
		MapPublicIpOnLaunch: pulumi.Bool(false),
		Tags:                tagMap(t, name),
	}
}

// Load balancers find their subnets by these tags
// (https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html).
const (
	publicBalancers   = "kubernetes.io/role/elb"
	internalBalancers = "kubernetes.io/role/internal-elb"
)

func (d *Driver) subnets(
	ctx *pulumi.Context, name string, vpc pulumi.StringInput, blocks []netip.Prefix, zones []string, t tags.Set,
	parent pulumi.Resource,
) ([]network.Subnet, error) {
	var out []network.Subnet
	for i, zone := range zones {
		logical := name + "-" + zone
		subnet, err := ec2.NewSubnet(ctx, logical, subnetArgs(logical, vpc, zone, blocks[i], t), pulumi.Parent(parent))
		if err != nil {
			return nil, fmt.Errorf("subnet %s: %w", logical, err)
		}
		out = append(out, network.Subnet{Zone: zone, ID: subnet.ID().ToStringOutput()})
	}
	return out, nil
}

// table registers a route table, its route to anywhere if there is one, and its subnets.
func (d *Driver) table(
	ctx *pulumi.Context, name string, vpc pulumi.StringInput, toAnywhere *ec2.RouteArgs, subnets []network.Subnet,
	t tags.Set, parent pulumi.Resource,
) (table pulumi.StringOutput, route pulumi.Resource, err error) {
	made, err := ec2.NewRouteTable(ctx, name, &ec2.RouteTableArgs{VpcId: vpc, Tags: tagMap(t, name)}, pulumi.Parent(parent))
	if err != nil {
		return table, nil, fmt.Errorf("route table %s: %w", name, err)
	}
	table = made.ID().ToStringOutput()
	if toAnywhere != nil {
		toAnywhere.RouteTableId, toAnywhere.DestinationCidrBlock = table, pulumi.String(anywhere)
		if route, err = ec2.NewRoute(ctx, name+"-route", toAnywhere, pulumi.Parent(parent)); err != nil {
			return table, nil, fmt.Errorf("route of %s: %w", name, err)
		}
	}
	for _, subnet := range subnets {
		if _, err := ec2.NewRouteTableAssociation(ctx, name+"-association-"+subnet.Zone, &ec2.RouteTableAssociationArgs{
			RouteTableId: table, SubnetId: subnet.ID,
		}, pulumi.Parent(parent)); err != nil {
			return table, nil, fmt.Errorf("association of %s with %s: %w", name, subnet.Zone, err)
		}
	}
	return table, route, nil
}

// publicTier also returns the internet gateway, without which no public address can be used.
func (d *Driver) publicTier(
	ctx *pulumi.Context, name string, vpc pulumi.StringInput, blocks []netip.Prefix, args network.Args,
	parent pulumi.Resource,
) (tier, pulumi.Resource, error) {
	gateway, err := ec2.NewInternetGateway(ctx, name+"-internet-gateway", &ec2.InternetGatewayArgs{
		VpcId: vpc.ToStringOutput().ToStringPtrOutput(), Tags: tagMap(args.Tags, name),
	}, pulumi.Parent(parent))
	if err != nil {
		return tier{}, nil, fmt.Errorf("internet gateway: %w", err)
	}
	subnets, err := d.subnets(ctx, name+"-public", vpc, blocks, args.Zones, args.Tags.With(publicBalancers, "1"), parent)
	if err != nil {
		return tier{}, nil, err
	}
	table, _, err := d.table(ctx, name+"-public-routes", vpc,
		&ec2.RouteArgs{GatewayId: gateway.ID().ToStringOutput().ToStringPtrOutput()}, subnets, args.Tags, parent)
	return tier{subnets, blocks, []pulumi.StringOutput{table}}, gateway, err
}

// privateTier has a route table in each zone, so that one zone's way out can fail alone.
func (d *Driver) privateTier(
	ctx *pulumi.Context, name string, vpc pulumi.StringInput, blocks []netip.Prefix, public tier,
	wayIn pulumi.Resource, args network.Args, parent pulumi.Resource,
) (tier, []pulumi.Resource, error) {
	subnets, err := d.subnets(ctx, name+"-private", vpc, blocks, args.Zones, args.Tags.With(internalBalancers, "1"), parent)
	if err != nil {
		return tier{}, nil, err
	}
	gateways, err := d.natGateways(ctx, name, public, wayIn, args, parent)
	if err != nil {
		return tier{}, nil, err
	}
	out, routes := tier{subnets: subnets, ranges: blocks}, []pulumi.Resource(nil)
	for i, subnet := range subnets {
		var toAnywhere *ec2.RouteArgs
		if len(gateways) > 0 {
			nat := gateways[min(i, len(gateways)-1)]
			toAnywhere = &ec2.RouteArgs{NatGatewayId: nat.ToStringPtrOutput()}
		}
		table, route, err := d.table(ctx, name+"-private-routes-"+subnet.Zone, vpc, toAnywhere, subnets[i:i+1], args.Tags, parent)
		if err != nil {
			return tier{}, nil, err
		}
		out.tables = append(out.tables, table)
		if route != nil {
			routes = append(routes, route)
		}
	}
	return out, routes, nil
}

// natGateways are none, one, or one for each zone in the order of zones.
func (d *Driver) natGateways(
	ctx *pulumi.Context, name string, public tier, wayIn pulumi.Resource, args network.Args, parent pulumi.Resource,
) ([]pulumi.StringOutput, error) {
	in := map[network.NAT][]network.Subnet{
		network.NATSingle: public.subnets[:1], network.NATPerZone: public.subnets,
	}[args.NAT]
	var out []pulumi.StringOutput
	for _, subnet := range in {
		logical := name + "-nat-" + subnet.Zone
		address, err := ec2.NewEip(ctx, logical+"-address", &ec2.EipArgs{
			Domain: pulumi.String("vpc"), Tags: tagMap(args.Tags, logical),
		}, pulumi.Parent(parent))
		if err != nil {
			return nil, fmt.Errorf("address of %s: %w", logical, err)
		}
		// The gateway is of no use before the VPC has a way to the internet, and on the way down it
		// must give its address back before the internet gateway can be detached.
		gateway, err := ec2.NewNatGateway(ctx, logical, &ec2.NatGatewayArgs{
			AllocationId: address.ID().ToStringOutput().ToStringPtrOutput(), SubnetId: subnet.ID,
			ConnectivityType: pulumi.String("public"), Tags: tagMap(args.Tags, logical),
		}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{wayIn}))
		if err != nil {
			return nil, fmt.Errorf("NAT gateway %s: %w", logical, err)
		}
		out = append(out, gateway.ID().ToStringOutput())
	}
	return out, nil
}

// dataTier has no route but the VPC's own and the gateway endpoints'.
func (d *Driver) dataTier(
	ctx *pulumi.Context, name string, vpc pulumi.StringInput, blocks []netip.Prefix, args network.Args,
	parent pulumi.Resource,
) (tier, error) {
	subnets, err := d.subnets(ctx, name+"-data", vpc, blocks, args.Zones, args.Tags, parent)
	if err != nil {
		return tier{}, err
	}
	table, _, err := d.table(ctx, name+"-data-routes", vpc, nil, subnets, args.Tags, parent)
	return tier{subnets, blocks, []pulumi.StringOutput{table}}, err
}

var _ network.Driver = (*Driver)(nil)
