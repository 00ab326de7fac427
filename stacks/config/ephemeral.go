package config

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"platform/components/cidr"
	"platform/components/limit"
	"platform/components/naming"
	"platform/stacks/catalog"
	"platform/stacks/strict"
)

// Mould is the environment of which those that live for some hours are cast, and PoolKey what its file says, beside the
// environment itself, of where and for how long they may live.
const (
	Mould   = "ephemeral"
	PoolKey = "platform:ephemeral"
)

// EphemeralTier is the only one whose environments come and go by a command: the others hold what somebody would miss.
const EphemeralTier = "development"

// Ephemeral is what an environment that lives for some hours says of itself.
type Ephemeral struct {
	Owner string `yaml:"owner"`
	// Expires is when it is gone at the latest, however often its life was prolonged. What it is made of bears it as a tag: a
	// shorter time would have to be written anew on each prolongation, for which some clouds replace machines.
	Expires time.Time `yaml:"expires"`
}

// EphemeralPool is where environments that live for some hours get their addresses and their place.
type EphemeralPool struct {
	// Prefix begins their names, and by that the names of what they are made of: the pipeline's role is bounded by it.
	Prefix    string    `yaml:"prefix"`
	Addresses Addresses `yaml:"addresses"`
	Life      Life      `yaml:"life"`
	// Regions are those in which they may stand, by cloud, with how many fit into each by the account's quotas.
	Regions map[string]map[string]int `yaml:"regions"`
}

// Addresses are cut into plans of one size.
type Addresses struct {
	Block netip.Prefix `yaml:"block"`
	Bits  int          `yaml:"bits"` // of each plan
}

// Life is how long an environment lives if nothing is said, and at most.
type Life struct {
	Usual time.Duration `yaml:"usual"`
	Most  time.Duration `yaml:"most"`
}

// ownerForm is what a tag, a label and the name of a person at a forge may all be.
var ownerForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,37}[a-z0-9])?$`)

// OwnerAllowed says so.
const OwnerAllowed = "1 to 39 lower-case letters, digits and dashes are allowed"

// expiresForm writes a time so that a label of Google Cloud may bear it, in which only lower-case letters, digits, dashes and
// underscores are allowed (https://cloud.google.com/resource-manager/docs/labels-overview#requirements). Tags of AWS
// and Azure, and what controllers read as key=value pairs, allow more.
const expiresForm = "2006-01-02t15-04-05z"

// The bounds of a life: less than an hour is not worth building for, and a month is no longer ephemeral.
const shortestLife, longestLife = time.Hour, 31 * 24 * time.Hour

// prefixForm leaves most of a name's characters.
var prefixForm = regexp.MustCompile(`^[a-z][a-z0-9]{0,8}-$`)

// planBits are those of an address plan: what the network of any environment may have.
var planBits = limit.Range{Least: 16, Most: 20}

// Plans are the address plans of the pool, in order.
func (a Addresses) Plans() []netip.Prefix {
	if !a.Block.IsValid() || !a.Block.Addr().Is4() || a.Bits < a.Block.Bits() || a.Bits > 32 {
		return nil
	}
	out := make([]netip.Prefix, 0, 1<<(a.Bits-a.Block.Bits()))
	for at := a.Block.Masked().Addr(); a.Block.Contains(at) && len(out) < cap(out); {
		plan := netip.PrefixFrom(at, a.Bits)
		out = append(out, plan)
		at = after(plan)
	}
	return out
}

// after is the first address behind a range.
func after(p netip.Prefix) netip.Addr {
	b := p.Addr().As4()
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	n += 1 << (32 - p.Bits())
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// PoolOf reads the pool from the mould's file and judges it beside the committed environments.
func PoolOf(stacks fs.FS) (EphemeralPool, error) {
	p, found, err := statedPool(stacks)
	if err != nil {
		return p, err
	}
	if len(found) == 0 {
		var s Settings
		if s, err = Stated(stacks, Mould); err != nil {
			return p, err
		}
		others, err := plans(stacks, Mould)
		if err != nil {
			return p, err
		}
		f := faults(found)
		p.validate(&f, s, others)
		found = f
	}
	if len(found) > 0 {
		return p, fmt.Errorf("%s has faults:\n%w", FileOf(Mould), strict.Join(found))
	}
	return p, nil
}

// statedPool is what the mould's file says of the pool.
func statedPool(stacks fs.FS) (p EphemeralPool, faults []error, err error) {
	file, err := readStack(stacks, FileOf(Mould))
	if err != nil {
		return p, nil, err
	}
	node, ok := file.Config[PoolKey]
	if !ok {
		return p, nil, fmt.Errorf("%s: config: %s is missing", FileOf(Mould), PoolKey)
	}
	raw, err := yaml.Marshal(&node)
	if err != nil {
		return p, nil, fmt.Errorf("%s: %w", FileOf(Mould), err)
	}
	for _, f := range strict.Decode(raw, &p) {
		faults = append(faults, fmt.Errorf("%s: %w", PoolKey, f))
	}
	return p, faults, nil
}

func (p EphemeralPool) validate(f *faults, mould Settings, others []Plan) {
	at := PoolKey + ": "
	a := p.Addresses
	if !prefixForm.MatchString(p.Prefix) {
		f.add(at+"prefix", p.Prefix, "1 to 9 lower-case letters and digits and a dash are allowed, as pr-")
	}
	between(f, at+"addresses.bits", a.Bits, planBits)
	if !a.Block.Addr().Is4() || a.Block != a.Block.Masked() || a.Block.Bits() < 8 || a.Block.Bits() > a.Bits {
		f.add(at+"addresses.block", a.Block, "an IPv4 range of /8 to /%d without host bits is allowed", a.Bits)
	}
	for _, other := range others {
		if other.Pool || other.Environment == mould.Environment {
			continue
		}
		if strings.HasPrefix(other.Environment, p.Prefix) {
			f.add(at+"prefix", p.Prefix, "one with which no committed environment begins is allowed, and %s does", other.Environment)
		}
		if cidr.Overlaps(a.Block, other.CIDR) {
			f.add(at+"addresses.block", a.Block, "it overlaps %s of environment %s", other.CIDR, other.Environment)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(mould.Network.Reserved)) {
		if cidr.Overlaps(a.Block, mould.Network.Reserved[name]) {
			f.add(at+"addresses.block", a.Block, "it overlaps %s, which is reserved for %s", mould.Network.Reserved[name], name)
		}
	}
	if p.Life.Usual < shortestLife || p.Life.Usual > p.Life.Most {
		f.add(at+"life.usual", p.Life.Usual, "%s to %s is allowed", shortestLife, p.Life.Most)
	}
	if p.Life.Most > longestLife {
		f.add(at+"life.most", p.Life.Most, "at most %s is allowed", longestLife)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Regions)) {
		on, ok := clouds[name]
		if !ok {
			f.add(at+"regions", name, "one of %v is allowed", slices.Sorted(maps.Keys(clouds)))
			continue
		}
		for _, region := range slices.Sorted(maps.Keys(p.Regions[name])) {
			oneOf(f, at+"regions."+name, region, on.regions[mould.Residency])
			if fit := p.Regions[name][region]; fit < 1 {
				f.add(at+"regions."+name+"."+region, fit, "at least 1 is allowed")
			}
		}
	}
	if mould.Tier != EphemeralTier {
		f.add("tier", mould.Tier, "%s is allowed: environments of other tiers do not come and go by a command", EphemeralTier)
	}
}

// validateEphemeral wants of an environment that lives for some hours that nothing keeps it from going, and that it stands
// where nothing else does.
func (s Settings) validateEphemeral(f *faults, others []Plan) {
	e := s.Ephemeral
	if e == nil {
		return
	}
	if s.Tier != EphemeralTier {
		f.add("tier", s.Tier, "%s is allowed: an environment that matters more does not go by itself", EphemeralTier)
	}
	if !naming.IsKebab(s.Environment) {
		f.add("stack", s.Environment, "%s", naming.Kebab)
	}
	if !ownerForm.MatchString(e.Owner) {
		f.add("ephemeral.owner", e.Owner, OwnerAllowed)
	}
	if e.Expires.IsZero() {
		f.add("ephemeral.expires", "", "a time is allowed, as 2026-12-31T18:00:00Z")
	}
	for path, protected := range map[string]bool{
		"cluster.deleteProtection": s.Cluster.DeleteProtection, "database.deleteProtection": s.Database.DeleteProtection,
		"documents.deleteProtection": s.Documents.DeleteProtection, "database.finalSnapshot": s.Database.FinalSnapshot,
		"lifecycle.protected": s.Lifecycle.Protected,
	} {
		if protected {
			f.add(path, true, "false is allowed: the environment must be gone when its time is over")
		}
	}
	if s.Gateway.Label != s.Environment {
		f.add("gateway.label", s.Gateway.Label, "%s is allowed: others have the same domain", s.Environment)
	}
	if s.Trail != nil {
		f.add("trail", "given", "nothing is allowed: an account's trail outlives this environment")
	}
	if s.Guardrails != nil {
		f.add("guardrails", "given", "nothing is allowed: an account's guardrails outlive this environment")
	}
	own := account(s.Catalog, s.Cloud, s.LandingZone)
	for _, other := range others {
		if other.Environment != Mould && own != "" && account(s.Catalog, other.Cloud, other.LandingZone) == own {
			f.add("landingZone", s.LandingZone, "one without committed environments is allowed, and %s is in it: what is tried here could act as what is there", other.Environment)
		}
	}
	s.validateTaken(f, others)
}

// validateTaken wants the address plan to be one of the pool's: only of these it is known who has which.
func (s Settings) validateTaken(f *faults, others []Plan) {
	for _, other := range others {
		if other.Pool && !slices.Contains(other.Plans, s.Network.CIDR) {
			f.add("network.cidr", s.Network.CIDR, "one of the pool's plans is allowed: a /%d of %s", other.Bits, other.CIDR)
		}
	}
}

// pooled is what no committed environment may take of the pool.
func pooled(stacks fs.FS) ([]Plan, error) {
	p, found, err := statedPool(stacks)
	if err != nil || len(found) > 0 {
		// A file without a pool, or with faults in it, is its own environment's fault.
		return nil, nil //nolint:nilerr
	}
	return []Plan{{Environment: Mould, CIDR: p.Addresses.Block, Pool: true, Bits: p.Addresses.Bits, Plans: p.Addresses.Plans()}}, nil
}

// Cast is what an environment that lives for some hours differs in from its mould.
type Cast struct {
	Name, Cloud, Region string
	Plan                netip.Prefix
	Owner               string
	Expires             time.Time // at the latest
	Services            []string  // all if none is named
}

// FileFor is the file of an environment cast in the mould, as a Pulumi.<name>.yaml.
func FileFor(stacks fs.FS, c Cast) ([]byte, error) {
	file, err := readStack(stacks, FileOf(Mould))
	if err != nil {
		return nil, err
	}
	raw, err := file.environment(FileOf(Mould))
	if err != nil {
		return nil, err
	}
	said := map[string]any{}
	if err := yaml.Unmarshal(raw, &said); err != nil {
		return nil, fmt.Errorf("%s: %w", FileOf(Mould), err)
	}
	set := func(value any, path ...string) {
		at := said
		for _, key := range path[:len(path)-1] {
			inner, ok := at[key].(map[string]any)
			if !ok {
				inner = map[string]any{}
				at[key] = inner
			}
			at = inner
		}
		at[path[len(path)-1]] = value
	}
	set(c.Cloud, "cloud")
	set(c.Region, "region")
	set(c.Plan.String(), "network", "cidr")
	set(c.Name, "gateway", "label")
	set(Mould, "delivery", "folder")
	set(map[string]any{"owner": c.Owner, "expires": c.Expires.UTC().Format(time.RFC3339)}, "ephemeral")
	if len(c.Services) > 0 {
		set(c.Services, "services")
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(map[string]any{"config": map[string]any{Key: said}}); err != nil {
		return nil, fmt.Errorf("write the file of %s: %w", c.Name, err)
	}
	return out.Bytes(), nil
}

// CheckCast finds what is wrong with what was asked for, before anything is claimed; the rest is judged when the file is
// read.
func CheckCast(stacks fs.FS, p EphemeralPool, life time.Duration, c Cast) error {
	f := &faults{}
	if life < shortestLife || life > p.Life.Most {
		f.add("ttl", life, "%s to %s is allowed", shortestLife, p.Life.Most)
	}
	if !stackName.MatchString(c.Name) || !naming.IsKebab(c.Name) {
		f.add("name", c.Name, "2 to 20 characters, %s: the name begins every resource's name", naming.Kebab)
	}
	if !strings.HasPrefix(c.Name, p.Prefix) {
		f.add("name", c.Name, "a name that begins with %s is allowed", p.Prefix)
	}
	if _, err := fs.Stat(stacks, FileOf(c.Name)); err == nil {
		f.add("name", c.Name, "a name is allowed that no committed environment has: %s is one", FileOf(c.Name))
	}
	if !ownerForm.MatchString(c.Owner) {
		f.add("owner", c.Owner, OwnerAllowed)
	}
	if _, ok := p.Regions[c.Cloud]; !ok {
		f.add("cloud", c.Cloud, "one of %v is allowed", slices.Sorted(maps.Keys(p.Regions)))
	} else if _, ok := p.Regions[c.Cloud][c.Region]; c.Region != "" && !ok {
		f.add("region", c.Region, "one of %v is allowed", slices.Sorted(maps.Keys(p.Regions[c.Cloud])))
	}
	all, err := catalog.Load()
	if err != nil {
		return err
	}
	_, unknown := all.Only(c.Services)
	for _, name := range unknown {
		f.add("services", name, "one of %s is allowed", strings.Join(all.Names(), ", "))
	}
	return strict.Join(*f)
}

// Taken are the address plans of all committed environments.
func Taken(stacks fs.FS) ([]netip.Prefix, error) {
	committed, err := plans(stacks, "")
	if err != nil {
		return nil, err
	}
	var out []netip.Prefix
	for _, plan := range committed {
		if !plan.Pool {
			out = append(out, plan.CIDR)
		}
	}
	return out, nil
}
