package database

import (
	"errors"
	"fmt"
	"slices"

	"platform/components/naming"
)

// NoFinalSnapshot says what a cloud cannot do, for messages.
const NoFinalSnapshot = "this cloud takes no last snapshot of a database that is deleted; take a backup before"

// Validate returns every fault of the arguments but those of the connections, which Plan counts; each
// with its path, its value and what is allowed.
func (a Args) Validate(offer Offer) error {
	var faults []error
	if !naming.IsKebab(a.Service) {
		faults = append(faults, fmt.Errorf("service: value %q: %s", a.Service, naming.Kebab))
	}
	if !slices.Contains(offer.Versions, a.Version) {
		faults = append(faults, fmt.Errorf("version: value %q: one of %v is allowed", a.Version, offer.Versions))
	}
	faults = append(faults,
		offer.StorageGiB.Fault("storageGiB", a.StorageGiB),
		offer.BackupDays.Fault("backupDays", a.BackupDays),
	)
	if a.FinalSnapshot && !offer.FinalSnapshots {
		faults = append(faults, fmt.Errorf("finalSnapshot: value %t: false is allowed: %s", a.FinalSnapshot, NoFinalSnapshot))
	}
	return errors.Join(faults...)
}
