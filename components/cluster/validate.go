package cluster

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"platform/components/naming"
)

// maxPoolName leaves room for what a driver puts around it in a node group's name.
const maxPoolName = 20

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate(offer Offer) error {
	var faults []error
	fault := func(path string, value any, allowed string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), fmt.Sprintf(allowed, args...)))
	}
	if !slices.Contains(offer.Versions, a.Version) {
		fault("version", a.Version, "one of %v is allowed", offer.Versions)
	}
	for i, text := range a.PublicAccess {
		if from, err := netip.ParsePrefix(text); err != nil || from.Bits() == 0 {
			fault(fmt.Sprintf("publicAccess[%d]", i), text, "an address range is allowed, but not the whole internet")
		}
	}
	if a.LogDays < 1 {
		fault("logDays", a.LogDays, "at least 1 is allowed")
	}
	if len(a.Admins) == 0 {
		fault("admins", a.Admins, "at least one principal is needed: nobody could reach the cluster")
	}
	both := append(slices.Clone(a.Admins), a.Viewers...)
	for i, principal := range both {
		if slices.Index(both, principal) != i {
			fault("admins, viewers", principal, "each principal is named once")
		}
	}
	for _, team := range slices.Sorted(maps.Keys(a.Teams)) {
		group, at := a.Teams[team], "teams."+team
		if group == "" {
			fault(at, group, "the group of the team's people is needed")
		}
		if slices.Contains(both, group) {
			fault(at, group, "each principal is named once, and this one is an administrator or a viewer")
		}
	}
	system, general := false, false
	for _, name := range slices.Sorted(maps.Keys(a.Pools)) {
		pool, at := a.Pools[name], "pools."+name
		if !naming.IsKebab(name) || len(name) > maxPoolName {
			fault(at, name, "a kebab-case name of at most %d characters is allowed", maxPoolName)
		}
		if !slices.Contains(Sizes, pool.Size) {
			fault(at+".size", pool.Size, "one of %v is allowed", Sizes)
		}
		if pool.Capacity != OnDemand && pool.Capacity != Spot {
			fault(at+".capacity", pool.Capacity, "one of %v is allowed", []Capacity{OnDemand, Spot})
		}
		if allowed := offer.Fault(pool); allowed != "" {
			fault(at, fmt.Sprintf("min %d, max %d", pool.Min, pool.Max), "%s", allowed)
		}
		if !offer.DiskGiB.Holds(pool.DiskGiB) {
			fault(at+".diskGiB", pool.DiskGiB, "%s", offer.DiskGiB.Allowed())
		}
		system = system || pool.System && pool.Min > 0
		general = general || !pool.System && pool.Capacity == OnDemand
	}
	if !system || !general {
		fault("pools", slices.Sorted(maps.Keys(a.Pools)), "a system pool with at least one node and an on-demand pool for services are needed")
	}
	return errors.Join(faults...)
}
