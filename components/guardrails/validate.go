package guardrails

import (
	"errors"
	"fmt"
)

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if len(a.Regions) == 0 {
		faults = append(faults, errors.New("regions: value []: at least one region is needed, or nothing could be built"))
	}
	for _, days := range []struct {
		path  string
		value int
	}{{"backupDays", a.BackupDays}, {"logDays", a.LogDays}} {
		if days.value < 1 {
			faults = append(faults, fmt.Errorf("%s: value %d: at least 1 is allowed", days.path, days.value))
		}
	}
	return errors.Join(faults...)
}
