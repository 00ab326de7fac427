package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/stacks/catalog"
	"platform/stacks/config"
	"platform/stacks/platform"
	"platform/tests/rehearsal"
	"platform/tests/world"
)

// stacks is the folder of the environments.
const stacks = "../../stacks"

// open prepares an empty stack of a program in the environment's world, judged by policies if their command is named.
func open(b *testing.B, program pulumi.RunFunc, s config.Settings, policies string) (*rehearsal.Environment, *rehearsal.Engine) {
	b.Helper()
	ctx := context.Background()
	engine, err := rehearsal.NamedEngine(ctx)
	if err != nil {
		b.Fatal(err)
	}
	engine.Ordinary = true
	place := world.At(s)
	place.Catalog = catalog.Catalog{} // what teams bring is no part of either program
	in, err := world.Of(place)
	if err != nil {
		b.Fatal(err)
	}
	e, err := rehearsal.Open(ctx, rehearsal.Options{
		Project: config.Project, Stack: s.Environment, StackFile: stacks + "/Pulumi." + s.Environment + ".yaml", Engine: engine,
		Packages: in.Packages, Dir: b.TempDir(), Out: io.Discard, Seed: in.Seed, Program: program, Policies: policies,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	return e, engine
}

// built is an up: what it cost, how many objects it left, and the most memory in KiB that the engine used.
type built struct {
	cost    cost
	objects int
	peak    int64
}

// up builds everything, and ends the environment.
func up(b *testing.B, e *rehearsal.Environment, engine *rehearsal.Engine) built {
	b.Helper()
	engine.Peak()
	c := spent(b, func() error {
		_, err := e.Up(context.Background())
		return err
	})
	made := built{c, len(e.Cloud.Inventory()), engine.Peak()}
	if err := e.Close(); err != nil {
		b.Fatal(err)
	}
	return made
}

// preview previews an environment.
func preview(b *testing.B, e *rehearsal.Environment) cost {
	b.Helper()
	return spent(b, func() error {
		_, err := e.Preview(context.Background())
		return err
	})
}

// mostServices is what two clouds have room for. The nearest bound is Azure's, of 800 managed identities in a resource
// group (https://learn.microsoft.com/azure/azure-resource-manager/management/resources-without-resource-group-limit),
// where such a company has 663.
const mostServices = 500

// mostServicesGCP is what a project has room for. It may hold 100 service accounts
// (https://cloud.google.com/iam/quotas#limits): one for each service, the nodes, each of three doors, the pipeline,
// delivery, what scales consumers, and the two controllers that write records.
const mostServicesGCP = 91

// turns is how often each size is measured, an odd number: what takes seconds is disturbed more than what takes minutes. For a first
// look somebody may ask for fewer (make bench-speed TURNS=3).
func turns(b *testing.B, services int) int {
	b.Helper()
	if asked := os.Getenv("PLATFORM_TURNS"); asked != "" {
		n, err := strconv.Atoi(asked)
		if err != nil || n < 1 || n%2 == 0 {
			b.Fatalf("TURNS: value %q: an odd number of at least 1 is allowed", asked)
		}
		return n
	}
	switch {
	case services < 50:
		return 15
	case services < 200:
		return 7
	}
	return 3
}

// previews is how often a turn previews each empty stack: a preview takes less time than what disturbs it lasts, and changes nothing.
func previews(services int) int {
	if services < 50 {
		return 5
	}
	return 3
}

// BenchmarkBlueprint runs the blueprint and the flat program in turns, each as often first.
func BenchmarkBlueprint(b *testing.B) {
	for _, at := range []struct {
		cloud string
		sizes []int
	}{{"aws", []int{10, 100, mostServices}}, {"azure", []int{10, 100, mostServices}}, {"gcp", []int{10, mostServicesGCP}}} {
		for _, services := range at.sizes {
			b.Run(fmt.Sprintf("cloud=%s/services=%d", at.cloud, services), func(b *testing.B) {
				for b.Loop() {
					compare(b, at.cloud, services)
				}
			})
		}
	}
}

func compare(b *testing.B, cloud string, services int) {
	s, err := company(stacks, cloud, services)
	if err != nil {
		b.Fatal(err)
	}
	program, err := flatProgram(b, s)
	if err != nil {
		b.Fatal(err)
	}
	var previewed, upped []pair
	var objects int
	var peaks, flatPeaks []int64
	for turn := range turns(b, services) {
		ours, engine := open(b, func(ctx *pulumi.Context) error { return platform.Deploy(ctx, s) }, s, "")
		flat, flatEngine := open(b, program.run, s, "")
		for n := range previews(services) {
			previewed = append(previewed, inTurns(turn+n,
				func() cost { return preview(b, ours) }, func() cost { return preview(b, flat) }))
		}
		var made, raw built
		upped = append(upped, inTurns(turn,
			func() cost { made = up(b, ours, engine); return made.cost },
			func() cost { raw = up(b, flat, flatEngine); return raw.cost }))
		if made.objects != raw.objects {
			b.Fatalf("the blueprint makes %d objects, the flat program %d", made.objects, raw.objects)
		}
		objects, peaks, flatPeaks = made.objects, append(peaks, made.peak), append(flatPeaks, raw.peak)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(objects), "objects")
	compared(b, "preview", "flat-preview", "preview", previewed)
	compared(b, "up", "flat-up", "up", upped)
	b.ReportMetric(1000*median(upped, func(p pair) float64 { return p.subject.took.Seconds() })/float64(objects), "up-ms/object")
	b.ReportMetric(float64(slices.Max(peaks))/1024, "engine-MiB")
	b.ReportMetric(float64(slices.Max(flatPeaks))/1024, "flat-engine-MiB")
}

// flatProgram makes the flat program out of what the blueprint builds, in a run that nobody measures.
func flatProgram(b *testing.B, s config.Settings) (*flat, error) {
	b.Helper()
	ctx, seen := context.Background(), answers{}
	e, _ := open(b, func(ctx *pulumi.Context) error {
		if err := ctx.RegisterStackTransformation(seen.seen); err != nil {
			return err
		}
		return platform.Deploy(ctx, s)
	}, s, "")
	if _, err := e.Up(ctx); err != nil {
		return nil, err
	}
	state, err := e.State(ctx)
	if err != nil {
		return nil, err
	}
	program, err := flatten(state)
	if err != nil {
		return nil, err
	}
	program.answers = seen
	return program, e.Close()
}
