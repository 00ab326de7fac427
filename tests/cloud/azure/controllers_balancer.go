package azure

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"net/netip"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	balancerType      = "network:load-balancer"
	frontendType      = "network:frontend"
	balancingRuleType = "network:balancing-rule"
	securityRuleType  = "network:security-rule"
	madeAddressType   = "network:public-address"
)

// balancer is a frontend that is about to be made.
type balancer struct {
	t        *cloud.Tx
	c        controller.Cluster
	e        controller.Exposed
	internal bool
}

// mint makes what exposes a Service: a cluster has one load balancer for all that are internal, and one for all
// that are not. Each Service has a frontend, a rule for each port and, where the internet or named ranges reach
// it, a rule of the nodes' security group
// (https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/).
func (b *balancer) mint() (controller.Exposure, error) {
	name := "a" + strings.ReplaceAll(b.e.UID, "-", "")
	var address string
	var holds []cloud.Key
	var err error
	if b.internal {
		address, holds, err = b.inSubnet()
	} else {
		address, holds, err = b.onInternet(name)
	}
	if err != nil {
		return controller.Exposure{}, err
	}
	lb := b.balancer()
	props := func(more map[string]any) map[string]any {
		more["for"], more["internal"] = b.e.Kind+" "+b.e.Namespace+"/"+b.e.Name, b.internal
		return more
	}
	b.made(frontendType, lb.ID+"/frontendIPConfigurations/"+name, append(holds, lb.Key()), props(map[string]any{"ipAddress": address}))
	for _, port := range b.e.Ports {
		b.made(balancingRuleType, fmt.Sprintf("%s/loadBalancingRules/%s-%s-%s", lb.ID, name, port.Protocol, port.Port), []cloud.Key{lb.Key()},
			props(map[string]any{"port": port.Port, "nodePort": float64(port.NodePort)}))
		b.allow(name, address, port)
	}
	return controller.Exposure{Finalizer: cleanupFinalizer, IP: address}, nil
}

// made mints what belongs to the Service, in the resource group of the nodes.
func (b *balancer) made(typ, id string, holds []cloud.Key, props map[string]any) *cloud.Object {
	props["group"] = nodeGroup(b.c.Object)
	return b.t.Mint(cloud.Object{Type: typ, ID: id, Hidden: true, Owner: b.e.Key, Account: b.c.Account, Holds: holds, Props: props})
}

// balancer is the load balancer of the frontend's kind, made with its first one and tagged as the cluster is
// (https://learn.microsoft.com/azure/aks/use-tags).
func (b *balancer) balancer() *cloud.Object {
	name := "kubernetes"
	if b.internal {
		name += "-internal"
	}
	id := nodeGroup(b.c.Object) + "/providers/Microsoft.Network/loadBalancers/" + name
	if there := b.t.Get(balancerType, id); there != nil {
		return there
	}
	return b.t.Mint(cloud.Object{
		Type: balancerType, ID: id, Hidden: true, Owner: b.c.Key(), Account: b.c.Account, Tags: clone(b.c.Tags),
		Props: map[string]any{"group": nodeGroup(b.c.Object), "name": name, "internal": b.internal},
	})
}

// inSubnet takes an address of the nodes' subnet, or of another one of their network that is named. The subnet
// cannot go while the frontend is in it.
func (b *balancer) inSubnet() (string, []cloud.Key, error) {
	id := firstSubnet(b.c.Object)
	if name := b.e.Annotations[serviceAnnotation+"load-balancer-internal-subnet"]; name != "" {
		id = id[:strings.LastIndex(id, "/")+1] + name
	}
	subnet := b.t.Get(subnetType, id)
	if subnet == nil {
		return "", nil, controller.Pending(fmt.Sprintf("ensure(%s/%s): lb - subnet %s not found", b.e.Namespace, b.e.Name, id))
	}
	if err := joins(b.t, b.c, subnet.ID); err != nil {
		return "", nil, err
	}
	prefixes := append(subnet.List("addressPrefixes"), subnet.Str("addressPrefix"))
	block, err := netip.ParsePrefix(prefixes[0])
	if err != nil {
		return "", nil, fmt.Errorf("%s: range %q: %w", subnet, prefixes[0], err)
	}
	taken := map[string]bool{}
	for _, f := range b.t.Find(frontendType, func(f *cloud.Object) bool { return f.Bool("internal") }) {
		taken[f.Str("ipAddress")] = true
	}
	size := uint32(1) << (32 - block.Bits())
	if asked := b.e.Annotations[addressAnnotation]; asked != "" {
		return b.asked(asked, block, taken, subnet)
	}
	for n := range size {
		// Any free one; the same when the Service is built again.
		at := (b.hash() + n) % size
		if text := offset(block.Addr(), at).String(); at > reservedFirst && at < size-1 && !taken[text] {
			return text, []cloud.Key{subnet.Key()}, nil
		}
	}
	return "", nil, controller.Pending("SubnetIsFull: no address of " + subnet.ID + " is free")
}

// addressAnnotation is by which a Service asks for one address (https://learn.microsoft.com/azure/aks/internal-lb#specify-an-ip-address).
const addressAnnotation = serviceAnnotation + "load-balancer-ipv4"

// asked is the address that a Service asks for: one of the subnet, that Azure does not keep and no other frontend has.
func (b *balancer) asked(text string, block netip.Prefix, taken map[string]bool, subnet *cloud.Object) (string, []cloud.Key, error) {
	address, err := netip.ParseAddr(text)
	if err != nil || !address.Is4() || !block.Contains(address) {
		return "", nil, controller.Pending(fmt.Sprintf("PrivateIPAddressNotInSubnet: %q is no address of %s", text, subnet.ID))
	}
	for n := range uint32(reservedFirst + 1) {
		if address == offset(block.Masked().Addr(), n) {
			return "", nil, controller.Pending("PrivateIPAddressInReservedRange: " + text)
		}
	}
	if address == offset(block.Masked().Addr(), uint32(1)<<(32-block.Bits())-1) {
		return "", nil, controller.Pending("PrivateIPAddressInReservedRange: " + text)
	}
	if taken[text] {
		return "", nil, controller.Pending("PrivateIPAddressIsAllocated: " + text)
	}
	return text, []cloud.Key{subnet.Key()}, nil
}

// reservedFirst are the first addresses of a subnet that Azure keeps for itself, with the network's own
// (https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq).
const reservedFirst = 3

func (b *balancer) hash() uint32 {
	h := fnv.New32a()
	fmt.Fprint(h, b.c.ID, " ", b.e.Namespace, "/", b.e.Name)
	return h.Sum32()
}

func offset(a netip.Addr, n uint32) netip.Addr {
	raw := a.As4()
	sum := uint32(raw[0])<<24 | uint32(raw[1])<<16 | uint32(raw[2])<<8 | uint32(raw[3])
	sum += n
	return netip.AddrFrom4([4]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
}

// onInternet takes the address that is named, which somebody made, or makes one: in the resource group of the
// nodes or in another that is named, where it stays when the cluster goes
// (https://learn.microsoft.com/azure/aks/static-ip).
func (b *balancer) onInternet(name string) (string, []cloud.Key, error) {
	if asked := b.e.Annotations[addressAnnotation]; asked != "" {
		return "", nil, cloud.Refuse("UnknownAnnotation", "%s %s/%s asks for the public address %s: what is made then is not known: add it to tests/cloud/azure/controllers_balancer.go",
			b.e.Kind, b.e.Namespace, b.e.Name, asked)
	}
	group := nodeGroup(b.c.Object)
	var holds []cloud.Key
	if named := b.e.Annotations[serviceAnnotation+"load-balancer-resource-group"]; named != "" {
		elsewhere := b.t.Lookup([]string{groupType}, []string{"resourceGroupName"}, named)
		if elsewhere == nil {
			return "", nil, controller.Pending("ResourceGroupNotFound: " + named)
		}
		if err := joins(b.t, b.c, elsewhere.ID); err != nil {
			return "", nil, err
		}
		group, holds = elsewhere.ID, []cloud.Key{elsewhere.Key()}
	}
	if named := b.e.Annotations[serviceAnnotation+"pip-name"]; named != "" {
		there := b.t.Get(addressType, group+"/providers/Microsoft.Network/publicIPAddresses/"+named)
		if there == nil {
			return "", nil, controller.Pending("PublicIPAddress " + named + " is not found")
		}
		return there.Str("ipAddress"), []cloud.Key{there.Key()}, nil
	}
	address := offset(netip.AddrFrom4([4]byte{20, 0, 0, 0}), b.hash()%(1<<24)).String()
	made := b.made(madeAddressType, group+"/providers/Microsoft.Network/publicIPAddresses/kubernetes-"+name, holds, map[string]any{
		"ipAddress": address, "for": b.e.Kind + " " + b.e.Namespace + "/" + b.e.Name,
	})
	made.Props["group"] = group
	// https://github.com/kubernetes-sigs/cloud-provider-azure/blob/master/pkg/consts/consts.go
	made.Tags = with(with(b.c.Tags, pairs(b.e.Annotations[serviceAnnotation+"pip-tags"])), map[string]string{
		"k8s-azure-service": b.e.Namespace + "/" + b.e.Name, "k8s-azure-cluster-name": "kubernetes",
	})
	return address, []cloud.Key{made.Key()}, nil
}

// allow lets callers through the nodes' security group; within the network they come through without.
func (b *balancer) allow(name, address string, port controller.Port) {
	sources := b.e.SourceRanges
	for _, annotation := range []string{"allowed-service-tags", "allowed-ip-ranges"} {
		if text := b.e.Annotations[serviceAnnotation+annotation]; text != "" {
			sources = append(sources, strings.Split(text, ",")...)
		}
	}
	if len(sources) == 0 && b.internal {
		return
	}
	source := cmp.Or(strings.Join(sources, ","), "Internet")
	group := nodeGroup(b.c.Object) + "/providers/Microsoft.Network/networkSecurityGroups/aks-agentpool-" + b.c.Str("nodeSuffix") + "-nsg"
	b.made(securityRuleType, fmt.Sprintf("%s/securityRules/%s-%s-%s", group, name, port.Protocol, port.Port), nil, map[string]any{
		"source": source, "destination": address, "port": port.Port,
	})
}
