package ephemeral

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"platform/components/cidr"
	"platform/components/tags"
	"platform/stacks/lifecycle/ephemeral"
	"platform/tests/cloud"
)

// many is how many environments live at once, and together how many are brought up at once: two cores do not do more.
const many, together = 20, 2

// deaths is how often a reap is killed, and farthest the last deletion at which it may be.
const deaths, farthest = 6, 200

// cloudOf is where an environment stands: one on Google Cloud, where a project holds no more, and the others by halves.
func cloudOf(i int) string {
	if i == 2 {
		return "gcp"
	}
	return []string{"aws", "azure"}[i%2]
}

// asked are the environments by name. Those that are to go early live for the shortest time.
func asked(now time.Time) []ephemeral.Record {
	var out []ephemeral.Record
	for i := range many {
		life := 2 * time.Hour
		if i%3 != 0 && i < 12 || i == 0 {
			life = time.Hour
		}
		out = append(out, ephemeral.Record{
			Name: fmt.Sprintf("pr-%d", 100+i), Cloud: cloudOf(i), Owner: "octocat",
			Created: now, Expires: now.Add(life), Services: []string{"accounts"},
		})
	}
	return out
}

// TestManyLiveAtOnceAndGoWhenTheirTimeIsOver brings twenty environments up on three clouds, prolongs one, reaps those whose
// time is over with runs that are killed on the way and one that finishes it, and in the end the others.
func TestManyLiveAtOnceAndGoWhenTheirTimeIsOver(t *testing.T) {
	t.Parallel()
	ctx, a := context.Background(), newAccount(t)
	all := asked(a.now)
	begun := time.Now()
	built := bringUp(t, a, all)
	t.Logf("%d environments of %d objects came up in %s", many, len(cloud.Left(a.cloud.Inventory())), time.Since(begun).Round(time.Second))
	living(t, a, all, built)

	// One of those that would go is prolonged.
	v, _ := a.verbs(t, false)
	prolonged := all[0]
	if _, err := v.Extend(ctx, prolonged.Name, 90*time.Minute); err != nil {
		t.Fatal(err)
	}
	var stay, gone []string
	for _, r := range all {
		if r.Expires.Sub(r.Created) == time.Hour && r.Name != prolonged.Name {
			gone = append(gone, r.Name)
		} else {
			stay = append(stay, r.Name)
		}
	}
	before := map[string][]*cloud.Object{}
	for _, name := range stay {
		before[name] = of(name, a.cloud.Inventory())
	}

	// A little after their end nobody is reaped who may just have been prolonged; then runs are killed in the middle.
	a.now = a.now.Add(time.Hour + 5*time.Minute)
	if reaped, err := v.Reap(ctx, ""); err != nil || len(reaped.Ended)+len(reaped.Failed) > 0 {
		t.Fatalf("reaped too early: %+v (%v)", reaped, err)
	}
	a.now = a.now.Add(10 * time.Minute)
	begun = time.Now()
	random := rand.New(rand.NewPCG(7, 0))
	for death := range deaths {
		killed(t, a, 1+random.IntN(farthest), []cloud.FaultKind{cloud.DeadAfter, cloud.DeadBefore}[death%2])
	}
	v, told := a.verbs(t, true)
	reaped, err := v.Reap(ctx, "")
	if err != nil || len(reaped.Failed) > 0 {
		t.Fatalf("%+v: %v\n%s", reaped, err, told.tail())
	}
	t.Logf("%d were reaped, over %d killed runs, in %s", len(gone), deaths, time.Since(begun).Round(time.Second))
	for _, name := range gone {
		if left := of(name, cloud.Left(a.cloud.Inventory())); len(left) > 0 {
			t.Errorf("of %s are left %v", name, names(left))
		}
	}
	for _, name := range stay {
		if d := cloud.Difference(before[name], of(name, a.cloud.Inventory())); len(d) > 0 {
			t.Errorf("%s is not as it was:\n%.2000s", name, strings.Join(d, "\n"))
		}
	}
	if listed := list(t, v); !slices.Equal(listed, stay) {
		t.Errorf("%v live on, want %v", listed, stay)
	}

	// When all time is over the account is as it was before the first, and every plan free.
	a.now = a.now.Add(100 * time.Hour)
	v, told = a.verbs(t, false)
	if reaped, err := v.Reap(ctx, ""); err != nil || !slices.Equal(reaped.Ended, stay) {
		t.Fatalf("%+v: %v\n%s", reaped, err, told.tail())
	}
	for _, o := range cloud.Left(a.cloud.Inventory()) {
		t.Errorf("left: %s", o)
	}
	if claims, err := v.Backend.Stacks(ctx, "platform-plans", "", ""); err != nil || len(claims) > 0 {
		t.Errorf("plans %v are not free (%v)", claims, err)
	}
}

func bringUp(t *testing.T, a *account, all []ephemeral.Record) map[string]ephemeral.Built {
	t.Helper()
	var mu sync.Mutex
	var ups sync.WaitGroup
	built, next := map[string]ephemeral.Built{}, make(chan ephemeral.Record)
	for range together {
		ups.Go(func() {
			for r := range next {
				v, told := a.verbs(t, false)
				up, err := v.Up(context.Background(), r)
				if err != nil {
					t.Errorf("%s: %v\n%s", r.Name, err, told.tail())
					continue
				}
				mu.Lock()
				built[r.Name] = up
				mu.Unlock()
			}
		})
	}
	for _, r := range all {
		next <- r
	}
	close(next)
	ups.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return built
}

// living compares what is listed, told and built with what was asked for.
func living(t *testing.T, a *account, all []ephemeral.Record, built map[string]ephemeral.Built) {
	t.Helper()
	v, _ := a.verbs(t, false)
	listed, err := v.List(context.Background())
	if err != nil || len(listed) != len(all) {
		t.Fatalf("%d are listed, want %d (%v)", len(listed), len(all), err)
	}
	for i, e := range listed {
		r, up := all[i], built[e.Name]
		if e.Name != r.Name || e.State != "living" || e.Cloud != r.Cloud || e.Owner != r.Owner || !e.Expires.Equal(r.Expires) || e.Plan != up.Plan {
			t.Errorf("listed is %+v, built %+v, asked for was %+v", e, up.Living, r)
		}
		for _, other := range listed[:i] {
			if cidr.Overlaps(e.Plan, other.Plan) {
				t.Errorf("%s and %s have %s and %s", e.Name, other.Name, e.Plan, other.Plan)
			}
		}
		if host := up.URLs["mobile"]; !strings.Contains(host, "mobile-"+e.Name+".ephemeral.") {
			t.Errorf("%s: the door of mobile is %q", e.Name, host)
		}
		if up.Credentials == "" {
			t.Errorf("%s: nothing opens its cluster", e.Name)
		}
		bearTags(t, r, of(e.Name, a.cloud.Inventory()))
	}
}

// bearTags wants everything that says whose environment it is of to say who asked for it and when it is gone.
func bearTags(t *testing.T, r ephemeral.Record, objects []*cloud.Object) {
	t.Helper()
	const latest = "2040-11-29t08-00-00z" // three days after it was made
	bearing := 0
	for _, o := range objects {
		if o.Tags[tags.Environment] != r.Name {
			continue
		}
		bearing++
		if o.Tags[tags.Owner] != r.Owner || o.Tags[tags.Expires] != latest {
			t.Errorf("%s: %s has owner %q and expires %q, want %s and %s", r.Name, o, o.Tags[tags.Owner], o.Tags[tags.Expires], r.Owner, latest)
		}
	}
	if bearing < 20 {
		t.Errorf("%s: %d objects say whose they are", r.Name, bearing)
	}
}

// killed is a reap that dies with the engine at its nth deletion, before the cloud did it, or after that and before the engine heard
// of it.
func killed(t *testing.T, a *account, nth int, kind cloud.FaultKind) {
	t.Helper()
	ctx, die := context.WithCancel(context.Background())
	defer die()
	v, told := a.verbs(t, true)
	a.cloud.Faults.Set(&cloud.Fault{Kind: kind, Op: "Delete", Nth: nth, Kill: func() {
		die()
		a.engine.Kill()
	}})
	if reaped, err := v.Reap(ctx, ""); err == nil {
		t.Fatalf("the run survived its death: %+v\n%s", reaped, told.tail())
	}
	if a.cloud.Faults.Pending() != 0 {
		t.Fatalf("deletion %d never came", nth)
	}
	a.cloud.Faults.Set()
}

func list(t *testing.T, v ephemeral.Verbs) []string {
	t.Helper()
	listed, err := v.List(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range listed {
		out = append(out, e.Name)
	}
	return out
}
