package azure

import (
	"slices"

	"platform/components/network"
)

// NetworkOffer is one NAT gateway or none, and what Private Link serves. Entra ID and the management API, which
// identity and compute stand for, have no private endpoints that carry all of their calls; Azure Monitor's would
// take over the names of all workspaces in the world for the network
// (https://learn.microsoft.com/azure/azure-monitor/logs/private-link-design).
func (d *Driver) NetworkOffer() network.Offer {
	return network.Offer{
		NATs: []network.NAT{network.NATNone, network.NATSingle},
		Endpoints: slices.DeleteFunc(slices.Clone(network.Endpoints), func(e network.Endpoint) bool {
			_, served := endpointZones[e]
			return !served
		}),
	}
}
