package rehearsal_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

// A cloud of three types, enough to show how the engine and the simulated clouds meet.
const toyRules = `
aws:toy/network:Network:
  source: https://example.com/network
  id: "net-{hex:17}"
  taggable: true
  durations: {create: 50s, delete: 20s}
  durationSource: https://example.com/network
  properties:
    range: {type: string, replace: true}
    tags: {type: map, items: {type: string}}
  outputs: {arn: "arn:aws:toy:{region}:{account}:network/{id}"}
  requires: [range]
aws:toy/machine:Machine:
  source: https://example.com/machine
  id: "m-{hex:17}"
  taggable: true
  properties:
    network: {type: string, replace: true, ref: {types: ["aws:toy/network:Network"], by: [id], holds: true}}
    size: {type: int, min: 1, max: 9}
    password: {type: string, secret: true}
    protected: {type: bool, default: false}
    tags: {type: map, items: {type: string}}
  deletionGuard: {property: protected, equals: true, message: "the machine is protected"}
  requires: [network]
`

func toy(t *testing.T) cloud.Package {
	t.Helper()
	rules, err := cloud.Load(fstest.MapFS{"toy.yaml": {Data: []byte(toyRules)}}, "toy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := cloud.NewTable(cloud.TableOptions{
		Package: "aws", Release: "6.83.2", Rules: rules, Account: "111122223333", Partition: "aws",
		Config: map[string]*cloud.Property{"region": {Type: "string"}, "version": {Type: "string"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

type toyResource struct{ pulumi.CustomResourceState }

type toyProvider struct{ pulumi.ProviderResourceState }

// toyProgram builds one network and some machines in it.
func toyProgram(machines int, protected bool) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		provider := &toyProvider{}
		if err := ctx.RegisterResource("pulumi:providers:aws", "cloud", pulumi.Map{"region": pulumi.String("eu-central-1")}, provider); err != nil {
			return err
		}
		network := &toyResource{}
		if err := ctx.RegisterResource("aws:toy/network:Network", "network",
			pulumi.Map{"range": pulumi.String("10.0.0.0/16")}, network, pulumi.Provider(provider)); err != nil {
			return err
		}
		for i := range machines {
			if err := ctx.RegisterResource("aws:toy/machine:Machine", fmt.Sprintf("machine-%c", 'a'+i), pulumi.Map{
				"network": network.ID(), "size": pulumi.Int(1 + i%9), "protected": pulumi.Bool(protected),
				"password": pulumi.ToSecret(pulumi.String(planted)),
			}, &toyResource{}, pulumi.Provider(provider)); err != nil {
				return err
			}
		}
		return nil
	}
}

const planted = "correct-horse-battery"

func open(t *testing.T, dir string, program pulumi.RunFunc, checkpoints bool) *rehearsal.Environment {
	t.Helper()
	return openWith(t, engine(t), dir, program, checkpoints)
}

// openWith opens one whose running command can be killed.
func openWith(t *testing.T, engine *rehearsal.Engine, dir string, program pulumi.RunFunc, checkpoints bool) *rehearsal.Environment {
	t.Helper()
	var out bytes.Buffer
	e, err := rehearsal.Open(context.Background(), rehearsal.Options{
		Project: "platform", Stack: "toy", Program: program, Engine: engine,
		Packages: []cloud.Package{toy(t)}, Dir: dir, Out: &out, Checkpoints: checkpoints,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(out.String())
		}
	})
	return e
}

func must(t *testing.T) func(rehearsal.Changes, error) rehearsal.Changes {
	return func(c rehearsal.Changes, err error) rehearsal.Changes {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

func TestAnEnvironmentIsBuiltFoundUnchangedDriftedDestroyedAndRebuilt(t *testing.T) {
	ctx := context.Background()
	e := open(t, t.TempDir(), toyProgram(3, false), false)
	if got := must(t)(e.Preview(ctx)); got["create"] < 4 {
		t.Errorf("preview: %v, want at least 4 creates", got)
	}
	if got := e.Cloud.Inventory(); len(got) != 0 {
		t.Fatalf("a preview made %d objects", len(got))
	}
	must(t)(e.Up(ctx))
	first := e.Cloud.Inventory()
	if len(first) != 4 {
		t.Fatalf("%d objects exist, want 4", len(first))
	}
	if got := must(t)(e.Up(ctx)); len(got) != 0 {
		t.Errorf("a second up changed %v", got)
	}
	if got := must(t)(e.Refresh(ctx)); len(got) != 0 {
		t.Errorf("a refresh found %v", got)
	}
	if err := e.Cloud.Meddle(func(tx *cloud.Tx) error {
		o := tx.Find("aws:toy/machine:Machine", nil)[0]
		o.Inputs["size"], o.Outputs["size"] = 9.0, 9.0
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := must(t)(e.Refresh(ctx)); got["update"] != 1 {
		t.Errorf("a refresh after drift found %v, want one update", got)
	}
	if got := must(t)(e.Up(ctx)); got["update"] != 1 {
		t.Errorf("the up after drift changed %v, want one update", got)
	}
	must(t)(e.Destroy(ctx))
	for _, o := range cloud.Left(e.Cloud.Inventory()) {
		t.Errorf("left: %s", o)
	}
	must(t)(e.Up(ctx))
	if d := cloud.Difference(first, e.Cloud.Inventory()); len(d) != 0 {
		t.Errorf("the rebuilt environment differs:\n%s", strings.Join(d, "\n"))
	}
}

func TestTheStateKeepsNoSecretInPlainText(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	e := open(t, dir, toyProgram(1, false), true)
	must(t)(e.Up(ctx))
	seen := 0
	for _, folder := range []string{"state", "work", "home"} {
		err := filepath.WalkDir(filepath.Join(dir, folder), func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			seen++
			if bytes.Contains(raw, []byte(planted)) {
				t.Errorf("%s holds the secret in plain text", path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen == 0 {
		t.Error("no file was searched")
	}
}

func TestAProtectedObjectStopsADestroy(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	e := open(t, dir, toyProgram(1, true), false)
	must(t)(e.Up(ctx))
	if _, err := e.Destroy(ctx); err == nil || !strings.Contains(err.Error(), "the machine is protected") {
		t.Errorf("destroy gave %v, want the refusal in the cloud's words", err)
	}
	if len(cloud.Left(e.Cloud.Inventory())) != 2 {
		t.Error("a refused destroy must leave the machine and its network")
	}
}

// crash ends the engine at one seeded call, and returns the environment recovered.
func crash(t *testing.T, e *rehearsal.Environment, pulumi *rehearsal.Engine, op string, nth int, kind cloud.FaultKind,
	run func(context.Context) (rehearsal.Changes, error),
) []string {
	t.Helper()
	ctx := context.Background()
	e.Cloud.Faults.Set(&cloud.Fault{Kind: kind, Op: op, Match: regexp.MustCompile("toy/"), Nth: nth, Kill: pulumi.Kill})
	if _, err := run(ctx); err == nil {
		t.Fatalf("the engine survived its death at call %d", nth)
	}
	if n := e.Cloud.Faults.Pending(); n != 0 {
		t.Fatalf("call %d never came", nth)
	}
	e.Cloud.Faults.Set()
	told, err := e.Recover(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return told
}

func TestARunThatDiesIsFinishedByTheNext(t *testing.T) {
	ctx := context.Background()
	const machines = 4
	whole := open(t, t.TempDir(), toyProgram(machines, false), false)
	must(t)(whole.Up(ctx))
	want := whole.Cloud.Inventory()

	random := rand.New(rand.NewPCG(1, 2))
	for i := range 6 {
		nth := 1 + random.IntN(machines+1)
		kind := []cloud.FaultKind{cloud.DeadBefore, cloud.DeadAfter}[i%2]
		t.Run(fmt.Sprintf("at call %d %s", nth, kind), func(t *testing.T) {
			pulumi := engine(t)
			e, err := rehearsal.Open(ctx, rehearsal.Options{
				Project: "platform", Stack: "toy", Program: toyProgram(machines, false), Engine: pulumi,
				Packages: []cloud.Package{toy(t)}, Dir: t.TempDir(), Out: &bytes.Buffer{}, Checkpoints: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = e.Close() }()
			told := crash(t, e, pulumi, "Create", nth, kind, e.Up)
			if kind == cloud.DeadAfter && !strings.Contains(strings.Join(told, "\n"), "adopted") {
				t.Errorf("told %q, want what was adopted", told)
			}
			must(t)(e.Up(ctx))
			if d := cloud.Difference(want, e.Cloud.Inventory()); len(d) != 0 {
				t.Errorf("differs from an undisturbed run:\n%s", strings.Join(d, "\n"))
			}
			crash(t, e, pulumi, "Delete", nth, kind, e.Destroy)
			must(t)(e.Destroy(ctx))
			for _, o := range cloud.Left(e.Cloud.Inventory()) {
				t.Errorf("left: %s", o)
			}
		})
	}
}
