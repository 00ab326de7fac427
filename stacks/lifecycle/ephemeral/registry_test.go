package ephemeral_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"platform/components/cidr"
	"platform/stacks/config"
	"platform/stacks/lifecycle/ephemeral"
)

// memory is a backend. Each of its steps asks first whether it may go on, so that a test orders the steps of several runs, and
// lets one die between two.
type memory struct {
	stacks map[string]map[string]string // tags by project and stack
	locks  map[string]int
	step   func(context.Context) error
	// atomic makes stacks at once, as Pulumi Cloud does. A bucket does it between two looks at a lock, by which two who come at once
	// may both be refused.
	atomic bool
}

var errDied = errors.New("the run died")

func (m *memory) Stacks(ctx context.Context, project, tag, value string) ([]ephemeral.Stack, error) {
	if err := m.step(ctx); err != nil {
		return nil, err
	}
	var out []ephemeral.Stack
	for _, key := range slices.Sorted(maps.Keys(m.stacks)) {
		if name, ok := strings.CutPrefix(key, project+"/"); ok && (tag == "" || m.stacks[key][tag] == value) {
			resources := 0
			if m.stacks[key]["built"] != "" {
				resources = 1
			}
			out = append(out, ephemeral.Stack{Name: name, Resources: resources})
		}
	}
	return out, nil
}

func (m *memory) Create(ctx context.Context, project, stack string) (bool, error) {
	key := project + "/" + stack
	if err := m.step(ctx); err != nil {
		return false, err
	}
	if !m.atomic {
		// Others' locks are looked for before and after one's own is written
		// (https://github.com/pulumi/pulumi/blob/v3.257.0/pkg/backend/diy/lock.go).
		if m.locks[key] > 0 {
			return false, nil
		}
		if err := m.step(ctx); err != nil {
			return false, err
		}
		m.locks[key]++
		defer func() { m.locks[key]-- }()
		if err := m.step(ctx); err != nil {
			return false, err
		}
		if m.locks[key] > 1 {
			return false, nil
		}
		if _, taken := m.stacks[key]; taken {
			return false, nil
		}
		if err := m.step(ctx); err != nil {
			return false, err
		}
	}
	if _, taken := m.stacks[key]; taken {
		return false, nil
	}
	m.stacks[key] = map[string]string{}
	return true, nil
}

func (m *memory) Remove(ctx context.Context, project, stack string) error {
	if err := m.step(ctx); err != nil {
		return err
	}
	delete(m.stacks, project+"/"+stack)
	return nil
}

func (m *memory) Tags(ctx context.Context, project, stack string) (map[string]string, error) {
	if err := m.step(ctx); err != nil {
		return nil, err
	}
	return maps.Clone(m.stacks[project+"/"+stack]), nil
}

func (m *memory) SetTag(ctx context.Context, project, stack, tag, value string) error {
	if err := m.step(ctx); err != nil {
		return err
	}
	tags, ok := m.stacks[project+"/"+stack]
	if !ok {
		return fmt.Errorf("no stack named %s", stack)
	}
	tags[tag] = value
	return nil
}

func free(context.Context) error { return nil }

// files are the committed environments, with a pool of so many plans of which the mould has the first.
func files(t *testing.T, bits int) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for _, name := range []string{"ephemeral", "dev-aws", "prod-aws"} {
		raw, err := os.ReadFile("../../Pulumi." + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(raw), "block: 10.128.0.0/12", fmt.Sprintf("block: 10.128.0.0/%d", bits), 1)
		out[config.FileOf(name)] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

var begun = time.Date(2040, 11, 26, 8, 0, 0, 0, time.UTC)

func registry(t *testing.T, m *memory, bits int, now *time.Time) ephemeral.Registry {
	t.Helper()
	r, err := ephemeral.NewRegistry(m, files(t, bits), func() time.Time { return *now })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func asked(name, cloud string, now time.Time, life time.Duration) ephemeral.Record {
	return ephemeral.Record{Name: name, Cloud: cloud, Owner: "octocat", Created: now, Expires: now.Add(life)}
}

// disjoint wants plans of the pool that neither each other nor a committed environment has.
func disjoint(t *rapid.T, r ephemeral.Registry, committed []netip.Prefix, living map[string]netip.Prefix) {
	t.Helper()
	for name, plan := range living {
		if !slices.Contains(r.Pool.Addresses.Plans(), plan) {
			t.Fatalf("%s has %s, which is no plan of the pool", name, plan)
		}
		for other, taken := range living {
			if name != other && cidr.Overlaps(plan, taken) {
				t.Fatalf("%s and %s have %s and %s", name, other, plan, taken)
			}
		}
		for _, taken := range committed {
			if cidr.Overlaps(plan, taken) {
				t.Fatalf("%s has %s, which is of a committed environment", name, plan)
			}
		}
	}
}

// TestPlansNeverOverlap lets environments come, be prolonged, go and be reaped in any order, and runs die at any step. The pool
// has sixteen plans, of which fifteen can be given.
func TestPlansNeverOverlap(t *testing.T) {
	var now time.Time
	r := registry(t, nil, 16, &now)
	committed, err := config.Taken(r.Stacks)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		now = begun
		m := &memory{stacks: map[string]map[string]string{}, locks: map[string]int{}, step: free, atomic: rapid.Bool().Draw(t, "atomic")}
		r.Backend = m
		living := map[string]netip.Prefix{}
		for range rapid.IntRange(5, 40).Draw(t, "steps") {
			name := fmt.Sprintf("pr-%d", rapid.IntRange(1, 20).Draw(t, "name"))
			// A run that dies does so at one of its first steps; others live.
			dies := rapid.IntRange(-20, 14).Draw(t, "dies")
			m.step = func(context.Context) error {
				if dies--; dies == 0 {
					return errDied
				}
				return nil
			}
			switch rapid.SampledFrom([]string{"up", "up", "up", "extend", "down", "reap", "wait"}).Draw(t, "what") {
			case "up":
				known, _, err := r.Enter(ctx, asked(name, rapid.SampledFrom([]string{"aws", "azure", "gcp"}).Draw(t, "cloud"), now, 8*time.Hour))
				if err == nil {
					if had, there := living[name]; there && had != known.Plan {
						t.Fatalf("%s had %s, and has %s", name, had, known.Plan)
					}
					living[name] = known.Plan
					m.stacks["platform/"+name]["built"] = "yes"
				}
			case "extend":
				before, unknown := r.Get(ctx, name)
				if after, err := r.Prolong(ctx, name, time.Duration(rapid.IntRange(-5, 80).Draw(t, "by"))*time.Hour); err == nil && unknown == nil {
					if !after.Expires.After(before.Expires) || after.Expires.After(after.Created.Add(r.Pool.Life.Most)) || before.Expired(now) {
						t.Fatalf("prolonged from %s to %s at %s", before.Expires, after.Expires, now)
					}
				}
			case "down":
				if known, err := r.Get(ctx, name); err == nil {
					delete(living, name) // as it is destroyed before it is left
					delete(m.stacks["platform/"+name], "built")
					_ = r.Leave(ctx, known)
				}
			case "reap":
				records, _ := r.Records(ctx)
				for _, known := range records {
					if known.Due(now) {
						delete(living, known.Name)
						delete(m.stacks["platform/"+known.Name], "built")
						_ = r.Leave(ctx, known)
					}
				}
				_, _ = r.Sweep(ctx)
			case "wait":
				now = now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "minutes")) * time.Minute)
			}
			disjoint(t, r, committed, living)
		}
		// Whatever died on the way: when all time is over, everything can be given again.
		m.step, now = free, now.Add(1000*time.Hour)
		records, err := r.Records(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, known := range records {
			if err := r.Leave(ctx, known); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		for key := range m.stacks {
			// Who died between making the stack and writing that it lives for some hours has left an empty one, which is not known as such.
			if strings.HasPrefix(key, "platform-plans/") || len(m.stacks[key]) > 0 {
				t.Fatalf("%s is left: %v", key, m.stacks[key])
			}
		}
	})
}

// TestPlansOfThoseWhoComeAtOnceNeverOverlap orders the single steps of several runs in any way.
func TestPlansOfThoseWhoComeAtOnceNeverOverlap(t *testing.T) {
	now := begun
	r := registry(t, nil, 17, &now) // seven can be given
	committed, err := config.Taken(r.Stacks)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		m := &memory{stacks: map[string]map[string]string{}, locks: map[string]int{}, atomic: rapid.Bool().Draw(t, "atomic")}
		r.Backend = m
		many := rapid.IntRange(2, 5).Draw(t, "many")
		type turn struct {
			who int
			may chan bool
		}
		type who struct{}
		waiting, ended := make(chan turn), make(chan ephemeral.Record, many)
		m.step = func(ctx context.Context) error {
			mine := turn{ctx.Value(who{}).(int), make(chan bool)}
			waiting <- mine
			<-mine.may
			return nil
		}
		for i := range many {
			go func() {
				known, _, err := r.Enter(context.WithValue(context.Background(), who{}, i), asked(fmt.Sprintf("pr-%d", i), "aws", now, time.Hour))
				if err != nil {
					known = ephemeral.Record{}
				}
				ended <- known
			}()
		}
		living, running := map[string]netip.Prefix{}, many
		var turns []turn
		for running > 0 {
			// All that run come to their next step, or to their end.
			for len(turns) < running {
				select {
				case next := <-waiting:
					turns = append(turns, next)
				case known := <-ended:
					running--
					if known.Name != "" {
						living[known.Name] = known.Plan
					}
				}
			}
			if running == 0 {
				break
			}
			// In whatever order they came: equal draws are to mean equal runs.
			slices.SortFunc(turns, func(a, b turn) int { return a.who - b.who })
			i := rapid.IntRange(0, len(turns)-1).Draw(t, "next")
			next := turns[i]
			turns = slices.Delete(turns, i, i+1)
			close(next.may)
		}
		disjoint(t, r, committed, living)
		// Who got none, because they were in each other's way, gets one alone.
		m.step = free
		for i := range many {
			name := fmt.Sprintf("pr-%d", i)
			if _, got := living[name]; got {
				continue
			}
			known, _, err := r.Enter(context.Background(), asked(name, "aws", now, time.Hour))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			living[name] = known.Plan
		}
		disjoint(t, r, committed, living)
	})
}

// TestNothingElseIsTouched shows the registry stacks that look like environments of some hours: none of them is one, and none
// is changed by whatever is asked of it.
func TestNothingElseIsTouched(t *testing.T) {
	now := begun
	r := registry(t, nil, 16, &now)
	whole := `{"owner":"octocat","created":"2020-01-01T00:00:00Z","expires":"2020-01-02T00:00:00Z"}`
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		m := &memory{stacks: map[string]map[string]string{
			"platform/prod-aws":  {"platform:ephemeral": whole, "platform:plan": "10.128.16.0/20", "built": "yes"}, // committed
			"platform/ephemeral": {"platform:ephemeral": whole, "built": "yes"},                                    // the mould itself
			"platform/pr-1":      {"built": "yes"},                                                                 // no record
			"platform/pr-2":      {"expires": "2020-01-01T00:00:00Z", "platform:place": "aws/eu-central-1", "built": "yes"},
			"platform/pr-3":      {"platform:ephemeral": rapid.SampledFrom([]string{"", "yes", "{}", `{"owner":"octocat"}`, whole + "x", `{"owner":"octocat","created":"2020-01-03T00:00:00Z","expires":"2020-01-02T00:00:00Z"}`, strings.Replace(whole, "{", `{"more":1,`, 1)}).Draw(t, "record"), "built": "yes"},
			"other/pr-4":         {"platform:ephemeral": whole, "built": "yes"}, // of another project
		}, locks: map[string]int{}, step: free}
		before := map[string]map[string]string{}
		for key, tags := range m.stacks {
			before[key] = maps.Clone(tags)
		}
		r.Backend = m
		records, _ := r.Records(ctx)
		if len(records) > 0 {
			t.Fatalf("%v are taken for environments of some hours", records)
		}
		for _, name := range []string{"prod-aws", "ephemeral", "pr-1", "pr-2", "pr-3", "pr-4"} {
			if known, err := r.Get(ctx, name); err == nil {
				t.Fatalf("%s is taken for one: %v", name, known)
			}
			if _, err := r.Prolong(ctx, name, time.Hour); err == nil {
				t.Fatalf("%s was prolonged", name)
			}
			if name == "pr-4" {
				continue // its name is free in the project of environments
			}
			if known, made, err := r.Enter(ctx, asked(name, "aws", now, time.Hour)); err == nil || made {
				t.Fatalf("%s was entered: %v", name, known)
			}
		}
		if _, err := r.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if !maps.EqualFunc(before, m.stacks, maps.Equal) {
			t.Fatalf("stacks are\n%v\nand were\n%v", m.stacks, before)
		}
	})
}

func TestARegionHoldsAsManyAsItMay(t *testing.T) {
	ctx, now := context.Background(), begun
	m := &memory{stacks: map[string]map[string]string{}, locks: map[string]int{}, step: free}
	r := registry(t, m, 12, &now)
	there := map[string]int{}
	for i := range 15 {
		known, _, err := r.Enter(ctx, asked(fmt.Sprintf("pr-%d", i), "aws", now, time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		there[known.Region]++
	}
	if want := map[string]int{"eu-central-1": 5, "eu-north-1": 5, "eu-west-1": 5}; !maps.Equal(there, want) {
		t.Errorf("%v, want %v", there, want)
	}
	_, _, err := r.Enter(ctx, asked("pr-15", "aws", now, time.Hour))
	want := "no region of aws has room: eu-central-1 (5), eu-north-1 (5), eu-west-1 (5): end an environment that is not needed, or raise the account's quotas and then regions in Pulumi.ephemeral.yaml"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
