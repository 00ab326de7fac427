package queue

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"platform/components/naming"
)

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate(offer Offer) error {
	var faults []error
	name := func(path, value string) {
		if !naming.IsKebab(value) {
			faults = append(faults, fmt.Errorf("%s: value %q: %s", path, value, naming.Kebab))
		}
	}
	name("event", a.Event)
	faults = append(faults,
		offer.RetentionDays.Fault("retentionDays", a.RetentionDays),
		offer.MaxReceives.Fault("maxReceives", a.MaxReceives),
		offer.VisibilitySec.Fault("visibilitySec", a.VisibilitySec),
	)
	for _, consumer := range slices.Sorted(maps.Keys(a.Consumers)) {
		name("consumers."+consumer, consumer)
	}
	return errors.Join(faults...)
}
