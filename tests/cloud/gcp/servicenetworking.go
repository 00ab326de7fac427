package gcp

import (
	"reflect"

	"platform/tests/cloud"
)

const (
	connectionType = "gcp:servicenetworking/connection:Connection"
	serverType     = "gcp:sql/databaseInstance:DatabaseInstance"
	// peeringType is what a connection makes in our network. It is the network's: it stays when the connection is
	// abandoned, and goes with the network.
	peeringType = "compute:network-peering"
	// tenancyType is what Service Networking remembers of a network by its name, beyond the network's own end.
	tenancyType = "servicenetworking:tenancy"
)

var servicenetworkingHooks = map[string]cloud.Hook{
	connectionType: {Created: connectionCreated, Updated: connectionUpdated, Deleted: connectionDeleted},
}

// connectionCreated: https://cloud.google.com/vpc/docs/configure-private-services-access
func connectionCreated(t *cloud.Tx, o *cloud.Object) error {
	network := networkOf(t, o.Str("network"))
	if err := rangesServe(t, o, network); err != nil {
		return err
	}
	// What is left of a connection that was abandoned remembers its ranges, even if the network was built again
	// (https://github.com/GoogleCloudPlatform/cluster-toolkit/pull/4744).
	tenancy := t.Get(tenancyType, network.ID)
	if tenancy == nil {
		tenancy = t.Mint(cloud.Object{Type: tenancyType, ID: network.ID, Account: o.Account, Hidden: true, Preexisting: true})
	} else if !reflect.DeepEqual(tenancy.List("ranges"), rangesOf(t, o)) && !o.Bool("updateOnCreationFail") {
		return cloud.Refuse("FAILED_PRECONDITION", "Cannot modify allocated ranges in CreateConnection. Please use UpdateConnection.")
	}
	tenancy.Props = map[string]any{"ranges": rangesOf(t, o)}
	if peered(t, network) == nil { // an abandoned one is still there
		t.Mint(cloud.Object{
			Type: peeringType, ID: network.ID + "/peerings/" + o.Str("peering"), Account: o.Account, Hidden: true, Owner: network.Key(),
			Props: map[string]any{"state": "ACTIVE"},
		})
	}
	return nil
}

func connectionUpdated(t *cloud.Tx, _, o *cloud.Object) error {
	network := networkOf(t, o.Str("network"))
	if tenancy := t.Get(tenancyType, network.ID); tenancy != nil {
		tenancy.Props = map[string]any{"ranges": rangesOf(t, o)}
	}
	return rangesServe(t, o, network)
}

// rangesServe: only ranges that were reserved for this, in the same network.
func rangesServe(t *cloud.Tx, o, network *cloud.Object) error {
	for _, name := range o.List("reservedPeeringRanges") {
		reserved := t.Lookup([]string{addressType}, []string{"name"}, name)
		if reserved.Str("purpose") != "VPC_PEERING" || networkOf(t, reserved.Str("network")) != network {
			return cloud.Refuse("INVALID_ARGUMENT", "the range %s is not reserved for peering with %s", name, network.ID)
		}
	}
	return nil
}

// rangesOf are the ranges themselves: their names may be of an earlier build.
func rangesOf(t *cloud.Tx, connection *cloud.Object) []string {
	var out []string
	for _, name := range connection.List("reservedPeeringRanges") {
		if reserved := t.Lookup([]string{addressType}, []string{"name"}, name); reserved != nil {
			out = append(out, blockOf(reserved))
		}
	}
	return out
}

// connectionDeleted: it is refused while a service holds something behind the connection, and Cloud SQL does so
// for days after a server was deleted
// (https://github.com/hashicorp/terraform-provider-google/issues/16275,
// https://cloud.google.com/sql/docs/postgres/delete-instance). Abandoned, it stays, and goes with the network: the
// provider's own test of that deletes the network, and finds no connection afterwards
// (https://github.com/hashicorp/terraform-provider-google-beta/blob/main/google-beta/services/servicenetworking/resource_service_networking_connection_test.go).
func connectionDeleted(t *cloud.Tx, o *cloud.Object) error {
	if o.Str("deletionPolicy") == "ABANDON" {
		return nil
	}
	network := networkOf(t, o.Str("network"))
	peering := peered(t, network)
	if peering == nil {
		return nil
	}
	if peering.Bool("used") {
		return cloud.Refuse("FAILED_PRECONDITION",
			"Failed to delete connection; Producer services (e.g. CloudSQL, Cloud Memstore, etc.) are still using this connection.")
	}
	t.Remove(peering.Key())
	t.Remove(cloud.Key{Type: tenancyType, ID: network.ID})
	return nil
}

// joinProducers: a database server without a public address lies behind the connection, and until it is long gone
// nobody may delete that.
func joinProducers(t *cloud.Tx, o *cloud.Object) error {
	private := o.Str("settings.ipConfiguration.privateNetwork")
	if o.Type != serverType || private == "" {
		return nil
	}
	network := networkOf(t, private)
	if network == nil {
		return nil // the rule's own reference says so
	}
	peering := peered(t, network)
	if peering == nil {
		return cloud.Refuse("NETWORK_NOT_PEERED", "%s: the network %s is not connected with Google's services", o, network.ID)
	}
	peering.Props["used"] = true
	return nil
}

func peered(t *cloud.Tx, network *cloud.Object) *cloud.Object {
	for _, owned := range t.Owned(network.Key()) {
		if owned.Type == peeringType {
			return owned
		}
	}
	return nil
}
