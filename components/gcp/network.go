package gcp

import (
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/compute"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/servicenetworking"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cidr"
	"platform/components/network"
)

const (
	anywhere = "0.0.0.0/0"
	// internet is the next hop of routes that leave the network
	// (https://cloud.google.com/vpc/docs/routes#static-route-next-hops).
	internet = "default-internet-gateway"
	// producers runs Google's own services, such as Cloud SQL, in networks beside ours.
	producers = "servicenetworking.googleapis.com"
)

// The secondary ranges of the private subnet, as clusters name them.
const (
	podRange     = "pods"
	serviceRange = "services"
)

// detailControlPlanes is the range from which control planes of clusters take theirs, in Details.
const detailControlPlanes = "range-control-planes"

// tiers are the subnets of a network.
type tiers struct{ private, public *compute.Subnetwork }

// CreateNetwork builds a network with a subnet for machines and pods, one for the proxies of load balancers, a
// range for Google's own services, the way out, private access to Google's APIs and flow logs. Subnets of Google
// Cloud span the zones of their region (https://cloud.google.com/vpc/docs/subnets).
func (d *Driver) CreateNetwork(
	ctx *pulumi.Context, name string, args network.Args, parent pulumi.Resource,
) (network.Outputs, error) {
	ranges, err := cidr.SplitRegional(args.CIDR)
	if err != nil {
		return network.Outputs{}, err
	}
	made, err := compute.NewNetwork(ctx, name+"-network", d.networkArgs(name), d.under(parent))
	if err != nil {
		return network.Outputs{}, fmt.Errorf("network: %w", err)
	}
	id := made.ID().ToStringOutput()
	if err := d.denyIngress(ctx, name, id, parent); err != nil {
		return network.Outputs{}, err
	}
	subnets, err := d.subnets(ctx, name, id, ranges, parent)
	if err != nil {
		return network.Outputs{}, err
	}
	out, err := d.wayOut(ctx, name, id, subnets.private, args, parent)
	if err != nil {
		return network.Outputs{}, err
	}
	access, err := d.endpoints(ctx, name, id, args, parent)
	if err != nil {
		return network.Outputs{}, err
	}
	producerRange, connection, err := d.connectProducers(ctx, name, id, ranges.Producers, args, parent)
	if err != nil {
		return network.Outputs{}, err
	}
	if err := d.flowLogs(ctx, name, args, parent); err != nil {
		return network.Outputs{}, err
	}
	ways := waysOf(args.Endpoints)
	all := func(id pulumi.StringOutput) []network.Subnet {
		return []network.Subnet{{Zone: network.AllZones, ID: id}}
	}
	return network.Outputs{
		ID:             id,
		PrivateSubnets: all(subnets.private.ID().ToStringOutput()),
		PublicSubnets:  all(subnets.public.ID().ToStringOutput()),
		// What Google runs for us lies in a network of its own: our part of it is a range, by its name.
		DataSubnets: all(producerRange),
		DataRanges:  []string{ranges.Producers.String()},
		Ways:        ways,
		// All are found under one domain, and so where those are that an endpoint stands for.
		Others:         ways[network.EndpointCompute],
		EndpointsReady: append(out, access...),
		DataReady:      []pulumi.Resource{connection},
		Details: map[string]pulumi.StringOutput{
			detailControlPlanes: pulumi.String(ranges.ControlPlanes.String()).ToStringOutput(),
		},
	}, nil
}

// networkArgs make a network that has no subnets and no routes but those we give it. What routes learn in one
// region stays there: an environment has one.
func (d *Driver) networkArgs(name string) *compute.NetworkArgs {
	return &compute.NetworkArgs{
		Name: pulumi.String(d.physical(KindNetwork, name)), Project: pulumi.String(d.s.Project),
		Description:                 pulumi.String("Network of environment " + d.s.Environment),
		AutoCreateSubnetworks:       pulumi.Bool(false),
		DeleteDefaultRoutesOnCreate: pulumi.Bool(true),
		RoutingMode:                 pulumi.String("REGIONAL"),
	}
}

// denyIngress refuses and logs what no other rule lets in. Every network refuses it anyway, but silently
// (https://cloud.google.com/firewall/docs/firewalls#default_firewall_rules).
func (d *Driver) denyIngress(
	ctx *pulumi.Context, name string, vpc pulumi.StringInput, parent pulumi.Resource,
) error {
	_, err := compute.NewFirewall(ctx, name+"-deny-ingress", &compute.FirewallArgs{
		Name: pulumi.String(d.physical(KindFirewall, name, "deny-ingress")), Project: pulumi.String(d.s.Project),
		Network: vpc, Description: pulumi.String("Refuses and logs what no other rule lets in"),
		Direction: pulumi.String("INGRESS"), SourceRanges: pulumi.ToStringArray([]string{anywhere}),
		Denies: compute.FirewallDenyArray{compute.FirewallDenyArgs{Protocol: pulumi.String("all")}},
		// The last but one, so that every rule that somebody gives a priority comes before it.
		Priority:  pulumi.Int(65534),
		LogConfig: &compute.FirewallLogConfigArgs{Metadata: pulumi.String("INCLUDE_ALL_METADATA")},
	}, d.under(parent))
	if err != nil {
		return fmt.Errorf("firewall rule: %w", err)
	}
	return nil
}

func (d *Driver) subnets(
	ctx *pulumi.Context, name string, vpc pulumi.StringInput, ranges cidr.Regional, parent pulumi.Resource,
) (tiers, error) {
	private, err := compute.NewSubnetwork(ctx, name+"-private", d.privateSubnetArgs(name, vpc, ranges), d.under(parent))
	if err != nil {
		return tiers{}, fmt.Errorf("private subnet: %w", err)
	}
	public, err := compute.NewSubnetwork(ctx, name+"-public", d.proxySubnetArgs(name, vpc, ranges), d.under(parent))
	if err != nil {
		return tiers{}, fmt.Errorf("subnet of proxies: %w", err)
	}
	return tiers{private, public}, nil
}

// privateSubnetArgs give machines a range and two more to the cluster on them. They reach Google's services without
// public addresses, and all their traffic is logged, accepted or not.
func (d *Driver) privateSubnetArgs(name string, vpc pulumi.StringInput, ranges cidr.Regional) *compute.SubnetworkArgs {
	return &compute.SubnetworkArgs{
		Name: pulumi.String(d.privateSubnet(name)), Project: pulumi.String(d.s.Project), Region: pulumi.String(d.s.Region),
		Network: vpc, IpCidrRange: pulumi.String(ranges.Nodes.String()),
		Description: pulumi.String("Machines and pods of environment " + d.s.Environment),
		SecondaryIpRanges: compute.SubnetworkSecondaryIpRangeArray{
			compute.SubnetworkSecondaryIpRangeArgs{RangeName: pulumi.String(podRange), IpCidrRange: pulumi.String(ranges.Pods.String())},
			compute.SubnetworkSecondaryIpRangeArgs{RangeName: pulumi.String(serviceRange), IpCidrRange: pulumi.String(ranges.Services.String())},
		},
		PrivateIpGoogleAccess: pulumi.Bool(true),
		StackType:             pulumi.String("IPV4_ONLY"),
		LogConfig: &compute.SubnetworkLogConfigArgs{
			AggregationInterval: pulumi.String("INTERVAL_1_MIN"), FlowSampling: pulumi.Float64(1),
			Metadata: pulumi.String("INCLUDE_ALL_METADATA"),
		},
	}
}

// proxySubnetArgs: load balancers of a region have no place in a network but for their proxies, which log
// themselves (https://cloud.google.com/load-balancing/docs/proxy-only-subnets).
func (d *Driver) proxySubnetArgs(name string, vpc pulumi.StringInput, ranges cidr.Regional) *compute.SubnetworkArgs {
	return &compute.SubnetworkArgs{
		Name: pulumi.String(d.physical(KindSubnet, name, "public")), Project: pulumi.String(d.s.Project),
		Region: pulumi.String(d.s.Region), Network: vpc, IpCidrRange: pulumi.String(ranges.Proxies.String()),
		Description: pulumi.String("Proxies of load balancers of environment " + d.s.Environment),
		Purpose:     pulumi.String("REGIONAL_MANAGED_PROXY"), Role: pulumi.String("ACTIVE"),
	}
}

func (d *Driver) privateSubnet(name string) string { return d.physical(KindSubnet, name, "private") }

func (d *Driver) natName(name string) string { return d.physical(KindNAT, name) }

// wayOut is nothing, or the route to the internet and address translation for it. Cloud NAT is a part of the
// region's network and no machine, so that no zone can take it away: one gateway for all zones and one for each
// are the same here (https://cloud.google.com/nat/docs/overview#architecture).
func (d *Driver) wayOut(
	ctx *pulumi.Context, name string, id pulumi.StringInput, private *compute.Subnetwork, args network.Args,
	parent pulumi.Resource,
) ([]pulumi.Resource, error) {
	if args.NAT == network.NATNone {
		return nil, nil
	}
	route, err := compute.NewRoute(ctx, name+"-internet-route", d.routeArgs(name, "internet", id, anywhere), d.under(parent))
	if err != nil {
		return nil, fmt.Errorf("route to the internet: %w", err)
	}
	router, err := compute.NewRouter(ctx, name+"-router", &compute.RouterArgs{
		Name: pulumi.String(d.physical(KindRouter, name)), Project: pulumi.String(d.s.Project), Region: pulumi.String(d.s.Region),
		Network: id, Description: pulumi.String("Address translation of environment " + d.s.Environment),
	}, d.under(parent))
	if err != nil {
		return nil, fmt.Errorf("router: %w", err)
	}
	nat, err := compute.NewRouterNat(ctx, name+"-nat", d.natArgs(name, router, private), d.under(parent))
	if err != nil {
		return nil, fmt.Errorf("address translation: %w", err)
	}
	return []pulumi.Resource{route, nat}, nil
}

func (d *Driver) routeArgs(name, role string, vpc pulumi.StringInput, to string) *compute.RouteArgs {
	return &compute.RouteArgs{
		Name: pulumi.String(d.physical(KindRoute, name, role)), Project: pulumi.String(d.s.Project), Network: vpc,
		DestRange: pulumi.String(to), NextHopGateway: pulumi.String(internet), Priority: pulumi.Int(1000),
	}
}

// natArgs translate machines and pods of the private subnet and nothing else. A machine gets more ports when it
// needs them, which excludes a mapping that is independent of the endpoint
// (https://cloud.google.com/nat/docs/ports-and-addresses#dynamic-port).
func (d *Driver) natArgs(name string, router *compute.Router, private *compute.Subnetwork) *compute.RouterNatArgs {
	return &compute.RouterNatArgs{
		Name: pulumi.String(d.natName(name)), Project: pulumi.String(d.s.Project), Region: pulumi.String(d.s.Region),
		Router: router.Name, NatIpAllocateOption: pulumi.String("AUTO_ONLY"),
		SourceSubnetworkIpRangesToNat: pulumi.String("LIST_OF_SUBNETWORKS"),
		Subnetworks: compute.RouterNatSubnetworkArray{compute.RouterNatSubnetworkArgs{
			Name: private.ID().ToStringOutput(), SourceIpRangesToNats: pulumi.ToStringArray([]string{"ALL_IP_RANGES"}),
		}},
		EnableDynamicPortAllocation:      pulumi.Bool(true),
		EnableEndpointIndependentMapping: pulumi.Bool(false),
		MinPortsPerVm:                    pulumi.Int(64), MaxPortsPerVm: pulumi.Int(4096),
		LogConfig: &compute.RouterNatLogConfigArgs{Enable: pulumi.Bool(true), Filter: pulumi.String("ERRORS_ONLY")},
	}
}

// connectProducers gives Google's own services a range of our addresses and joins their network to ours.
func (d *Driver) connectProducers(
	ctx *pulumi.Context, name string, vpc pulumi.StringInput, block netip.Prefix, args network.Args,
	parent pulumi.Resource,
) (pulumi.StringOutput, pulumi.Resource, error) {
	reserved, err := compute.NewGlobalAddress(ctx, name+"-data", d.producerRangeArgs(name, vpc, block, args), d.under(parent))
	if err != nil {
		return pulumi.StringOutput{}, nil, fmt.Errorf("range of Google's services: %w", err)
	}
	connection, err := servicenetworking.NewConnection(ctx, name+"-data-connection", &servicenetworking.ConnectionArgs{
		Network: vpc, Service: pulumi.String(producers), ReservedPeeringRanges: pulumi.StringArray{reserved.Name},
		// Cloud SQL keeps what a deleted server used for days, and until then nobody may delete the connection
		// (https://cloud.google.com/sql/docs/postgres/delete-instance): it is left to go with the network.
		DeletionPolicy: pulumi.String("ABANDON"),
		// What is left of it would refuse the range of a network that is built again.
		UpdateOnCreationFail: pulumi.Bool(true),
	}, d.under(parent))
	if err != nil {
		return pulumi.StringOutput{}, nil, fmt.Errorf("connection with Google's services: %w", err)
	}
	return reserved.Name, connection, nil
}

func (d *Driver) producerRangeArgs(
	name string, vpc pulumi.StringInput, block netip.Prefix, args network.Args,
) *compute.GlobalAddressArgs {
	return &compute.GlobalAddressArgs{
		Name: pulumi.String(d.physical(KindAddress, name, "data")), Project: pulumi.String(d.s.Project), Network: vpc,
		Description: pulumi.String("Databases of environment " + d.s.Environment),
		AddressType: pulumi.String("INTERNAL"), Purpose: pulumi.String("VPC_PEERING"),
		Address: pulumi.String(block.Addr().String()), PrefixLength: pulumi.Int(block.Bits()),
		Labels: labelMap(args.Tags),
	}
}

var _ network.Driver = (*Driver)(nil)
