package config

import (
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"platform/components/cidr"
	"platform/components/cluster"
	"platform/components/gateway"
	"platform/components/network"
	"platform/stacks/strict"
)

// Tiers lists how much an environment matters.
var Tiers = []string{"development", "staging", "production"}

// Clouds lists the clouds that an environment may be on, with the form of an account there.
var Clouds = map[string]*regexp.Regexp{"aws": regexp.MustCompile(`^[0-9]{12}$`)}

// Residencies says which regions begin how.
var Residencies = map[string]string{"eu": "eu-", "us": "us-"}

var (
	minorVersion = regexp.MustCompile(`^1\.[0-9]{2}$`)
	majorVersion = regexp.MustCompile(`^[0-9]{2}$`)
	domainName   = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$`)
	stackName    = regexp.MustCompile(`^[a-z][a-z0-9-]{1,19}$`)
)

// Plan is another environment's address range, which this one must not overlap.
type Plan struct {
	Environment string
	CIDR        netip.Prefix
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

func between(f *faults, path string, value, least, most int) {
	if value < least || value > most {
		f.add(path, value, "%d to %d is allowed", least, most)
	}
}

// Validate returns every fault of the settings.
func Validate(s Settings, others []Plan) []error {
	f := &faults{}
	if !stackName.MatchString(s.Environment) {
		f.add("stack", s.Environment, "2 to 20 lower-case letters, digits and dashes are allowed: the name begins every resource's name")
	}
	if account, ok := Clouds[s.Cloud]; !ok {
		f.add("cloud", s.Cloud, "one of %v is allowed", slices.Sorted(maps.Keys(Clouds)))
	} else if !account.MatchString(s.Account) {
		f.add("account", s.Account, "%s is allowed", account)
	}
	if prefix, ok := Residencies[s.Residency]; !ok {
		f.add("residency", s.Residency, "one of %v is allowed", slices.Sorted(maps.Keys(Residencies)))
	} else if !strings.HasPrefix(s.Region, prefix) {
		f.add("region", s.Region, "a region in %s (%s*) is allowed by the residency", s.Residency, prefix)
	}
	oneOf(f, "tier", s.Tier, Tiers)
	s.validateNetwork(f, others)
	s.validateCluster(f)
	s.validateData(f)
	s.validateGateway(f)
	if s.Scaling.MaxPods < 0 {
		f.add("scaling.maxPods", s.Scaling.MaxPods, "0 (no bound) or more is allowed")
	}
	for _, name := range s.Catalog.Names() {
		if least := s.Catalog.Services[name].Scaling.Min; s.Scaling.MaxPods > 0 && least > s.Scaling.MaxPods {
			f.add("scaling.maxPods", s.Scaling.MaxPods, "service %s runs at least %d pods", name, least)
		}
	}
	return *f
}

func (s Settings) validateNetwork(f *faults, others []Plan) {
	n := s.Network
	if n.CIDR.IsValid() {
		if n.CIDR != n.CIDR.Masked() || !n.CIDR.Addr().Is4() || n.CIDR.Bits() < 16 || n.CIDR.Bits() > 20 {
			f.add("network.cidr", n.CIDR, "an IPv4 range of /16 to /20 without host bits is allowed")
		}
		for _, other := range others {
			if cidr.Overlaps(n.CIDR, other.CIDR) {
				f.add("network.cidr", n.CIDR, "it overlaps %s of environment %s", other.CIDR, other.Environment)
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
		if !strings.HasPrefix(zone, s.Region) || slices.Index(n.Zones, zone) != i {
			f.add(fmt.Sprintf("network.zones[%d]", i), zone, "a zone of %s, named once, is allowed", s.Region)
		}
	}
	oneOf(f, "network.nat", n.NAT, network.NATs)
	for i, e := range n.Endpoints {
		oneOf(f, fmt.Sprintf("network.endpoints[%d]", i), e, network.Endpoints)
	}
	between(f, "network.flowLogDays", n.FlowLogDays, 1, 3653)
}

func (s Settings) validateCluster(f *faults) {
	c := s.Cluster
	if !minorVersion.MatchString(c.Version) {
		f.add("cluster.version", c.Version, "a minor version is allowed, as \"1.33\"")
	}
	for i, from := range c.PublicAccess {
		if p, err := netip.ParsePrefix(from); err != nil || p.Bits() == 0 {
			f.add(fmt.Sprintf("cluster.publicAccess[%d]", i), from, "an address range is allowed, but not the whole internet")
		}
	}
	between(f, "cluster.logDays", c.LogDays, 1, 3653)
	if len(c.Admins) == 0 {
		f.add("cluster.admins", "[]", "at least one principal is needed: nobody could reach the cluster")
	}
	system, general := 0, 0
	for _, name := range slices.Sorted(maps.Keys(c.Pools)) {
		p, at := c.Pools[name], "cluster.pools."+name
		oneOf(f, at+".size", p.Size, cluster.Sizes)
		oneOf(f, at+".capacity", p.Capacity, []cluster.Capacity{cluster.OnDemand, cluster.Spot})
		if p.Min < 0 || p.Max < 1 || p.Max < p.Min || p.Max > 450 {
			f.add(at, fmt.Sprintf("min %d, max %d", p.Min, p.Max), "min of at least 0 and max of min to 450 is allowed")
		}
		between(f, at+".diskGiB", p.DiskGiB, 20, 16384)
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

func (s Settings) validateData(f *faults) {
	if !majorVersion.MatchString(s.Database.Version) {
		f.add("database.version", s.Database.Version, "a major version is allowed, as \"16\"")
	}
	between(f, "database.storageGiB", s.Database.StorageGiB, 20, 65536)
	between(f, "database.backupDays", s.Database.BackupDays, 1, 35)
	between(f, "queue.retentionDays", s.Queue.RetentionDays, 1, 14)
	between(f, "queue.maxReceives", s.Queue.MaxReceives, 1, 1000)
	between(f, "queue.visibilitySec", s.Queue.VisibilitySec, 0, 43200)
	between(f, "keys.deletionDays", s.Keys.DeletionDays, 7, 30)
}

func (s Settings) validateGateway(f *faults) {
	g := s.Gateway
	if !domainName.MatchString(g.Domain) {
		f.add("gateway.domain", g.Domain, "a domain name in lower case is allowed")
	}
	between(f, "gateway.logDays", g.LogDays, 1, 3653)
	known := slices.Sorted(maps.Keys(g.Audiences))
	for _, name := range known {
		a, at := g.Audiences[name], "gateway.audiences."+name
		oneOf(f, at+".auth", a.Auth, []gateway.Auth{gateway.JWT, gateway.MutualTLS})
		if a.Auth == gateway.JWT && (!strings.HasPrefix(a.Issuer, "https://") || len(a.Audiences) == 0) {
			f.add(at, a.Issuer, "tokens need an https issuer and at least one accepted audience")
		}
		if a.Auth == gateway.MutualTLS && !strings.Contains(a.TrustStore, "BEGIN CERTIFICATE") {
			f.add(at+".trustStore", "", "mutual TLS needs the certificates of the accepted authorities, as PEM")
		}
	}
	for _, name := range s.Catalog.Names() {
		for _, route := range s.Catalog.Services[name].Routes {
			for _, audience := range route.Audiences {
				if !slices.Contains(known, audience) {
					f.add("gateway.audiences", known, "service %s serves %s to %q, which is missing here", name, route.Path, audience)
				}
			}
		}
	}
}
