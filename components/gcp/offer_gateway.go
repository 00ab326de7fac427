package gcp

import (
	"platform/components/gateway"
	"platform/components/limit"
)

// GatewayOffer is tokens only: API Gateway always answers under a host name of Google's as well, which asks for
// no client certificate, and what stands before it can be gone around there
// (https://cloud.google.com/api-gateway/docs/gateway-load-balancing#limitations). Rates are what Cloud Armor counts in
// its shortest interval (https://cloud.google.com/armor/docs/rate-limiting-overview); a burst is not counted apart.
// API Gateway reaches public addresses only.
func (d *Driver) GatewayOffer() gateway.Offer {
	return gateway.Offer{
		Auths: []gateway.Auth{gateway.JWT}, Rate: limit.Range{Least: 1, Most: mostRequests / rateSeconds},
		Burst: limit.Range{Least: 1, Most: mostRequests}, Published: true,
	}
}
