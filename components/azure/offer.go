package azure

import (
	"platform/components/foundation"
	"platform/components/limit"
)

// FoundationOffer is what Key Vault allows
// (https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview).
func (d *Driver) FoundationOffer() foundation.Offer {
	return foundation.Offer{KeyDeletionDays: limit.Range{Least: 7, Most: 90}}
}
