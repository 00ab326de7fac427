package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/stacks/catalog"
	"platform/stacks/config"
	"platform/stacks/platform"
	"platform/tests/rehearsal"
	"platform/tests/world"
)

// measure is one program's preview and up of an empty stack, by the clock and by what the processors did: the engine,
// the program and the simulated clouds, which are the same for both.
type measure struct {
	preview, up time.Duration
	previewCPU  time.Duration
	upCPU       time.Duration
	peak        int64 // KiB, of the engine
	objects     int
}

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

func run(b *testing.B, program pulumi.RunFunc, s config.Settings) (measure, *rehearsal.Environment) {
	b.Helper()
	ctx := context.Background()
	e, engine := open(b, program, s, "")
	var m measure
	runtime.GC() // of what an earlier run left, which is not this one's
	begun, used := time.Now(), cpu(engine)
	n := previews(len(s.Catalog.Services))
	for range n {
		if _, err := e.Preview(ctx); err != nil {
			b.Fatal(err)
		}
	}
	m.preview, m.previewCPU = time.Since(begun)/time.Duration(n), (cpu(engine)-used)/time.Duration(n)
	engine.Peak()
	begun, used = time.Now(), cpu(engine)
	if _, err := e.Up(ctx); err != nil {
		b.Fatal(err)
	}
	m.upCPU = cpu(engine) - used
	m.up, m.peak, m.objects = time.Since(begun), engine.Peak(), len(e.Cloud.Inventory())
	return m, e
}

// cpu is what the engine's commands and this process have used.
func cpu(engine *rehearsal.Engine) time.Duration {
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		return engine.CPU()
	}
	return engine.CPU() + time.Duration(own.Utime.Nano()+own.Stime.Nano())
}

// pair is a run of each program, one after the other: what slows the machine for a while slows both. The fastest of many runs
// would be that of the luckiest moment, which only one of them can have.
type pair struct{ blueprint, raw measure }

// median is the middle of what a number is over all pairs.
func median(pairs []pair, of func(pair) float64) float64 {
	all := make([]float64, len(pairs))
	for i, p := range pairs {
		all[i] = of(p)
	}
	slices.Sort(all)
	return all[len(all)/2]
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

// previews is how often a run previews the empty stack: one of a small company takes a second or a few, less than what disturbs it lasts.
func previews(services int) int {
	switch {
	case services < 50:
		return 5
	case services < 200:
		return 3
	}
	return 1
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
	blueprint := func() measure {
		m, e := run(b, func(ctx *pulumi.Context) error { return platform.Deploy(ctx, s) }, s)
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
		return m
	}
	raw := func() measure {
		m, e := run(b, program.run, s)
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
		return m
	}
	pairs := make([]pair, turns(b, services))
	for i := range pairs {
		if i%2 == 0 {
			pairs[i].blueprint = blueprint()
			pairs[i].raw = raw()
		} else {
			pairs[i].raw = raw()
			pairs[i].blueprint = blueprint()
		}
		if made, flat := pairs[i].blueprint.objects, pairs[i].raw.objects; made != flat {
			b.Fatalf("the blueprint makes %d objects, the flat program %d", made, flat)
		}
	}
	report(b, pairs)
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

func report(b *testing.B, pairs []pair) {
	b.ReportMetric(0, "ns/op")
	for _, each := range []struct {
		unit string
		of   func(pair) float64
	}{
		{"objects", func(p pair) float64 { return float64(p.blueprint.objects) }},
		{"preview-s", func(p pair) float64 { return p.blueprint.preview.Seconds() }},
		{"flat-preview-s", func(p pair) float64 { return p.raw.preview.Seconds() }},
		{"preview-ratio", func(p pair) float64 { return p.blueprint.preview.Seconds() / p.raw.preview.Seconds() }},
		{"up-s", func(p pair) float64 { return p.blueprint.up.Seconds() }},
		{"flat-up-s", func(p pair) float64 { return p.raw.up.Seconds() }},
		{"up-ratio", func(p pair) float64 { return p.blueprint.up.Seconds() / p.raw.up.Seconds() }},
		{"preview-cpu-ratio", func(p pair) float64 { return p.blueprint.previewCPU.Seconds() / p.raw.previewCPU.Seconds() }},
		{"up-cpu-ratio", func(p pair) float64 { return p.blueprint.upCPU.Seconds() / p.raw.upCPU.Seconds() }},
		{"up-ms/object", func(p pair) float64 { return 1000 * p.blueprint.up.Seconds() / float64(p.blueprint.objects) }},
		{"engine-MiB", func(p pair) float64 { return float64(p.blueprint.peak) / 1024 }},
		{"flat-engine-MiB", func(p pair) float64 { return float64(p.raw.peak) / 1024 }},
	} {
		b.ReportMetric(median(pairs, each.of), each.unit)
	}
}
