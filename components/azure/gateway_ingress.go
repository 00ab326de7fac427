package azure

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/pulumi/pulumi-azure-native-sdk/network/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
)

// ingressBackend is the id of the one way into the cluster.
const ingressBackend = "ingress"

// detailIngressAddress is under which the network tells the address that it keeps free for the ingress.
const detailIngressAddress = "ingress-address"

// ingressAddress is the last address of the private subnet but the one that Azure keeps
// (https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq#are-there-any-restrictions-on-using-ip-addresses-within-these-subnets).
// Nodes take theirs from the other end, and never come so far.
func ingressAddress(private netip.Prefix) netip.Addr {
	from := private.Masked().Addr().As4()
	var last [4]byte
	binary.BigEndian.PutUint32(last[:], binary.BigEndian.Uint32(from[:])+1<<(32-private.Bits())-2)
	return netip.AddrFrom4(last)
}

// entrance is an internal load balancer at the address that is kept free for it
// (https://learn.microsoft.com/azure/aks/internal-lb#specify-an-ip-address). The doors stand in the public subnet, whose
// addresses reach the pods as they are, since only nodes with a pod take them.
func (p doorsPlan) entrance() *gateway.Entrance {
	const annotation = "service.beta.kubernetes.io/azure-load-balancer-"
	return &gateway.Entrance{
		Annotations: pulumi.StringMap{annotation + "internal": pulumi.String("true"), annotation + "ipv4": p.ingress},
		Sources:     p.sources,
	}
}

// ingress registers the way into the cluster that all doors share: a name that only the network knows, for an
// address of the private subnet that is kept free for the cluster's ingress.
//
// That address is a promise to the ingress, which comes later and is told of it (entrance). AKS alone may put load balancers
// before its nodes (https://learn.microsoft.com/azure/aks/internal-lb), so unlike on AWS none can be made here.
func (d *Driver) ingress(
	ctx *pulumi.Context, name string, args gateway.Args, address pulumi.StringOutput, service *resource, parent pulumi.Resource,
) (pulumi.Resource, error) {
	host := args.Host(gateway.Origin)
	zone, err := network.NewPrivateZone(ctx, name+"-origin", &network.PrivateZoneArgs{
		ResourceGroupName: d.ground.group, PrivateZoneName: pulumi.String(host), Location: pulumi.String(everywhere), Tags: tagMap(args.Tags),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("zone of %s: %w", host, err)
	}
	link, err := network.NewVirtualNetworkLink(ctx, name+"-origin-link", &network.VirtualNetworkLinkArgs{
		ResourceGroupName: d.ground.group, PrivateZoneName: zone.Name, VirtualNetworkLinkName: pulumi.String("network"),
		Location: pulumi.String(everywhere), RegistrationEnabled: pulumi.Bool(false),
		VirtualNetwork: network.SubResourceArgs{Id: args.Network.ID}, Tags: tagMap(args.Tags),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("link of %s to the network: %w", host, err)
	}
	record, err := network.NewPrivateRecordSet(ctx, name+"-origin-record", &network.PrivateRecordSetArgs{
		ResourceGroupName: d.ground.group, PrivateZoneName: zone.Name, RecordType: pulumi.String("A"), RelativeRecordSetName: pulumi.String("@"),
		Ttl: pulumi.Float64(recordSeconds), ARecords: network.ARecordArray{network.ARecordArgs{Ipv4Address: address}},
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("record of %s: %w", host, err)
	}
	return native(ctx, backendType, name+"-backend", d.inService(service, pulumi.Map{
		"backendId": pulumi.String(ingressBackend), "protocol": pulumi.String("http"), "url": pulumi.String("https://" + host),
		"title": pulumi.String("Ingress of the cluster"),
		// The way is private and encrypted; the ingress may show any certificate, as behind AWS's load balancer.
		"tls": pulumi.Map{"validateCertificateChain": pulumi.Bool(false), "validateCertificateName": pulumi.Bool(false)},
	}), parent, pulumi.DependsOn([]pulumi.Resource{link, record}))
}
