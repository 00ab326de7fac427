package azure

import (
	"fmt"
	"net/netip"
	"slices"

	azurenetwork "github.com/pulumi/pulumi-azure-native-sdk/network/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/network"
	"platform/components/tags"
)

// endpointZones are the private DNS zones in which endpoints are found, and the detail under which other
// capabilities find the zone (https://learn.microsoft.com/azure/private-link/private-endpoint-dns).
var endpointZones = map[network.Endpoint]struct{ zone, detail string }{
	network.EndpointStorage:   {"privatelink.blob.core.windows.net", "zone-storage"},
	network.EndpointDocuments: {"privatelink.documents.azure.com", "zone-documents"},
	network.EndpointRegistry:  {"privatelink.azurecr.io", "zone-registry"},
	network.EndpointSecrets:   {"privatelink.vaultcore.azure.net", "zone-secrets"},
	network.EndpointQueues:    {"privatelink.servicebus.windows.net", "zone-queues"},
}

// endpointPorts are those of services that answer at more than TLS's
// (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-faq#what-ports-do-i-need-to-open-on-the-firewall).
var endpointPorts = map[network.Endpoint][]int{network.EndpointQueues: {network.TLSPort, brokerPort}}

// brokerPort is that of AMQP over TLS.
const brokerPort = 5671

// waysOf are where Azure's services answer: in the range of the endpoints that were asked for, or over the internet.
func waysOf(asked []network.Endpoint, endpoints netip.Prefix) map[network.Endpoint]network.Way {
	out := map[network.Endpoint]network.Way{}
	for _, each := range network.Endpoints {
		ports := endpointPorts[each]
		if ports == nil {
			ports = []int{network.TLSPort}
		}
		out[each] = network.OverInternet(ports...)
		if slices.Contains(asked, each) {
			out[each] = network.At(ports, endpoints.String())
		}
	}
	return out
}

// postgresZone is where servers in the data tier are found
// (https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private#use-a-private-dns-zone).
const (
	postgresZone       = "private.postgres.database.azure.com"
	postgresZoneDetail = "zone-postgres"
)

// everywhere is the location of what has none.
const everywhere = "Global"

// privateNames are the zones of a network's private names.
type privateNames struct {
	zones    map[string]pulumi.StringOutput // resource ids by detail
	links    []pulumi.Resource              // that make the network see the zones of endpoints
	postgres pulumi.Resource                // the link of the databases' zone
}

// privateNames registers the databases' zone and one for each endpoint that was asked for.
func (d *Driver) privateNames(
	ctx *pulumi.Context, name string, whole *azurenetwork.VirtualNetwork, args network.Args, parent pulumi.Resource,
) (privateNames, error) {
	out := privateNames{zones: map[string]pulumi.StringOutput{}}
	id, link, err := d.privateZone(ctx, name+"-zone-postgres", d.s.Environment+"."+postgresZone, whole, args.Tags, parent)
	if err != nil {
		return privateNames{}, err
	}
	out.zones[postgresZoneDetail], out.postgres = id, link
	for _, asked := range network.Endpoints {
		if !slices.Contains(args.Endpoints, asked) {
			continue
		}
		behind := endpointZones[asked]
		id, link, err := d.privateZone(ctx, name+"-"+behind.detail, behind.zone, whole, args.Tags, parent)
		if err != nil {
			return privateNames{}, err
		}
		out.zones[behind.detail], out.links = id, append(out.links, link)
	}
	return out, nil
}

// privateZone registers a zone and its link to the network, without which the network does not see it.
func (d *Driver) privateZone(
	ctx *pulumi.Context, name, zone string, whole *azurenetwork.VirtualNetwork, t tags.Set, parent pulumi.Resource,
) (pulumi.StringOutput, pulumi.Resource, error) {
	made, err := azurenetwork.NewPrivateZone(ctx, name, &azurenetwork.PrivateZoneArgs{
		ResourceGroupName: d.ground.group, PrivateZoneName: pulumi.String(zone), Location: pulumi.String(everywhere), Tags: tagMap(t),
	}, pulumi.Parent(parent))
	if err != nil {
		return pulumi.StringOutput{}, nil, fmt.Errorf("private DNS zone %s: %w", zone, err)
	}
	link, err := azurenetwork.NewVirtualNetworkLink(ctx, name+"-link", &azurenetwork.VirtualNetworkLinkArgs{
		ResourceGroupName: d.ground.group, PrivateZoneName: made.Name, VirtualNetworkLinkName: whole.Name,
		Location:            pulumi.String(everywhere),
		VirtualNetwork:      azurenetwork.SubResourceArgs{Id: whole.ID()},
		RegistrationEnabled: pulumi.Bool(false),
		Tags:                tagMap(t),
	}, pulumi.Parent(parent))
	if err != nil {
		return pulumi.StringOutput{}, nil, fmt.Errorf("link of private DNS zone %s: %w", zone, err)
	}
	return made.ID().ToStringOutput(), link, nil
}

// privateEndpoint lets a network reach one group of a resource by an address of its own, under the name that
// the resource has on the internet. What comes after needs the returned resource: names resolve only then.
func (d *Driver) privateEndpoint(
	ctx *pulumi.Context, name string, target pulumi.StringInput, group string, subnet, zone pulumi.StringInput,
	t tags.Set, parent pulumi.Resource,
) (pulumi.Resource, error) {
	endpoint, err := azurenetwork.NewPrivateEndpoint(ctx, name, d.privateEndpointArgs(name, target, group, subnet, t), pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("private endpoint %s: %w", name, err)
	}
	names, err := azurenetwork.NewPrivateDnsZoneGroup(ctx, name+"-names", &azurenetwork.PrivateDnsZoneGroupArgs{
		ResourceGroupName: d.ground.group, PrivateEndpointName: endpoint.Name, PrivateDnsZoneGroupName: pulumi.String("default"),
		PrivateDnsZoneConfigs: azurenetwork.PrivateDnsZoneConfigArray{azurenetwork.PrivateDnsZoneConfigArgs{
			Name: pulumi.String(group), PrivateDnsZoneId: zone.ToStringOutput(),
		}},
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("names of private endpoint %s: %w", name, err)
	}
	return names, nil
}

func (d *Driver) privateEndpointArgs(
	name string, target pulumi.StringInput, group string, subnet pulumi.StringInput, t tags.Set,
) *azurenetwork.PrivateEndpointArgs {
	physical := d.physical(KindEndpoint, name)
	return &azurenetwork.PrivateEndpointArgs{
		ResourceGroupName: d.ground.group, PrivateEndpointName: pulumi.String(physical), Location: pulumi.String(d.s.Region),
		CustomNetworkInterfaceName: pulumi.String(physical),
		// The SDK would say that policies are off, which they are not.
		Subnet: azurenetwork.SubnetTypeArgs{Id: subnet.ToStringOutput(), PrivateEndpointNetworkPolicies: pulumi.String(policiesOn)},
		PrivateLinkServiceConnections: azurenetwork.PrivateLinkServiceConnectionArray{azurenetwork.PrivateLinkServiceConnectionArgs{
			Name: pulumi.String(group), PrivateLinkServiceId: target.ToStringOutput(), GroupIds: pulumi.ToStringArray([]string{group}),
		}},
		Tags: tagMap(t),
	}
}
