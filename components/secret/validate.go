package secret

import (
	"errors"
	"fmt"

	"platform/components/naming"
)

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
// The secret's own value is in no message.
func (a Args) Validate() error {
	var faults []error
	for _, field := range []struct{ path, value string }{{"service", a.Service}, {"name", a.Name}} {
		if !naming.IsKebab(field.value) {
			faults = append(faults, fmt.Errorf("%s: value %q: %s", field.path, field.value, naming.Kebab))
		}
	}
	if a.Identity.Principal.OutputState == nil {
		faults = append(faults, errors.New("identity: none is given: who may read the secret must be said"))
	}
	if a.HasValue && a.Value.OutputState == nil {
		faults = append(faults, errors.New("value: none is given though hasValue says so"))
	}
	return errors.Join(faults...)
}
