package gcp

import (
	"platform/components/foundation"
	"platform/components/limit"
)

// FoundationOffer is what Cloud KMS allows
// (https://cloud.google.com/kms/docs/destroy-restore#custom-destroy-scheduled-duration).
func (d *Driver) FoundationOffer() foundation.Offer {
	return foundation.Offer{KeyDeletionDays: limit.Range{Least: 1, Most: 120}}
}
