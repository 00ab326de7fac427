package certificates

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/workload"
	"platform/components/limit"
	"platform/components/tags"
)

// Namespace is where the controllers run, and where the authority's key is; Account is who proves names.
const (
	Namespace = workload.Certificates
	Account   = workload.Certificates
)

// The cluster-wide issuers by name.
const (
	Internal = "internal" // for names that only the cluster knows
	Public   = "public"   // for names of the environment's zone
)

// Args configures the controllers and the issuers.
type Args struct {
	Replicas int        // limit.Replicas of each controller
	Public   *Authority // nil: only the cluster's own authority signs
	// Around is what is around the controllers, with the ways to the authority and to the zone.
	Around flows.Around
	// After is what must be there before the chart, which waits for its pods to run.
	After []pulumi.Resource
	Tags  tags.Set
}

// Authority signs for everybody, if a record in the zone proves that a name is ours.
type Authority struct {
	Server string // of the ACME protocol
	Email  string // who is told of certificates that end
	Domain string // the zone: names outside of it are not asked for
	// Solver is how the cloud's zone takes the record, as the issuer's definition calls it.
	Solver pulumi.Map
	// Annotations are what the controller's account bears, and Labels what its pods do, by which the cloud's agent knows
	// who they are.
	Annotations pulumi.StringMap
	Labels      map[string]string
	// Ready is what lets the controller write records.
	Ready []pulumi.Resource
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if err := limit.Replicas.Fault("replicas", a.Replicas); err != nil {
		faults = append(faults, err)
	}
	if p := a.Public; p != nil {
		for _, field := range []struct{ path, value, allowed string }{
			{"server", p.Server, "an https address is allowed"}, {"email", p.Email, "an address of mail is needed"},
			{"domain", p.Domain, "a domain is needed"},
		} {
			if field.value == "" || field.path == "server" && !strings.HasPrefix(field.value, "https://") {
				faults = append(faults, fmt.Errorf("public.%s: value %q: %s", field.path, field.value, field.allowed))
			}
		}
		if len(p.Solver) != 1 {
			faults = append(faults, fmt.Errorf("public.solver: value %v: one way to write records is needed", slices.Sorted(maps.Keys(p.Solver))))
		}
	}
	faults = append(faults, a.flows().Validate())
	for _, key := range a.Tags.Missing() {
		faults = append(faults, fmt.Errorf("tags.%s: value %q: a value is needed", key, a.Tags[key]))
	}
	return errors.Join(faults...)
}
