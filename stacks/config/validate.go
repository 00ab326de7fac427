package config

import (
	"fmt"
	"maps"
	"net/mail"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"platform/components/alarms"
	"platform/components/cidr"
	"platform/components/cluster"
	"platform/components/database"
	"platform/components/kubernetes/image"
	"platform/components/kubernetes/workload"
	"platform/components/limit"
	"platform/components/network"
	"platform/stacks/strict"
)

// Tiers lists how much an environment matters.
var Tiers = []string{"development", "staging", "production"}

var stackName = regexp.MustCompile(`^[a-z][a-z0-9-]{1,19}$`)

// Plan is what this environment must not take from another: its address range, and what an account has once.
type Plan struct {
	Environment        string
	CIDR               netip.Prefix
	Cloud, LandingZone string
	Parts              []string // of accountWide
	// Pool says that the range is that of environments which live for some hours, cut into Plans of so many Bits.
	Pool  bool
	Bits  int
	Plans []netip.Prefix
}

type faults []error

func (f *faults) add(path string, value any, allowed string, args ...any) {
	*f = append(*f, strict.Fault{Path: path, Value: fmt.Sprint(value), Allowed: fmt.Sprintf(allowed, args...)})
}

func oneOf[T ~string](f *faults, path string, value T, allowed []T) {
	if !slices.Contains(allowed, value) {
		f.add(path, value, "one of %v is allowed", allowed)
	}
}

func between(f *faults, path string, value int, in limit.Range) {
	if !in.Holds(value) {
		f.add(path, value, "%s", in.Allowed())
	}
}

// logDays are those of a log of any kind: ten years are what the longest-keeping law asks for.
var logDays = limit.Range{Least: 1, Most: 3653}

// Validate returns every fault of the settings, judged by what the environment's cloud offers. Offers are
// those of a cloud that the program can build; without them only the cloud itself is a fault.
func Validate(s Settings, others []Plan, offers Offering) []error {
	f := &faults{}
	if !stackName.MatchString(s.Environment) {
		f.add("stack", s.Environment, "2 to 20 lower-case letters, digits and dashes are allowed: the name begins every resource's name")
	}
	oneOf(f, "residency", s.Residency, residencies)
	on, ok := clouds[s.Cloud]
	if !ok {
		f.add("cloud", s.Cloud, "one of %v is allowed", slices.Sorted(maps.Keys(clouds)))
		return *f
	}
	offer, err := offers(s.Cloud)
	if err != nil {
		f.add("cloud", s.Cloud, "%v", err)
		return *f
	}
	oneOf(f, "landingZone", s.LandingZone, slices.Sorted(maps.Keys(s.Catalog.LandingZones[s.Cloud])))
	if allowed, ok := on.regions[s.Residency]; ok {
		oneOf(f, "region", s.Region, allowed)
	}
	oneOf(f, "tier", s.Tier, Tiers)
	s.validateNetwork(f, others, on, offer.Network)
	s.validateCluster(f, offer.Cluster)
	s.validateData(f, offer)
	s.validateGateway(f, offer.Gateways)
	s.validateControllers(f)
	s.validateDelivery(f)
	s.validateMonitoring(f)
	s.validateAlarms(f)
	s.validateExceptions(f)
	s.validateWaivers(f)
	s.validateAccountWide(f, others)
	s.validateEphemeral(f, others)
	if s.Trail != nil {
		between(f, "trail.days", s.Trail.Days, offer.Trail.Days)
	}
	if s.Scaling.MaxPods < 0 {
		f.add("scaling.maxPods", s.Scaling.MaxPods, "0 (no bound) or more is allowed")
	}
	if s.Scaling.Replicas < 1 || s.Scaling.Replicas > 2 {
		f.add("scaling.replicas", s.Scaling.Replicas, "1 to 2 is allowed: one works, the other stands by")
	}
	for _, name := range s.Catalog.Names() {
		if least := s.Catalog.Services[name].Scaling.Min; s.Scaling.MaxPods > 0 && least > s.Scaling.MaxPods {
			f.add("scaling.maxPods", s.Scaling.MaxPods, "service %s runs at least %d pods", name, least)
		}
	}
	return *f
}

func (s Settings) validateNetwork(f *faults, others []Plan, on cloud, offer network.Offer) {
	n := s.Network
	if n.CIDR.IsValid() {
		if n.CIDR != n.CIDR.Masked() || !n.CIDR.Addr().Is4() || n.CIDR.Bits() < 16 || n.CIDR.Bits() > 20 {
			f.add("network.cidr", n.CIDR, "an IPv4 range of /16 to /20 without host bits is allowed")
		}
		for _, other := range others {
			switch {
			case !cidr.Overlaps(n.CIDR, other.CIDR):
			case !other.Pool:
				f.add("network.cidr", n.CIDR, "it overlaps %s of environment %s", other.CIDR, other.Environment)
			case s.Ephemeral == nil && s.Environment != Mould:
				f.add("network.cidr", n.CIDR, "it overlaps %s, from which environments that live for some hours are given theirs", other.CIDR)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(n.Reserved)) {
			if cidr.Overlaps(n.CIDR, n.Reserved[name]) {
				f.add("network.cidr", n.CIDR, "it overlaps %s, which is reserved for %s", n.Reserved[name], name)
			}
		}
	}
	if len(n.Zones) != 3 {
		f.add("network.zones", n.Zones, "three zones are allowed")
	}
	for i, zone := range n.Zones {
		if !on.zoneOf(s.Region, zone) || slices.Index(n.Zones, zone) != i {
			f.add(fmt.Sprintf("network.zones[%d]", i), zone, "%s is allowed", on.zoneForm(s.Region))
		}
	}
	oneOf(f, "network.nat", n.NAT, offer.NATs)
	for i, e := range n.Endpoints {
		oneOf(f, fmt.Sprintf("network.endpoints[%d]", i), e, offer.Endpoints)
	}
	between(f, "network.flowLogDays", n.FlowLogDays, logDays)
}

func (s Settings) validateCluster(f *faults, offer cluster.Offer) {
	c := s.Cluster
	oneOf(f, "cluster.version", c.Version, offer.Versions)
	for i, from := range c.PublicAccess {
		if p, err := netip.ParsePrefix(from); err != nil || p.Bits() == 0 {
			f.add(fmt.Sprintf("cluster.publicAccess[%d]", i), from, "an address range is allowed, but not the whole internet")
		}
	}
	between(f, "cluster.logDays", c.LogDays, logDays)
	system, general := 0, 0
	for _, name := range slices.Sorted(maps.Keys(c.Pools)) {
		p, at := c.Pools[name], "cluster.pools."+name
		oneOf(f, at+".size", p.Size, cluster.Sizes)
		oneOf(f, at+".capacity", p.Capacity, []cluster.Capacity{cluster.OnDemand, cluster.Spot})
		if allowed := offer.Fault(cluster.Pool{Min: p.Min, Max: p.Max, System: p.System}); allowed != "" {
			f.add(at, fmt.Sprintf("min %d, max %d", p.Min, p.Max), "%s", allowed)
		}
		between(f, at+".diskGiB", p.DiskGiB, offer.DiskGiB)
		switch {
		case p.System:
			system++
		case p.Capacity == cluster.OnDemand:
			general++
		}
	}
	if system == 0 || general == 0 {
		f.add("cluster.pools", slices.Sorted(maps.Keys(c.Pools)), "a system pool and an on-demand pool for services are needed")
	}
}

func (s Settings) validateData(f *faults, offer Offers) {
	oneOf(f, "database.version", s.Database.Version, offer.Database.Versions)
	between(f, "database.storageGiB", s.Database.StorageGiB, offer.Database.StorageGiB)
	between(f, "database.backupDays", s.Database.BackupDays, offer.Database.BackupDays)
	if s.Database.FinalSnapshot && !offer.Database.FinalSnapshots {
		f.add("database.finalSnapshot", true, "false is allowed: %s", database.NoFinalSnapshot)
	}
	between(f, "queue.retentionDays", s.Queue.RetentionDays, offer.Queue.RetentionDays)
	between(f, "queue.maxReceives", s.Queue.MaxReceives, offer.Queue.MaxReceives)
	between(f, "queue.visibilitySec", s.Queue.VisibilitySec, offer.Queue.VisibilitySec)
	between(f, "keys.deletionDays", s.Keys.DeletionDays, offer.Foundation.KeyDeletionDays)
}

// validateAlarms: an alarm that always tells is as good as one that never does.
func (s Settings) validateAlarms(f *faults) {
	s.Alarms.Each(func(name string, value int, allowed limit.Range) { between(f, "alarms."+name, value, allowed) })
	if s.Quotas != nil {
		between(f, "quotas.percent", s.Quotas.Percent, alarms.Percent)
	}
}

func (s Settings) validateControllers(f *faults) {
	between(f, "certificates.replicas", s.Certificates.Replicas, limit.Replicas)
	between(f, "secrets.replicas", s.Secrets.Replicas, limit.Replicas)
	oneOf(f, "mesh.kind", s.Mesh.Kind, workload.MeshKinds)
	between(f, "mesh.replicas", s.Mesh.Replicas, limit.Replicas)
	if !s.Images.Registry.Valid() {
		f.add("images.registry", string(s.Images.Registry), image.Allowed)
	}
	if a := s.Certificates.ACME; a != nil {
		if !strings.HasPrefix(a.Server, "https://") {
			f.add("certificates.acme.server", a.Server, "an https address is allowed")
		}
		if _, err := mail.ParseAddress(a.Email); err != nil {
			f.add("certificates.acme.email", a.Email, "an address of mail is needed")
		}
	}
}
