package bridge

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/workload"
	"platform/components/naming"
	"platform/components/tags"
)

// Args is what one service is told.
type Args struct {
	Service   string
	Namespace pulumi.StringInput // that of the service
	// Values are what was made for the service, by the key under which it reads each.
	Values map[string]pulumi.StringInput
	// Secrets are those of the service, by name.
	Secrets map[string]Source
	// Telemetry is where the service sends what it tells of itself.
	Telemetry workload.Telemetry
	// After is what defines stores and fetches from them.
	After []pulumi.Resource
	Tags  tags.Set
}

// Source is where a secret comes from, as secret.Outputs says it.
type Source struct {
	Store pulumi.Map         // the provider of a SecretStore
	Key   pulumi.StringInput // what is asked for there
}

// keyForm is that of a name that a shell takes: services read the ConfigMap as variables of their environment
// (https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#configure-all-key-value-pairs-in-a-configmap-as-container-environment-variables).
var keyForm = regexp.MustCompile(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$`)

// Key is the key of a value, made of the names of what it is about: "QUEUE_ORDER_PLACED_URL".
func Key(parts ...string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.Join(parts, "_"), "-", "_"))
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed. No value is in a
// message.
func (a Args) Validate() error {
	var faults []error
	fault := func(path string, value any, allowed string) {
		faults = append(faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), allowed))
	}
	if !naming.IsKebab(a.Service) {
		fault("service", a.Service, naming.Kebab)
	}
	if a.Namespace == nil {
		faults = append(faults, errors.New("namespace: none is given: a value is needed"))
	}
	for _, key := range slices.Sorted(maps.Keys(a.Values)) {
		if !keyForm.MatchString(key) {
			fault("values", key, "words of upper-case letters and digits joined by underscores are allowed as a key")
		}
		if a.Values[key] == nil {
			faults = append(faults, fmt.Errorf("values.%s: none is given: a value is needed", key))
		}
	}
	for key := range a.telemetry() {
		if _, twice := a.Values[key]; twice {
			fault("values", key, "another key is allowed: this one says where telemetry goes")
		}
	}
	faults = append(faults, a.Telemetry.Validate()...)
	for _, name := range slices.Sorted(maps.Keys(a.Secrets)) {
		if !naming.IsKebab(name) {
			fault("secrets", name, naming.Kebab)
		}
		faults = append(faults, a.Secrets[name].faults("secrets."+name)...)
	}
	if len(a.Secrets) > 0 && len(a.After) == 0 {
		faults = append(faults, errors.New("after: none is given: stores are defined by the release of their controller, which must be there first"))
	}
	for _, key := range a.Tags.Missing() {
		fault("tags."+key, a.Tags[key], "a value is needed")
	}
	return errors.Join(faults...)
}

// telemetry is what the service is told of where its telemetry goes, and whose it is.
func (a Args) telemetry() map[string]string {
	return a.Telemetry.Variables(a.Service, a.Tags[tags.Team], a.Tags[tags.Environment])
}

func (s Source) faults(path string) []error {
	var faults []error
	if len(s.Store) != 1 {
		faults = append(faults, fmt.Errorf("%s.store: %d providers: exactly one is allowed", path, len(s.Store)))
	}
	if s.Key == nil {
		faults = append(faults, fmt.Errorf("%s.key: none is given: what is asked for in the store must be said", path))
	}
	return faults
}
