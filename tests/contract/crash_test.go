package contract

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	driver "platform/components/aws"
	"platform/components/documents"
	"platform/components/network"
	"platform/tests/cloud"
	"platform/tests/cloud/aws"
	"platform/tests/rehearsal"
)

// crashing is a network with a table: what is found again by id, by name and by a retained key.
func crashing(ctx *pulumi.Context) error {
	d := driver.New(driver.Settings{Environment: "dev-aws", Region: "eu-central-1", Account: account, Tags: owned})
	provider, err := d.Provider(ctx, "aws")
	if err != nil {
		return err
	}
	if _, err := network.New(ctx, "network", d, networkArgs(network.NATSingle, network.EndpointStorage, network.EndpointLogs), pulumi.Providers(provider)); err != nil {
		return err
	}
	_, err = documents.New(ctx, "documents", d, documents.Args{Service: "orders", Tags: owned}, pulumi.Providers(provider))
	return err
}

// points are how many seeded deaths each of up and destroy must survive.
const points = 20

// TestAKilledRunIsFinishedByTheNext kills the Pulumi command itself, with the ordinary checkpoints, at
// seeded calls: half of them after the cloud did the work and before the engine heard of it.
func TestAKilledRunIsFinishedByTheNext(t *testing.T) {
	whole := crashable(t)
	if _, err := whole.e.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	want := whole.e.Cloud.Inventory()
	calls := callsOf(whole.e, "Create")
	random := rand.New(rand.NewPCG(7, 11))
	for i := range points {
		up, down := 1+random.IntN(calls), 1+random.IntN(calls-4)
		kind := []cloud.FaultKind{cloud.DeadBefore, cloud.DeadAfter}[i%2]
		t.Run(fmt.Sprintf("create %d, delete %d, %s", up, down, kind), func(t *testing.T) {
			t.Parallel()
			dies(t, crashable(t), up, down, kind, want)
		})
	}
}

type crash struct {
	e      *rehearsal.Environment
	engine *rehearsal.Engine
	out    *bytes.Buffer
}

func crashable(t *testing.T) crash {
	t.Helper()
	ctx := context.Background()
	engine, err := rehearsal.NewEngine(ctx, os.Getenv("PLATFORM_PULUMI"))
	if err != nil {
		t.Fatal(err)
	}
	simulated, err := aws.New(account)
	if err != nil {
		t.Fatal(err)
	}
	c := crash{engine: engine, out: &bytes.Buffer{}}
	c.e, err = rehearsal.Open(ctx, rehearsal.Options{
		Project: "platform", Stack: "dev-aws", Engine: engine, Packages: []cloud.Package{simulated}, Dir: t.TempDir(),
		Out: c.out, Seed: aws.Baseline(account, "Z0123456789CONTRACT0", "example.com"), Program: crashing, Checkpoints: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.e.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func callsOf(e *rehearsal.Environment, op string) int {
	n := 0
	for _, c := range e.Cloud.Journal.Calls() {
		if c.Op == op {
			n++
		}
	}
	return n
}

// dies kills an up, recovers, compares; then kills a destroy, recovers, and nothing may be left.
func dies(t *testing.T, c crash, up, down int, kind cloud.FaultKind, want []*cloud.Object) {
	ctx := context.Background()
	kill := func(op string, nth int, run func(context.Context) (rehearsal.Changes, error)) {
		t.Helper()
		fault := &cloud.Fault{Kind: kind, Op: op, Nth: nth, Kill: c.engine.Kill}
		c.e.Cloud.Faults.Set(fault)
		if _, err := run(ctx); err == nil {
			t.Fatalf("the engine survived its death at %s %d", op, nth)
		}
		if c.e.Cloud.Faults.Pending() != 0 {
			t.Fatalf("%s %d never came", op, nth)
		}
		c.e.Cloud.Faults.Set()
		if _, err := c.e.State(ctx); err != nil {
			t.Fatalf("the state cannot be read: %v", err)
		}
		told, err := c.e.Recover(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if kind == cloud.DeadAfter && op == "Create" && !strings.Contains(strings.Join(told, "\n"), "adopted") {
			t.Errorf("told %q, want what was adopted", told)
		}
	}
	kill("Create", up, c.e.Up)
	if _, err := c.e.Up(ctx); err != nil {
		t.Fatal(err)
	}
	if d := cloud.Difference(want, c.e.Cloud.Inventory()); len(d) != 0 {
		t.Errorf("differs from an undisturbed run:\n%.3000s", strings.Join(d, "\n"))
	}
	kill("Delete", down, c.e.Destroy)
	if _, err := c.e.Destroy(ctx); err != nil {
		t.Fatal(err)
	}
	for _, o := range cloud.Left(c.e.Cloud.Inventory()) {
		t.Errorf("left: %s", o)
	}
}
