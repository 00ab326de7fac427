package azure

import (
	"maps"
	"slices"

	"platform/tests/cloud"
)

const (
	endpointType = "azure-native:network:PrivateEndpoint"
	linkType     = "azure-native:network:VirtualNetworkLink"
	namesType    = "azure-native:network:PrivateDnsZoneGroup"
	zoneType     = "azure-native:network:PrivateZone"

	recordType = "network:private-record"
)

// linkGroups are the parts of a resource that Private Link reaches
// (https://learn.microsoft.com/azure/private-link/private-endpoint-overview#private-link-resource).
var linkGroups = map[string][]string{
	"azure-native:containerregistry:Registry":         {"registry"},
	"azure-native:documentdb:DatabaseAccount":         {"Sql"},
	"azure-native:servicebus:Namespace":               {"namespace"},
	storageType:                                       {"blob", "blob_secondary", "dfs", "dfs_secondary", "file", "queue", "queue_secondary", "table", "table_secondary", "web", "web_secondary"},
	vaultType:                                         {"vault"},
	"azure-native:apimanagement:ApiManagementService": {"Gateway"},
}

// connection is what a private endpoint leads to.
func connection(o *cloud.Object) (target, group string) {
	property := "privateLinkServiceConnections"
	if o.Value(property) == nil {
		property = "manualPrivateLinkServiceConnections"
	}
	return o.Str(property + ".0.privateLinkServiceId"), o.Str(property + ".0.groupIds.0")
}

// endpointCreated makes the endpoint's network interface. The endpoint holds what it leads to.
func endpointCreated(t *cloud.Tx, o *cloud.Object) error {
	subnet := t.Get(subnetType, o.Str("subnet.id"))
	if service := delegation(subnet); service != "" {
		return cloud.Refuse("PrivateEndpointCannotBeCreatedInSubnetThatHasDelegation", "%s: %s is delegated to %s", o, subnet, service)
	}
	network := t.Lookup([]string{networkType}, []string{"virtualNetworkName"}, subnet.Str("virtualNetworkName"))
	if network.Str("location") != o.Str("location") {
		return cloud.Refuse("InvalidResourceReference", "%s is in %s, its subnet's network is not", o, o.Str("location"))
	}
	id, group := connection(o)
	var target *cloud.Object
	for _, typ := range slices.Sorted(maps.Keys(linkGroups)) {
		found, groups := t.Get(typ, id), linkGroups[typ]
		if found == nil {
			continue
		}
		if !slices.Contains(groups, group) {
			return cloud.Refuse("InvalidPrivateLinkServiceGroupId", "%s: %s has no group %q: allowed are %v", o, found, group, groups)
		}
		if err := linkable(o, found); err != nil {
			return err
		}
		target = found
	}
	if target == nil {
		return cloud.Refuse("PrivateLinkServiceNotFound", "%s: the resource %q was not found", o, id)
	}
	if !slices.Contains(o.Holds, target.Key()) {
		o.Holds = append(o.Holds, target.Key())
	}
	name := o.Str("customNetworkInterfaceName")
	if name == "" {
		name = o.Str("privateEndpointName") + ".nic." + t.Random(32)
	}
	made := mintInterface(t, o, name, subnet.ID)
	o.Outputs["networkInterfaces"] = []any{map[string]any{"id": made.ID}}
	return nil
}

// endpointUpdated: https://learn.microsoft.com/azure/private-link/manage-private-endpoint
func endpointUpdated(_ *cloud.Tx, old, o *cloud.Object) error {
	target, group := connection(o)
	wasTarget, wasGroup := connection(old)
	if target != wasTarget || group != wasGroup {
		return cloud.Refuse("CannotUpdatePrivateLinkServiceConnections", "%s: what an endpoint leads to cannot be changed", o)
	}
	if old.Str("customNetworkInterfaceName") != o.Str("customNetworkInterfaceName") {
		return cloud.Refuse("CustomNetworkInterfaceNameCannotBeUpdated", "%s: its interface has its name for good", o)
	}
	return nil
}

// namesCreated makes the records under which the endpoint is found.
func namesCreated(t *cloud.Tx, o *cloud.Object) error {
	endpoint := t.Lookup([]string{endpointType}, []string{"privateEndpointName"}, o.Str("privateEndpointName"))
	target, _ := connection(endpoint)
	configs, _ := o.Value("privateDnsZoneConfigs").([]any)
	for _, e := range configs {
		config, _ := e.(map[string]any)
		zone, _ := config["privateDnsZoneId"].(string)
		// The record bears the name of what it leads to.
		id := zone + "/A/" + lastPart(target)
		if other := t.Get(recordType, id); other != nil {
			return cloud.Refuse("PrivateDnsZoneGroupRecordConflict", "%s: the record %s is that of %s", o, id, other.Owner)
		}
		t.Mint(cloud.Object{Type: recordType, ID: id, Hidden: true, Owner: o.Key(), Props: map[string]any{"zone": zone}})
	}
	return nil
}

func namesUpdated(t *cloud.Tx, _, o *cloud.Object) error {
	if err := takesOwned(t, o); err != nil {
		return err
	}
	return namesCreated(t, o)
}

// linkFits: a network sees a zone once (https://learn.microsoft.com/azure/dns/private-dns-virtual-network-links).
func linkFits(t *cloud.Tx, o *cloud.Object) error {
	others := t.Find(linkType, func(l *cloud.Object) bool {
		return l.ID != o.ID && l.Str("privateZoneName") == o.Str("privateZoneName") && l.Str("virtualNetwork.id") == o.Str("virtualNetwork.id")
	})
	if len(others) > 0 {
		return cloud.Refuse("Conflict", "%s: the virtual network is already linked to the zone by %s", o, others[0])
	}
	return nil
}
