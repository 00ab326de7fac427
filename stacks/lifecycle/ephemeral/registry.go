package ephemeral

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"platform/components/cidr"
	"platform/components/naming"
	"platform/stacks/config"
	"platform/stacks/lifecycle/status"
)

// Registry is who lives where, in a backend.
type Registry struct {
	Backend Backend
	Pool    config.EphemeralPool
	// Stacks is the folder of the committed environments, whose names and plans are nobody else's.
	Stacks fs.FS
	Now    func() time.Time

	committed []netip.Prefix
}

// NewRegistry reads the pool and the committed environments.
func NewRegistry(backend Backend, stacks fs.FS, now func() time.Time) (Registry, error) {
	pool, err := config.PoolOf(stacks)
	if err != nil {
		return Registry{}, err
	}
	committed, err := config.Taken(stacks)
	return Registry{Backend: backend, Pool: pool, Stacks: stacks, Now: now, committed: committed}, err
}

// readers is how many stacks are asked for their tags at once.
const readers = 4

// Records are those of all environments, by name. What is wrong with one is told beside the others.
func (r Registry) Records(ctx context.Context) ([]Record, error) {
	all, err := r.Backend.Stacks(ctx, environments, "", "")
	if err != nil {
		return nil, fmt.Errorf("list the stacks: %w", err)
	}
	records, faults := make([]*Record, len(all)), make([]error, len(all))
	next := make(chan int)
	var readings sync.WaitGroup
	for range readers {
		readings.Go(func() {
			for i := range next {
				records[i], faults[i] = r.of(ctx, all[i].Name)
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	readings.Wait()
	var out []Record
	for _, record := range records {
		if record != nil {
			out = append(out, *record)
		}
	}
	return out, errors.Join(faults...)
}

// of is a stack's record; nil if it has none, or has the name of a committed environment, which is not ephemeral whatever
// its tags say.
func (r Registry) of(ctx context.Context, name string) (*Record, error) {
	if r.named(name) {
		return nil, nil
	}
	tags, err := r.Backend.Tags(ctx, environments, name)
	if err != nil {
		return nil, err
	}
	record, found, err := read(name, tags)
	if err != nil || !found {
		return nil, err
	}
	return &record, nil
}

// named says whether a committed environment has a name.
func (r Registry) named(name string) bool {
	_, err := fs.Stat(r.Stacks, config.FileOf(name))
	return err == nil
}

// ErrNone is that there is no environment of a name.
var ErrNone = errors.New("no environment that lives for some hours has this name")

// Get is the record of one environment.
func (r Registry) Get(ctx context.Context, name string) (Record, error) {
	record, _, err := r.get(ctx, name)
	return record, err
}

// get tells besides whether anything was built of it.
func (r Registry) get(ctx context.Context, name string) (record Record, built bool, err error) {
	all, err := r.Backend.Stacks(ctx, environments, "", "")
	if err != nil {
		return record, false, fmt.Errorf("list the stacks: %w", err)
	}
	i := slices.IndexFunc(all, func(s Stack) bool { return s.Name == name })
	if i < 0 {
		return record, false, status.Refuse(fmt.Errorf("%s: %w", name, ErrNone))
	}
	known, err := r.of(ctx, name)
	switch {
	case err != nil:
		return record, false, err
	case known == nil:
		return record, false, status.Refuse(fmt.Errorf("%s: %w: a stack has it that is not one", name, ErrNone))
	}
	return *known, all[i].Resources > 0, nil
}

// Enter makes the environment known, and gives it a place and a plan; it says whether it was unknown before. Who is killed on
// the way is known, and reaped when its time is over, or goes on with the next Enter.
func (r Registry) Enter(ctx context.Context, asked Record) (known Record, made bool, err error) {
	services, err := serviceTag(asked.Services)
	if err != nil {
		return asked, false, err
	}
	if made, err = r.Backend.Create(ctx, environments, asked.Name); err != nil {
		return asked, false, fmt.Errorf("make the stack: %w", err)
	}
	built := false
	if known = asked; made {
		known.Cloud, known.Region = "", ""
		if err := r.Backend.SetTag(ctx, environments, asked.Name, tagRecord, asked.life()); err != nil {
			return known, made, fmt.Errorf("write the record: %w", err)
		}
	} else if known, built, err = r.again(ctx, asked); err != nil {
		return known, made, err
	}
	if len(asked.Services) > 0 {
		if err := r.Backend.SetTag(ctx, environments, asked.Name, tagServices, services); err != nil {
			return known, made, fmt.Errorf("write the services: %w", err)
		}
		known.Services = strings.Split(services, ",")
	}
	if !built {
		if known, err = r.settle(ctx, known, asked); err != nil {
			return known, made, err
		}
	}
	known, err = r.plan(ctx, known, built)
	return known, made, err
}

// plan is the environment with an address plan: that which it has, or one that is free.
func (r Registry) plan(ctx context.Context, known Record, built bool) (Record, error) {
	held, err := r.held(ctx)
	if err != nil {
		return known, err
	}
	if known.Plan.IsValid() {
		if kept, err := r.keep(ctx, known, held, built); err != nil || kept {
			return known, err
		}
	}
	return r.claim(ctx, known, held)
}

// again is the record of an environment that is brought up once more.
func (r Registry) again(ctx context.Context, asked Record) (known Record, built bool, err error) {
	known, built, err = r.get(ctx, asked.Name)
	switch {
	case err != nil:
	case known.Expired(r.Now()):
		err = status.Refuse(fmt.Errorf("%s: its time was over at %s: end it with down, or let reap do it, and bring up another", known.Name, stamp(known.Expires)))
	case known.Owner != asked.Owner:
		err = status.Refuse(fmt.Errorf("%s: it is of %s, and not of %s: another name is allowed", known.Name, known.Owner, asked.Owner))
	case known.Cloud != "" && known.Cloud != asked.Cloud, known.Region != "" && asked.Region != "" && known.Region != asked.Region:
		err = status.Refuse(fmt.Errorf("%s: it is at %s: end it first, or take another name", known.Name, known.place()))
	}
	return known, built, err
}

// settle finds a region that has room. The place is written before others are counted, so that of two who come at once at
// least one sees the other.
func (r Registry) settle(ctx context.Context, known, asked Record) (Record, error) {
	fits := r.Pool.Regions[asked.Cloud]
	regions := slices.Sorted(maps.Keys(fits))
	if asked.Region != "" {
		regions = []string{asked.Region}
	}
	var full []string
	for _, region := range regions {
		known.Cloud, known.Region = asked.Cloud, region
		if err := r.Backend.SetTag(ctx, environments, known.Name, tagPlace, known.place()); err != nil {
			return known, fmt.Errorf("write the place: %w", err)
		}
		there, err := r.Backend.Stacks(ctx, environments, tagPlace, known.place())
		if err != nil {
			return known, fmt.Errorf("count who is in %s: %w", region, err)
		}
		if len(there) <= fits[region] {
			return known, nil
		}
		full = append(full, fmt.Sprintf("%s (%d)", region, fits[region]))
	}
	return known, status.Refuse(fmt.Errorf("no region of %s has room: %s: end an environment that is not needed, or raise the account's quotas and then regions in %s",
		asked.Cloud, strings.Join(full, ", "), config.FileOf(config.Mould)))
}

// claimOf is the name of a plan's claim: a stack's name takes no slash
// (https://www.pulumi.com/docs/iac/concepts/stacks/#create-stack).
func claimOf(plan netip.Prefix) string { return strings.Replace(plan.String(), "/", "-", 1) }

// held are the plans that are claimed, those of a pool that was another among them.
func (r Registry) held(ctx context.Context) ([]netip.Prefix, error) {
	all, err := r.Backend.Stacks(ctx, claims, "", "")
	if err != nil {
		return nil, fmt.Errorf("list the plans that are taken: %w", err)
	}
	var out []netip.Prefix
	for _, claim := range all {
		plan, err := netip.ParsePrefix(strings.Replace(claim.Name, "-", "/", 1))
		if err != nil {
			return nil, fmt.Errorf("project %s: stack %s is no claim of an address plan", claims, claim.Name)
		}
		out = append(out, plan)
	}
	return out, nil
}

// keep lets an environment that was brought up before have the plan that it has. One that was cut off before it had its
// claim, and of which nothing was built, takes another if somebody has this one.
func (r Registry) keep(ctx context.Context, known Record, held []netip.Prefix, built bool) (bool, error) {
	others, err := r.others(ctx, known, known.Plan)
	switch {
	case err != nil:
		return false, err
	case len(others) > 0 && built:
		return false, fmt.Errorf("%s: %s has the address plan %s, too: nothing is done until one of them is ended", known.Name, others[0], known.Plan)
	case len(others) > 0:
		return false, nil
	case slices.Contains(held, known.Plan):
		return true, nil
	}
	made, err := r.Backend.Create(ctx, claims, claimOf(known.Plan))
	if err != nil {
		return false, fmt.Errorf("claim %s: %w", known.Plan, err)
	}
	if !made && built {
		return false, fmt.Errorf("%s: its address plan %s is being claimed by somebody else: try again", known.Name, known.Plan)
	}
	return made, nil
}

// rounds is how often all plans are tried: several who come at once may have got in each other's way.
const rounds = 3

// claim gives the environment a plan that nobody has. The plan is written as the environment's before its claim is made:
// so a claim without an environment that has its plan is nobody's, and may be freed by whoever finds it. After it others are
// looked for who have it, though their claim was lost; who merely wanted it and was refused will soon want another.
func (r Registry) claim(ctx context.Context, known Record, held []netip.Prefix) (Record, error) {
	var own []netip.Prefix // claims that this one made, and gave way with
	for range rounds {
		free := r.free(held, known.Name)
		for _, plan := range slices.Concat(own, free) {
			known.Plan = plan
			if err := r.Backend.SetTag(ctx, environments, known.Name, tagPlan, plan.String()); err != nil {
				return known, fmt.Errorf("write the plan: %w", err)
			}
			if !slices.Contains(own, plan) {
				made, err := r.Backend.Create(ctx, claims, claimOf(plan))
				if err != nil {
					return known, fmt.Errorf("claim %s: %w", plan, err)
				}
				if !made {
					continue
				}
				own = append(own, plan)
			}
			if others, err := r.others(ctx, known, plan); err != nil || len(others) == 0 {
				return known, err
			}
		}
		// What is nobody's may have filled the pool. Of that is what this one gave way with, too.
		if _, err := r.Sweep(ctx); err != nil {
			return known, err
		}
		var err error
		if held, err = r.held(ctx); err != nil {
			return known, err
		}
		own = slices.DeleteFunc(own, func(plan netip.Prefix) bool { return !slices.Contains(held, plan) })
	}
	return known, status.Refuse(fmt.Errorf("no address plan is free: %d of the pool's %d are taken, as %s says: end an environment that is not needed, or widen addresses.block",
		len(held), len(r.Pool.Addresses.Plans()), config.FileOf(config.Mould)))
}

// others are the other environments that have a plan.
func (r Registry) others(ctx context.Context, known Record, plan netip.Prefix) ([]string, error) {
	having, err := r.Backend.Stacks(ctx, environments, tagPlan, plan.String())
	if err != nil {
		return nil, fmt.Errorf("ask who has %s: %w", plan, err)
	}
	var out []string
	for _, s := range having {
		if s.Name != known.Name {
			out = append(out, s.Name)
		}
	}
	return out, nil
}

// free are the plans that nobody has claimed and no committed environment has. Each environment begins elsewhere, so that
// those who come at once seldom want the same one.
func (r Registry) free(held []netip.Prefix, name string) []netip.Prefix {
	taken := slices.Concat(r.committed, held)
	var out []netip.Prefix
	for _, plan := range r.Pool.Addresses.Plans() {
		if !slices.ContainsFunc(taken, func(t netip.Prefix) bool { return cidr.Overlaps(t, plan) }) {
			out = append(out, plan)
		}
	}
	first := start(name, len(out))
	return slices.Concat(out[first:], out[:first])
}

// start is where a name begins in a list.
func start(name string, length int) int {
	if length == 0 {
		return 0
	}
	var n uint64
	_, _ = fmt.Sscanf(naming.Hash(name), "%x", &n)
	return int(n % uint64(length))
}

// Leave forgets an environment of which nothing is left, and frees its plan.
func (r Registry) Leave(ctx context.Context, known Record) error {
	if err := r.Backend.Remove(ctx, environments, known.Name); err != nil {
		return fmt.Errorf("remove the stack: %w", err)
	}
	if !known.Plan.IsValid() {
		return nil
	}
	_, err := r.release(ctx, known.Plan)
	return err
}

// release frees a plan that no environment has, and says whether it did.
func (r Registry) release(ctx context.Context, plan netip.Prefix) (bool, error) {
	having, err := r.others(ctx, Record{}, plan)
	if err != nil || len(having) > 0 {
		return false, err
	}
	if err := r.Backend.Remove(ctx, claims, claimOf(plan)); err != nil {
		return false, fmt.Errorf("free %s: %w", plan, err)
	}
	return true, nil
}

// Sweep frees the plans that no environment has, of whoever was cut off in its last moment, and names them.
func (r Registry) Sweep(ctx context.Context) (freed []netip.Prefix, err error) {
	held, err := r.held(ctx)
	if err != nil {
		return nil, err
	}
	for _, plan := range held {
		done, err := r.release(ctx, plan)
		if err != nil {
			return freed, err
		}
		if done {
			freed = append(freed, plan)
		}
	}
	return freed, nil
}

// Prolong moves the end of an environment's life, within what is allowed at most.
func (r Registry) Prolong(ctx context.Context, name string, by time.Duration) (Record, error) {
	known, err := r.Get(ctx, name)
	if err != nil {
		return known, err
	}
	most := known.Created.Add(r.Pool.Life.Most)
	until := known.Expires.Add(by)
	switch {
	case known.Expired(r.Now()):
		return known, status.Refuse(fmt.Errorf("%s: its time was over at %s: it goes with the next reap", name, stamp(known.Expires)))
	case by <= 0:
		return known, status.Refuse(fmt.Errorf("--by: value %q: more than 0s is allowed", by))
	case until.After(most):
		return known, status.Refuse(fmt.Errorf("--by: value %q: at most %s is allowed: %s goes at %s at the latest, %s after it was made",
			by, max(0, most.Sub(known.Expires)), name, stamp(most), r.Pool.Life.Most))
	}
	known.Expires = until
	if err := r.Backend.SetTag(ctx, environments, name, tagRecord, known.life()); err != nil {
		return known, fmt.Errorf("write the record: %w", err)
	}
	return known, nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
