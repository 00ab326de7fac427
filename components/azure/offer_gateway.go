package azure

import (
	"platform/components/gateway"
	"platform/components/limit"
)

// maxRate is what a unit of the tier Premium carries by Microsoft's estimate, in requests per second: more would be
// a promise that nothing keeps (https://learn.microsoft.com/azure/api-management/api-management-features).
const maxRate = 4000

// GatewayOffer is every way to prove who one is. A window counts calls over at most 300 seconds
// (https://learn.microsoft.com/azure/api-management/rate-limit-by-key-policy). Certificates are not issued with the
// service (https://learn.microsoft.com/azure/api-management/configure-custom-domain).
func (d *Driver) GatewayOffer() gateway.Offer {
	return gateway.Offer{
		Auths: []gateway.Auth{gateway.JWT, gateway.MutualTLS}, Rate: limit.Range{Least: 1, Most: maxRate}, Burst: limit.Range{Least: 1, Most: maxRate * maxWindow},
		Certificate: true,
	}
}
