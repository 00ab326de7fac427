package queue

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"platform/components/naming"
)

// The ranges of SQS, the only cloud's queues that are built yet:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
const (
	minRetentionDays = 1
	maxRetentionDays = 14
	minReceives      = 1
	maxReceives      = 1000
	minVisibilitySec = 0
	maxVisibilitySec = 43200
)

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	name := func(path, value string) {
		if !naming.IsKebab(value) {
			faults = append(faults, fmt.Errorf("%s: value %q: %s", path, value, naming.Kebab))
		}
	}
	within := func(path string, value, least, most int) {
		if value < least || value > most {
			faults = append(faults, fmt.Errorf("%s: value %d: %d to %d is allowed", path, value, least, most))
		}
	}
	name("event", a.Event)
	within("retentionDays", a.RetentionDays, minRetentionDays, maxRetentionDays)
	within("maxReceives", a.MaxReceives, minReceives, maxReceives)
	within("visibilitySec", a.VisibilitySec, minVisibilitySec, maxVisibilitySec)
	for _, consumer := range slices.Sorted(maps.Keys(a.Consumers)) {
		name("consumers."+consumer, consumer)
	}
	return errors.Join(faults...)
}
