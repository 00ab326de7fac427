package network

import (
	"errors"
	"fmt"
	"slices"

	"platform/components/cidr"
)

// zones is how many zones every network spans: with three, losing one leaves a majority.
const zones = 3

// NATs lists the ways out in the order in which messages name them.
var NATs = []NAT{NATNone, NATSingle, NATPerZone}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate(offer Offer) error {
	var faults []error
	fault := func(path string, value any, allowed string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), fmt.Sprintf(allowed, args...)))
	}
	if _, _, _, err := cidr.Split(a.CIDR, zones); err != nil {
		faults = append(faults, err)
	} else if a.CIDR.Bits() < 16 || a.CIDR.Bits() > 20 {
		fault("cidr", a.CIDR, "/16 to /20 is allowed")
	}
	if len(a.Zones) != zones {
		fault("zones", a.Zones, "exactly %d zones are allowed", zones)
	}
	seen := map[string]bool{}
	for _, zone := range a.Zones {
		if zone == "" || seen[zone] {
			fault("zones", zone, "each zone is named once")
		}
		seen[zone] = true
	}
	if !slices.Contains(offer.NATs, a.NAT) {
		fault("nat", a.NAT, "one of %v is allowed", offer.NATs)
	}
	asked := map[Endpoint]bool{}
	for _, endpoint := range a.Endpoints {
		if !slices.Contains(offer.Endpoints, endpoint) {
			fault("endpoints", endpoint, "any of %v are allowed", offer.Endpoints)
		}
		if asked[endpoint] {
			fault("endpoints", endpoint, "each endpoint is named once")
		}
		asked[endpoint] = true
	}
	if a.FlowLogDays < 1 {
		fault("flowLogDays", a.FlowLogDays, "at least 1 is allowed")
	}
	return errors.Join(faults...)
}
