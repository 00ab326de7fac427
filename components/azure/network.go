package azure

import (
	"fmt"
	"net/netip"
	"slices"

	azurenetwork "github.com/pulumi/pulumi-azure-native-sdk/network/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cidr"
	"platform/components/network"
)

// The tiers of a network.
const (
	tierPublic    = "public"
	tierPrivate   = "private"
	tierData      = "data"
	tierEndpoints = "endpoints"
)

// tierOrder is the order in which subnets are made, each after the one before: Azure refuses to change a subnet
// while another of the same network is being changed (https://github.com/pulumi/pulumi-azure-native/issues/903).
var tierOrder = []string{tierPublic, tierPrivate, tierData, tierEndpoints}

// ranges gives each tier its range. A subnet spans all zones, so the private one takes what two zones have
// elsewhere; the third zone's share stays free.
func ranges(whole netip.Prefix, zones int) (map[string]netip.Prefix, error) {
	public, private, data, err := cidr.Split(whole, zones)
	if err != nil {
		return nil, err
	}
	return map[string]netip.Prefix{
		tierPublic: public[0], tierData: data[0], tierEndpoints: public[1],
		tierPrivate: netip.PrefixFrom(private[0].Addr(), private[0].Bits()-1),
	}, nil
}

// CreateNetwork builds a virtual network with three tiers of subnets, its way out, the zones of private names,
// a place for endpoints, and flow logs.
func (d *Driver) CreateNetwork(
	ctx *pulumi.Context, name string, args network.Args, parent pulumi.Resource,
) (network.Outputs, error) {
	blocks, err := ranges(args.CIDR, len(args.Zones))
	if err != nil {
		return network.Outputs{}, err
	}
	if len(args.Endpoints) == 0 {
		delete(blocks, tierEndpoints)
	}
	whole, err := azurenetwork.NewVirtualNetwork(ctx, name, d.virtualNetworkArgs(name, args), pulumi.Parent(parent))
	if err != nil {
		return network.Outputs{}, fmt.Errorf("virtual network: %w", err)
	}
	nat, egress, err := d.natGateway(ctx, name, args, parent)
	if err != nil {
		return network.Outputs{}, err
	}
	subnets, last, err := d.subnets(ctx, name, whole, blocks, nat, args, parent)
	if err != nil {
		return network.Outputs{}, err
	}
	names, err := d.privateNames(ctx, name, whole, args, parent)
	if err != nil {
		return network.Outputs{}, err
	}
	names.zones[detailIngressAddress] = pulumi.String(ingressAddress(blocks[tierPrivate]).String()).ToStringOutput()
	if endpoints, asked := subnets[tierEndpoints]; asked {
		names.zones["endpoints-subnet"] = endpoints
	}
	if nat != nil {
		names.zones[egressDetail] = egress
	}
	if err := d.flowLogs(ctx, name, whole, names.zones, args, parent); err != nil {
		return network.Outputs{}, err
	}
	return network.Outputs{
		ID:             whole.ID().ToStringOutput(),
		PublicSubnets:  []network.Subnet{{Zone: network.AllZones, ID: subnets[tierPublic]}},
		PrivateSubnets: []network.Subnet{{Zone: network.AllZones, ID: subnets[tierPrivate]}},
		DataSubnets:    []network.Subnet{{Zone: network.AllZones, ID: subnets[tierData]}},
		EndpointsReady: append([]pulumi.Resource{last}, names.links...),
		DataReady:      []pulumi.Resource{names.postgres},
		PublicRanges:   []string{blocks[tierPublic].String()},
		PrivateRanges:  []string{blocks[tierPrivate].String()},
		DataRanges:     []string{blocks[tierData].String()}, Ways: waysOf(args.Endpoints, blocks[tierEndpoints]),
		Others:  network.OverInternet(network.TLSPort),
		Details: names.zones,
	}, nil
}

// virtualNetworkArgs: the subnets are resources of their own, since mixing both forms lets Azure delete them.
func (d *Driver) virtualNetworkArgs(name string, args network.Args) *azurenetwork.VirtualNetworkArgs {
	return &azurenetwork.VirtualNetworkArgs{
		ResourceGroupName: d.ground.group, VirtualNetworkName: pulumi.String(d.physical(KindNetwork, name)), Location: pulumi.String(d.s.Region),
		AddressSpace: azurenetwork.AddressSpaceArgs{AddressPrefixes: pulumi.ToStringArray([]string{args.CIDR.String()})},
		Tags:         tagMap(args.Tags),
	}
}

// egressDetail is the address from which the private tier's machines are seen to come, where they have a way out.
const egressDetail = "egress-address"

// natGateway is the one way out of the private tier, with its address, or nil where there is none.
//
// It lies in one zone that Azure picks: a gateway cannot span zones, and a subnet, which spans them, takes only
// one (https://learn.microsoft.com/azure/nat-gateway/nat-availability-zones). Its address survives a zone.
func (d *Driver) natGateway(
	ctx *pulumi.Context, name string, args network.Args, parent pulumi.Resource,
) (gateway *azurenetwork.NatGateway, egress pulumi.StringOutput, err error) {
	if args.NAT == network.NATNone {
		return nil, egress, nil
	}
	address, err := azurenetwork.NewPublicIPAddress(ctx, name+"-nat-address", d.addressArgs(name, args), pulumi.Parent(parent))
	if err != nil {
		return nil, egress, fmt.Errorf("address of the NAT gateway: %w", err)
	}
	gateway, err = azurenetwork.NewNatGateway(ctx, name+"-nat", &azurenetwork.NatGatewayArgs{
		ResourceGroupName: d.ground.group, NatGatewayName: pulumi.String(d.physical(KindNAT, name)), Location: pulumi.String(d.s.Region),
		Sku:                  azurenetwork.NatGatewaySkuArgs{Name: pulumi.String("Standard")},
		PublicIpAddresses:    azurenetwork.SubResourceArray{azurenetwork.SubResourceArgs{Id: address.ID()}},
		IdleTimeoutInMinutes: pulumi.Int(natIdleMinutes),
		Tags:                 tagMap(args.Tags),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, egress, fmt.Errorf("NAT gateway: %w", err)
	}
	return gateway, address.IpAddress.Elem(), nil
}

// natIdleMinutes is the shortest that a NAT gateway offers: idle connections hold its ports
// (https://learn.microsoft.com/azure/nat-gateway/nat-gateway-resource#idle-timeout-timers).
const natIdleMinutes = 4

func (d *Driver) addressArgs(name string, args network.Args) *azurenetwork.PublicIPAddressArgs {
	return &azurenetwork.PublicIPAddressArgs{
		ResourceGroupName: d.ground.group, PublicIpAddressName: pulumi.String(d.physical(KindPublicAddress, name, "nat")),
		Location:                 pulumi.String(d.s.Region),
		Sku:                      azurenetwork.PublicIPAddressSkuArgs{Name: pulumi.String("Standard"), Tier: pulumi.String("Regional")},
		PublicIPAllocationMethod: pulumi.String("Static"), PublicIPAddressVersion: pulumi.String("IPv4"),
		Zones: pulumi.ToStringArray(args.Zones),
		Tags:  tagMap(args.Tags),
	}
}

// subnets are those of the tiers that have a range, each behind a security group of its own. The last one is
// what to wait for.
func (d *Driver) subnets(
	ctx *pulumi.Context, name string, whole *azurenetwork.VirtualNetwork, blocks map[string]netip.Prefix,
	nat *azurenetwork.NatGateway, args network.Args, parent pulumi.Resource,
) (map[string]pulumi.StringOutput, pulumi.Resource, error) {
	out := map[string]pulumi.StringOutput{}
	var last pulumi.Resource
	for _, tier := range tierOrder {
		if _, wanted := blocks[tier]; !wanted {
			continue
		}
		logical := name + "-" + tier
		group, err := azurenetwork.NewNetworkSecurityGroup(ctx, logical+"-security", d.securityGroupArgs(name, tier, blocks, args), pulumi.Parent(parent))
		if err != nil {
			return nil, nil, fmt.Errorf("security group of the %s tier: %w", tier, err)
		}
		spec := d.subnetArgs(name, tier, blocks[tier], whole.Name, group.ID(), slices.Contains(args.Endpoints, network.EndpointStorage))
		if nat != nil && tier == tierPrivate {
			spec.NatGateway = azurenetwork.SubResourceArgs{Id: nat.ID()}
		}
		opts := []pulumi.ResourceOption{pulumi.Parent(parent)}
		if last != nil {
			opts = append(opts, pulumi.DependsOn([]pulumi.Resource{last}))
		}
		subnet, err := azurenetwork.NewSubnet(ctx, logical, spec, opts...)
		if err != nil {
			return nil, nil, fmt.Errorf("subnet of the %s tier: %w", tier, err)
		}
		out[tier], last = subnet.ID().ToStringOutput(), subnet
	}
	return out, last, nil
}

// postgresService is to whom the data tier is handed over: its servers get their addresses there
// (https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private).
const postgresService = "Microsoft.DBforPostgreSQL/flexibleServers"

// policiesOn lets security groups hold for private endpoints too
// (https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy).
const policiesOn = "Enabled"

func (d *Driver) subnetArgs(
	name, tier string, block netip.Prefix, whole pulumi.StringInput, group pulumi.IDOutput, storageEndpoint bool,
) *azurenetwork.SubnetArgs {
	args := &azurenetwork.SubnetArgs{
		ResourceGroupName: d.ground.group, VirtualNetworkName: whole, SubnetName: pulumi.String(d.physical(KindSubnet, name, tier)),
		AddressPrefix:                  pulumi.String(block.String()),
		NetworkSecurityGroup:           azurenetwork.NetworkSecurityGroupTypeArgs{Id: group.ToStringOutput()},
		PrivateEndpointNetworkPolicies: pulumi.String(policiesOn),
	}
	// Where storage has no endpoint of its own, what the machines' pods keep there lets in this subnet alone
	// (https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoints-overview).
	if tier == tierPrivate && !storageEndpoint {
		args.ServiceEndpoints = toStorageService()
	}
	if tier == tierData {
		args.Delegations = azurenetwork.DelegationArray{azurenetwork.DelegationArgs{
			Name: pulumi.String("postgres"), ServiceName: pulumi.String(postgresService),
		}}
		// The servers write their logs and backups to storage, and would add this themselves
		// (https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private#virtual-network-concepts).
		args.ServiceEndpoints = toStorageService()
	}
	return args
}

func toStorageService() azurenetwork.ServiceEndpointPropertiesFormatArray {
	return azurenetwork.ServiceEndpointPropertiesFormatArray{
		azurenetwork.ServiceEndpointPropertiesFormatArgs{Service: pulumi.String("Microsoft.Storage")},
	}
}

func (d *Driver) securityGroupArgs(
	name, tier string, blocks map[string]netip.Prefix, args network.Args,
) *azurenetwork.NetworkSecurityGroupArgs {
	return &azurenetwork.NetworkSecurityGroupArgs{
		ResourceGroupName: d.ground.group, NetworkSecurityGroupName: pulumi.String(d.physical(KindSecurityGroup, name, tier)),
		Location: pulumi.String(d.s.Region), SecurityRules: securityRules(tierRules(tier, blocks, args)),
		Tags: tagMap(args.Tags),
	}
}

var _ network.Driver = (*Driver)(nil)
