package azure_test

import (
	"strings"
	"testing"

	"platform/tests/cloud"
)

const (
	groupType    = "azure-native:resources:ResourceGroup"
	networkType  = "azure-native:network:VirtualNetwork"
	subnetType   = "azure-native:network:Subnet"
	rulesType    = "azure-native:network:NetworkSecurityGroup"
	natType      = "azure-native:network:NatGateway"
	addressType  = "azure-native:network:PublicIPAddress"
	endpointType = "azure-native:network:PrivateEndpoint"
	zoneType     = "azure-native:network:PrivateZone"
	linkType     = "azure-native:network:VirtualNetworkLink"
	namesType    = "azure-native:network:PrivateDnsZoneGroup"
)

type values = map[string]any

func (w *world) network(blocks ...any) *cloud.Object {
	w.T.Helper()
	return w.Have(networkType, with(values{"virtualNetworkName": "net", "addressSpace": values{"addressPrefixes": blocks}}))
}

func subnetInputs(name, block string, more values) values {
	inputs := values{"resourceGroupName": "env", "virtualNetworkName": "net", "subnetName": name, "addressPrefix": block}
	for k, v := range more {
		inputs[k] = v
	}
	return inputs
}

func TestANetworkTakesOnlyRangesThatAreItsOwn(t *testing.T) {
	w := newWorld(t)
	_, err := w.Create(networkType, with(values{"virtualNetworkName": "odd", "addressSpace": values{"addressPrefixes": []any{"169.254.0.0/24"}}}))
	refused(t, "link-local addresses", err, "AddressPrefixInReservedRange")
	_, err = w.Create(networkType, with(values{"virtualNetworkName": "odd", "addressSpace": values{"addressPrefixes": []any{"10.0.0.0/16", "10.0.1.0/24"}}}))
	refused(t, "a range inside another", err, "VnetAddressSpaceOverlapsWithItself")

	network := w.network("10.0.0.0/16")
	first := w.Have(subnetType, subnetInputs("first", "10.0.0.0/24", nil))
	_, err = w.Create(subnetType, subnetInputs("other", "10.0.0.128/25", nil))
	refused(t, "a subnet in another", err, "NetcfgSubnetRangesOverlap")
	_, err = w.Create(subnetType, subnetInputs("other", "10.1.0.0/24", nil))
	refused(t, "a subnet outside", err, "NetcfgInvalidSubnet")
	_, err = w.Create(subnetType, subnetInputs("other", "10.0.1.0/30", nil))
	refused(t, "a subnet without room", err, "NetcfgInvalidSubnet")
	refused(t, "a range that a subnet has", w.Update(network, values{"addressSpace": values{"addressPrefixes": []any{"10.2.0.0/16"}}}), "NetcfgInvalidSubnet")
	refused(t, "a network with a subnet", w.Remove(network), "InUseVirtualNetworkCannotBeDeleted")
	if err := w.Remove(first); err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(network); err != nil {
		t.Error(err)
	}
}

func TestTheFirstNetworkOfARegionBringsItsWatcherWhichStays(t *testing.T) {
	w := newWorld(t)
	if err := w.Remove(w.network("10.0.0.0/16")); err != nil {
		t.Fatal(err)
	}
	w.network("10.0.0.0/16")
	watchers := w.All("network:watcher")
	if len(watchers) != 1 || watchers[0].Str("name") != "NetworkWatcher_germanywestcentral" {
		t.Fatalf("watchers: %v", watchers)
	}
	if left := cloud.Left(watchers); len(left) != 0 {
		t.Errorf("%v count as left, but they are the subscription's", left)
	}
}

func rule(name string, priority float64, more values) values {
	out := values{
		"name": name, "access": "Allow", "direction": "Inbound", "priority": priority, "protocol": "Tcp", "sourceAddressPrefix": "Internet",
		"sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "443",
	}
	for k, v := range more {
		if out[k] = v; v == nil {
			delete(out, k)
		}
	}
	return out
}

func TestSecurityRulesAreReadAsAzureReadsThem(t *testing.T) {
	w := newWorld(t)
	for name, test := range map[string]struct {
		rules []any
		code  string
	}{
		"one priority twice": {[]any{rule("a", 100, nil), rule("b", 100, nil)}, "SecurityRuleConflict"},
		"one name twice":     {[]any{rule("a", 100, nil), rule("A", 110, nil)}, "InvalidRequestFormat"},
		"an unknown tag":     {[]any{rule("a", 100, values{"sourceAddressPrefix": "Moon"})}, "SecurityRuleInvalidAddressPrefix"},
		"backward ports":     {[]any{rule("a", 100, values{"destinationPortRange": "90-80"})}, "SecurityRuleInvalidPortRange"},
		"no destination":     {[]any{rule("a", 100, values{"destinationAddressPrefix": nil})}, "SecurityRuleParameterMissing"},
	} {
		_, err := w.Create(rulesType, with(values{"networkSecurityGroupName": "odd", "securityRules": test.rules}))
		refused(t, name, err, test.code)
	}
	_, err := w.Create(rulesType, with(values{"networkSecurityGroupName": "odd", "securityRules": []any{rule("a", 99, nil)}}))
	if err == nil || !strings.Contains(err.Error(), "at least 100 is allowed") {
		t.Errorf("a priority of Azure's own: %v", err)
	}

	group := w.Have(rulesType, with(values{"networkSecurityGroupName": "rules", "securityRules": []any{
		rule("a", 100, values{"sourceAddressPrefix": "Storage.germanywestcentral"}), rule("b", 100, values{"direction": "Outbound"}),
	}}))
	if defaults, _ := group.Outputs["defaultSecurityRules"].([]any); len(defaults) != 6 {
		t.Errorf("%d rules are Azure's own, want 6", len(defaults))
	}
	w.network("10.0.0.0/16")
	subnet := w.Have(subnetType, subnetInputs("first", "10.0.0.0/24", values{"networkSecurityGroup": values{"id": group.ID}}))
	refused(t, "a group that guards a subnet", w.Remove(group), "InUseNetworkSecurityGroupCannotBeDeleted")
	if err := w.Remove(subnet); err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(group); err != nil {
		t.Error(err)
	}
}

func TestAGatewayGoesBeforeItsAddressAndAfterItsSubnet(t *testing.T) {
	w := newWorld(t)
	w.network("10.0.0.0/16")
	address := w.Have(addressType, with(values{"publicIpAddressName": "out", "sku": values{"name": "Standard"}, "publicIPAllocationMethod": "Static", "zones": []any{"1", "2", "3"}}))
	if ip := address.Str("ipAddress"); !strings.HasPrefix(ip, "198.1") {
		t.Errorf("the address is %q", ip)
	}
	nat := func(name string) values {
		return with(values{"natGatewayName": name, "sku": values{"name": "Standard"}, "publicIpAddresses": []any{values{"id": address.ID}}})
	}
	gateway := w.Have(natType, nat("nat"))
	_, err := w.Create(natType, nat("second"))
	refused(t, "an address of another gateway", err, "PublicIPAddressInUse")
	subnet := w.Have(subnetType, subnetInputs("first", "10.0.0.0/24", values{"natGateway": values{"id": gateway.ID}}))
	refused(t, "an address in use", w.Remove(address), "PublicIPAddressCannotBeDeleted")
	refused(t, "a gateway in use", w.Remove(gateway), "InUseNatGatewayCannotBeDeleted")
	refused(t, "other zones", w.Update(address, values{"zones": []any{"1"}}), "ResourceAvailabilityZonesCannotBeModified")
	for _, o := range []*cloud.Object{subnet, gateway, address} {
		if err := w.Remove(o); err != nil {
			t.Error(err)
		}
	}
}

func TestAPrivateEndpointHoldsItsSubnetAndWhatItLeadsTo(t *testing.T) {
	w := newWorld(t)
	w.network("10.0.0.0/16")
	subnet := w.Have(subnetType, subnetInputs("endpoints", "10.0.0.0/24", nil))
	handed := w.Have(subnetType, subnetInputs("data", "10.0.1.0/24", values{
		"delegations": []any{values{"name": "postgres", "serviceName": "Microsoft.DBforPostgreSQL/flexibleServers"}},
	}))
	vault := w.Have(vaultType, vaultInputs("secrets-1", nil))
	endpoint := func(name, group, target, subnet string) values {
		return with(values{
			"privateEndpointName": name, "subnet": values{"id": subnet}, "customNetworkInterfaceName": name,
			"privateLinkServiceConnections": []any{values{"name": "c", "privateLinkServiceId": target, "groupIds": []any{group}}},
		})
	}
	_, err := w.Create(endpointType, endpoint("odd", "vault", vault.ID, handed.ID))
	refused(t, "a delegated subnet", err, "PrivateEndpointCannotBeCreatedInSubnetThatHasDelegation")
	_, err = w.Create(endpointType, endpoint("odd", "blob", vault.ID, subnet.ID))
	refused(t, "a group of another service", err, "InvalidPrivateLinkServiceGroupId")
	_, err = w.Create(endpointType, endpoint("odd", "vault", vault.ID+"x", subnet.ID))
	refused(t, "nothing behind it", err, "PrivateLinkServiceNotFound")

	made := w.Have(endpointType, endpoint("door", "vault", vault.ID, subnet.ID))
	interfaces := w.All("network:interface")
	if len(interfaces) != 1 || interfaces[0].Owner != made.Key() || !strings.HasSuffix(interfaces[0].ID, "/networkInterfaces/door") {
		t.Fatalf("interfaces: %v", interfaces)
	}
	refused(t, "a subnet in use", w.Remove(subnet), "InUseSubnetCannotBeDeleted")
	refused(t, "another range for what is in use", w.Update(subnet, values{"addressPrefix": "10.0.2.0/24"}), "InUsePrefixCannotBeDeleted")
	refused(t, "what an endpoint leads to", w.Remove(vault), "VaultInUse")
	refused(t, "another target", w.Update(made, values{"privateLinkServiceConnections": []any{values{"name": "c", "privateLinkServiceId": "/subscriptions/x", "groupIds": []any{"vault"}}}}), "CannotUpdatePrivateLinkServiceConnections")

	zone := w.Have(zoneType, values{"resourceGroupName": "env", "privateZoneName": "privatelink.vaultcore.azure.net", "location": "Global"})
	names := w.Have(namesType, values{
		"resourceGroupName": "env", "privateEndpointName": "door", "privateDnsZoneGroupName": "default",
		"privateDnsZoneConfigs": []any{values{"name": "vault", "privateDnsZoneId": zone.ID}},
	})
	records := w.All("network:private-record")
	if len(records) != 1 || records[0].ID != zone.ID+"/A/secrets-1" {
		t.Errorf("records: %v", records)
	}
	refused(t, "a zone in use", w.Remove(zone), "CannotDeleteResource")
	for _, o := range []*cloud.Object{names, made, zone, subnet, vault} {
		if err := w.Remove(o); err != nil {
			t.Error(err)
		}
	}
	if left := append(w.All("network:interface"), w.All("network:private-record")...); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestANetworkSeesAZoneOnce(t *testing.T) {
	w := newWorld(t)
	network := w.network("10.0.0.0/16")
	zone := w.Have(zoneType, values{"resourceGroupName": "env", "privateZoneName": "privatelink.vaultcore.azure.net", "location": "Global"})
	link := func(name string) values {
		return values{
			"resourceGroupName": "env", "privateZoneName": "privatelink.vaultcore.azure.net", "virtualNetworkLinkName": name, "location": "Global",
			"virtualNetwork": values{"id": network.ID}, "registrationEnabled": false,
		}
	}
	w.Have(linkType, link("net"))
	_, err := w.Create(linkType, link("again"))
	refused(t, "a second link", err, "Conflict")
	refused(t, "a zone with a link", w.Remove(zone), "CannotDeleteResource")
	refused(t, "a network with a link", w.Remove(network), "InUseVirtualNetworkCannotBeDeleted")
}
