package environments

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/stacks/catalog"
	"platform/stacks/platform"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

// A company of two services that between them ask for everything a service can ask for: what is found again
// by id, by name, by a random name and by a retained one.
const (
	shopTeams = `
platform:
  email: platform@example.com
  costCentre: "1000"
  groups: {aws: team-platform, azure: 0b0b0b0b-0000-4000-8000-000000000008, gcp: team-platform@example.com}
  alerts: {page: {kind: webhook}, ticket: {kind: webhook}}
shop:     {email: shop@example.com, costCentre: "2000", repository: "https://git.example.com/shop/deploy.git"}
`
	shopServices = `
orders:
  team: shop
  scaling: {min: 1, max: 4, cpu: 70, startup: 30s}
  requests: {milliCPU: 100, memoryMiB: 128}
  database: {size: small, connectionsPerPod: 10}
  publishes: [order-placed]
  routes: [{path: /orders, audiences: [mobile], rate: 10}]
  slo: {availability: 99.9}
  data: internal
reports:
  team: shop
  scaling: {min: 1, max: 2, cpu: 70, startup: 30s}
  requests: {milliCPU: 100, memoryMiB: 128}
  documents: true
  consumes: [order-placed]
  secrets: [mail-credentials]
  slo: {availability: 99.9}
  data: internal
`
)

// A life has so many deaths of up, and as many of destroy; the first has some of rebuild, too, each of which is a whole life of its own.
const lives, deaths, rebuildDeaths = 2, 10, 2

// TestAKilledRunIsFinishedByTheNext kills the Pulumi command itself, with the ordinary checkpoints, at seeded
// calls of up, of rebuild and of destroy, forty-two on each cloud: half of them after the cloud did the work and before the
// engine heard of it. Each run goes on where the one before it died.
func TestAKilledRunIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dev-aws", "dev-azure", "dev-gcp"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diesAndLives(t, name)
		})
	}
}

// diesAndLives compares lives full of deaths with an undisturbed one.
func diesAndLives(t *testing.T, environment string) {
	whole := shop(t, environment, false)
	if _, err := whole.e.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	want, creates := whole.e.Cloud.Inventory(), whole.calls("Create")
	if _, err := whole.e.Destroy(context.Background()); err != nil {
		t.Fatal(err)
	}
	deletes := whole.calls("Delete")
	for life := range lives {
		t.Run(fmt.Sprintf("life %d", life), func(t *testing.T) {
			t.Parallel()
			ctx, c := context.Background(), shop(t, environment, true)
			random := rand.New(rand.NewPCG(7, uint64(life)))
			c.diesOften(t, random, "Create", creates, c.e.Up)
			if d := cloud.Difference(want, c.e.Cloud.Inventory()); len(d) != 0 {
				t.Errorf("differs from an undisturbed run:\n%.3000s", strings.Join(d, "\n"))
			}
			if changes, err := c.e.Up(ctx); err != nil || len(changes) != 0 {
				t.Errorf("an up of what was finished changes %v (%v)", changes, err)
			}
			if life == 0 {
				c.rebuildsOften(t, environment, random, creates)
				if d := cloud.Difference(want, c.e.Cloud.Inventory()); len(d) != 0 {
					t.Errorf("rebuilt, it differs from an undisturbed run:\n%.3000s", strings.Join(d, "\n"))
				}
			}
			c.diesOften(t, random, "Delete", deletes, c.e.Destroy)
			for _, o := range cloud.Left(c.e.Cloud.Inventory()) {
				t.Errorf("left: %s", o)
			}
		})
	}
}

type crash struct{ e *rehearsal.Environment }

// shop prepares the company's environment. One that is to die keeps checkpoints, and takes ten times as long.
func shop(t *testing.T, environment string, mortal bool) crash {
	t.Helper()
	s := settings(t, environment)
	company, err := catalog.Parse([]byte(shopTeams), []byte(shopServices))
	if err != nil {
		t.Fatal(err)
	}
	s.Catalog = company
	s.Scaling.MaxPods = 0
	return crash{opened(t, s, rehearsal.Options{
		Dir: t.TempDir(), Out: &bytes.Buffer{}, Checkpoints: mortal,
		Program: func(ctx *pulumi.Context) error { return platform.Deploy(ctx, s) },
	})}
}

func (c crash) calls(op string) int {
	n := 0
	for _, call := range c.e.Cloud.Journal.Calls() {
		if call.Op == op {
			n++
		}
	}
	return n
}

// diesOften kills runs of one operation that makes so many calls in all, and lets the last one finish.
func (c crash) diesOften(
	t *testing.T, random *rand.Rand, op string, calls int, run func(context.Context) (rehearsal.Changes, error),
) {
	t.Helper()
	adopted, lost := 0, 0
	for death := range deaths {
		kind := []cloud.FaultKind{cloud.DeadBefore, cloud.DeadAfter}[death%2]
		// The deaths are spread over the whole operation, and leave some of it to the run that lives.
		nth := 1 + random.IntN(calls/(deaths+1))
		told := c.dies(t, op, nth, kind, run)
		if op == "Create" && kind == cloud.DeadAfter {
			lost++
			if strings.Contains(told, "adopted") {
				adopted++
			}
		}
	}
	if adopted != lost {
		t.Errorf("%d of %d creations whose answer never came were named as adopted", adopted, lost)
	}
	if _, err := run(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// rebuildsOften kills a rebuild while it takes down, and the next one while it builds, and lets the last one finish.
func (c crash) rebuildsOften(t *testing.T, environment string, random *rand.Rand, creates int) {
	t.Helper()
	again := func(ctx context.Context) (rehearsal.Changes, error) {
		var progress bytes.Buffer
		_, err := rebuilding(t, environment, c.e, &progress).Run(ctx)
		return nil, err
	}
	for death := range rebuildDeaths {
		op, most := "Create", creates
		if death%2 == 0 {
			// So many there are to delete, whatever the death before left; what is deleted with its owner is no call of its own.
			_, d, err := c.e.Stack().Deployment(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			op, most = "Delete", max(1, len(d.Resources)/3)
		}
		c.dies(t, op, 1+random.IntN(most), cloud.DeadAfter, again)
	}
	if _, err := again(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// dies kills one run at its nth call, recovers, and returns what recovery told.
func (c crash) dies(
	t *testing.T, op string, nth int, kind cloud.FaultKind, run func(context.Context) (rehearsal.Changes, error),
) string {
	t.Helper()
	ctx := context.Background()
	c.e.Cloud.Faults.Set(&cloud.Fault{Kind: kind, Op: op, Nth: nth, Kill: c.e.Kill})
	if _, err := run(ctx); err == nil {
		t.Fatalf("the engine survived its death at %s %d", op, nth)
	}
	if c.e.Cloud.Faults.Pending() != 0 {
		t.Fatalf("%s %d never came", op, nth)
	}
	c.e.Cloud.Faults.Set()
	told, err := c.e.Recover(ctx) // which reads the state first
	if err != nil {
		t.Fatalf("after its death at %s %d: %v", op, nth, err)
	}
	return strings.Join(told, "\n")
}
