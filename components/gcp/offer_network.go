package gcp

import "platform/components/network"

// NetworkOffer is everything: Cloud NAT is one service of the region in either form, and Private Google Access
// reaches all of Google's services at once.
func (d *Driver) NetworkOffer() network.Offer {
	return network.Offer{NATs: network.NATs, Endpoints: network.Endpoints}
}
