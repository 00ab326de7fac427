package aws

import (
	"fmt"
	"net/netip"
	"strings"

	"platform/tests/cloud"
)

const (
	vpcType      = "aws:ec2/vpc:Vpc"
	subnetType   = "aws:ec2/subnet:Subnet"
	gatewayType  = "aws:ec2/internetGateway:InternetGateway"
	natType      = "aws:ec2/natGateway:NatGateway"
	endpointType = "aws:ec2/vpcEndpoint:VpcEndpoint"

	interfaceType = "ec2:network-interface"
	groupType     = "ec2:security-group"
)

var ec2Hooks = map[string]cloud.Hook{
	vpcType:           {Created: vpcCreated, Deleted: takesOwned},
	subnetType:        {Created: subnetCreated},
	gatewayType:       {Created: gatewayCreated, Deleted: gatewayDeleted},
	"aws:ec2/eip:Eip": {Created: addressCreated},
	natType:           {Created: natCreated, Deleted: takesOwned},
	endpointType:      {Created: endpointCreated, Updated: endpointUpdated, Deleted: takesOwned},
}

// takesOwned removes what the cloud made for an object together with it.
func takesOwned(t *cloud.Tx, o *cloud.Object) error {
	for _, owned := range t.Owned(o.Key()) {
		t.Remove(owned.Key())
	}
	return nil
}

// A VPC comes with a security group, a route table and an access list of its own, which go with it
// (https://docs.aws.amazon.com/vpc/latest/userguide/create-vpc.html).
func vpcCreated(t *cloud.Tx, o *cloud.Object) error {
	block, err := netip.ParsePrefix(o.Str("cidrBlock"))
	if err != nil || block.Bits() < 16 || block.Bits() > 28 {
		return cloud.Refuse("InvalidVpc.Range", "the CIDR %q is invalid: /16 to /28 is allowed", o.Str("cidrBlock"))
	}
	for typ, property := range map[string]string{
		groupType: "defaultSecurityGroupId", "ec2:route-table": "mainRouteTableId", "ec2:network-acl": "defaultNetworkAclId",
	} {
		t.Mint(cloud.Object{
			Type: typ, ID: o.Str(property), Hidden: true, Owner: o.Key(), Props: map[string]any{"vpcId": o.ID, "default": true},
		})
	}
	return nil
}

// subnetCreated: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
func subnetCreated(t *cloud.Tx, o *cloud.Object) error {
	if zone := o.Str("availabilityZone"); zone != "" && !strings.HasPrefix(zone, o.Region) {
		return cloud.Refuse("InvalidParameterValue", "zone %q is not in region %s", zone, o.Region)
	}
	text := o.Str("cidrBlock")
	block, err := netip.ParsePrefix(text)
	if err != nil || block.Bits() < 16 || block.Bits() > 28 {
		return cloud.Refuse("InvalidSubnet.Range", "the CIDR %q is invalid: /16 to /28 is allowed", text)
	}
	vpc := t.Get(vpcType, o.Str("vpcId"))
	if whole, err := netip.ParsePrefix(vpc.Str("cidrBlock")); err != nil || !whole.Contains(block.Addr()) || block.Bits() < whole.Bits() {
		return cloud.Refuse("InvalidSubnet.Range", "the CIDR %q is not inside the VPC's %s", text, vpc.Str("cidrBlock"))
	}
	for _, other := range t.Find(subnetType, func(s *cloud.Object) bool { return s.ID != o.ID && s.Str("vpcId") == vpc.ID }) {
		if taken, err := netip.ParsePrefix(other.Str("cidrBlock")); err == nil && taken.Overlaps(block) {
			return cloud.Refuse("InvalidSubnet.Conflict", "the CIDR %q conflicts with %s of %s", text, taken, other)
		}
	}
	return nil
}

func gatewayCreated(t *cloud.Tx, o *cloud.Object) error {
	others := t.Find(gatewayType, func(g *cloud.Object) bool { return g.ID != o.ID && g.Str("vpcId") == o.Str("vpcId") })
	if len(others) > 0 && o.Str("vpcId") != "" {
		return cloud.Refuse("Resource.AlreadyAssociated", "%s has %s already", o.Str("vpcId"), others[0])
	}
	return nil
}

// gatewayDeleted: the detachment is refused while public addresses are in use
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html).
func gatewayDeleted(t *cloud.Tx, o *cloud.Object) error {
	mapped := t.Find(interfaceType, func(i *cloud.Object) bool {
		return i.Bool("public") && i.Str("vpcId") == o.Str("vpcId")
	})
	if len(mapped) > 0 {
		return cloud.Refuse("DependencyViolation", "network %s has some mapped public address(es): %s of %s; unmap them before detaching the gateway",
			o.Str("vpcId"), mapped[0], mapped[0].Owner)
	}
	return nil
}

// addressCreated takes an address from the ranges reserved for documentation and tests
// (https://www.rfc-editor.org/rfc/rfc2544, 198.18.0.0/15).
func addressCreated(t *cloud.Tx, o *cloud.Object) error {
	var a, b, c byte
	if _, err := fmt.Sscanf(t.Random(6), "%02x%02x%02x", &a, &b, &c); err != nil {
		return err
	}
	address := fmt.Sprintf("198.%d.%d.%d", 18+a%2, b, c)
	o.Outputs["publicIp"] = address
	o.Random = append(o.Random, address)
	return nil
}

func natCreated(t *cloud.Tx, o *cloud.Object) error {
	if o.Str("connectivityType") == "public" && o.Str("allocationId") == "" {
		return cloud.Refuse("MissingParameter", "a public NAT gateway needs an allocationId")
	}
	vpc := t.Get(subnetType, o.Str("subnetId")).Str("vpcId")
	gateways := t.Find(gatewayType, func(g *cloud.Object) bool { return g.Str("vpcId") == vpc })
	if len(gateways) == 0 && o.Str("connectivityType") == "public" {
		return cloud.Refuse("Gateway.NotAttached", "network %s has no Internet gateway attached", vpc)
	}
	mintInterface(t, o, o.Str("networkInterfaceId"), o.Str("subnetId"), nil, "nat_gateway", true)
	return nil
}

// mintInterface makes a managed service's network interface, which keeps its subnet and security
// groups from being deleted. AWS does not pass the owner's tags on to it.
func mintInterface(t *cloud.Tx, owner *cloud.Object, id, subnet string, groups []string, kind string, public bool) *cloud.Object {
	holds := []cloud.Key{{Type: subnetType, ID: subnet}}
	for _, g := range groups {
		typ := "aws:ec2/securityGroup:SecurityGroup"
		if t.Get(typ, g) == nil {
			typ = groupType
		}
		holds = append(holds, cloud.Key{Type: typ, ID: g})
	}
	if id == "" {
		id = t.ID("eni")
	}
	return t.Mint(cloud.Object{
		Type: interfaceType, ID: id, Hidden: true, Owner: owner.Key(), Holds: holds,
		Props: map[string]any{
			"subnetId": subnet, "vpcId": t.Get(subnetType, subnet).Str("vpcId"), "interfaceType": kind, "public": public,
			"requesterManaged": true,
		},
	})
}

// routed are the services that have gateway endpoints, with some of the public addresses that lead to them
// (https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html,
// https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html).
var routed = map[string][]any{
	"dynamodb": {"52.94.17.0/24", "52.119.188.0/22"},
	"s3":       {"3.5.134.0/23", "52.219.44.0/22", "52.219.72.0/22"},
}

// endpointCreated: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
func endpointCreated(t *cloud.Tx, o *cloud.Object) error {
	if !strings.HasPrefix(o.Str("serviceName"), "com.amazonaws."+o.Region+".") {
		return cloud.Refuse("InvalidServiceName", "the Vpc Endpoint Service %q does not exist in %s", o.Str("serviceName"), o.Region)
	}
	if o.Str("vpcEndpointType") != "Interface" {
		if o.Bool("privateDnsEnabled") || len(o.List("subnetIds")) > 0 || len(o.List("securityGroupIds")) > 0 {
			return cloud.Refuse("InvalidParameter", "subnets, security groups and private DNS are for interface endpoints")
		}
		ranges := routed[o.Str("serviceName")[strings.LastIndex(o.Str("serviceName"), ".")+1:]]
		if ranges == nil {
			return cloud.Refuse("InvalidParameter", "no gateway endpoint for %q", o.Str("serviceName"))
		}
		o.Outputs["cidrBlocks"] = ranges
		return nil
	}
	zones := map[string]string{}
	for _, id := range o.List("subnetIds") {
		zone := t.Get(subnetType, id).Str("availabilityZone")
		if other, taken := zones[zone]; taken {
			return cloud.Refuse("DuplicateSubnetsInSameZone", "%s and %s are both in %s", other, id, zone)
		}
		zones[zone] = id
		mintInterface(t, o, "", id, o.List("securityGroupIds"), "vpc_endpoint", false)
	}
	if o.Bool("privateDnsEnabled") {
		vpc := t.Get(vpcType, o.Str("vpcId"))
		if !vpc.Bool("enableDnsHostnames") || !vpc.Bool("enableDnsSupport") {
			return cloud.Refuse("InvalidParameter", "private DNS needs enableDnsSupport and enableDnsHostnames of %s", vpc.ID)
		}
		for _, other := range t.Find(endpointType, nil) {
			if other.ID != o.ID && other.Str("vpcId") == vpc.ID && other.Str("serviceName") == o.Str("serviceName") && other.Bool("privateDnsEnabled") {
				return cloud.Refuse("InvalidParameter", "private-dns-enabled cannot be set: %s has a conflicting DNS domain", other)
			}
		}
	}
	return nil
}

func endpointUpdated(t *cloud.Tx, _, o *cloud.Object) error {
	if err := takesOwned(t, o); err != nil {
		return err
	}
	return endpointCreated(t, o)
}
