package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
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
	engine, err := rehearsal.NewEngine(ctx, os.Getenv("PLATFORM_PULUMI"))
	if err != nil {
		b.Fatal(err)
	}
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
	if _, err := e.Preview(ctx); err != nil {
		b.Fatal(err)
	}
	m.preview, m.previewCPU = time.Since(begun), cpu(engine)-used
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

// better keeps the faster of several runs: what disturbs a run only ever makes it slower.
func better(a, b measure) measure {
	if a.objects == 0 {
		return b
	}
	a.preview, a.up, a.peak = min(a.preview, b.preview), min(a.up, b.up), min(a.peak, b.peak)
	a.previewCPU, a.upCPU = min(a.previewCPU, b.previewCPU), min(a.upCPU, b.upCPU)
	return a
}

// mostServices is what two clouds have room for. The nearest bound is Azure's, of 800 managed identities in a resource
// group (https://learn.microsoft.com/azure/azure-resource-manager/management/resources-without-resource-group-limit),
// where such a company has 663.
const mostServices = 500

// mostServicesGCP is what a project has room for. It may hold 100 service accounts
// (https://cloud.google.com/iam/quotas#limits): one for each service, the nodes, each of three doors, the pipeline,
// delivery, what scales consumers, and the two controllers that write records.
const mostServicesGCP = 91

// turns is how often each size is measured: what takes seconds is disturbed more than what takes minutes.
func turns(services int) int {
	switch {
	case services < 50:
		return 15
	case services < 200:
		return 7
	}
	return 3
}

// BenchmarkBlueprint runs the blueprint and the flat program in turns.
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
	var blueprint, raw measure
	for range turns(services) {
		m, e := run(b, func(ctx *pulumi.Context) error { return platform.Deploy(ctx, s) }, s)
		blueprint = better(blueprint, m)
		state, err := e.State(context.Background())
		if err := errors.Join(err, e.Close()); err != nil {
			b.Fatal(err)
		}
		program, err := flatten(state)
		if err != nil {
			b.Fatal(err)
		}
		m, e = run(b, program.run, s)
		raw = better(raw, m)
		if err := e.Close(); err != nil {
			b.Fatal(err)
		}
	}
	if blueprint.objects != raw.objects {
		b.Fatalf("the blueprint makes %d objects, the flat program %d", blueprint.objects, raw.objects)
	}
	report(b, blueprint, raw)
}

func report(b *testing.B, blueprint, raw measure) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(blueprint.objects), "objects")
	b.ReportMetric(blueprint.preview.Seconds(), "preview-s")
	b.ReportMetric(raw.preview.Seconds(), "flat-preview-s")
	b.ReportMetric(blueprint.preview.Seconds()/raw.preview.Seconds(), "preview-ratio")
	b.ReportMetric(blueprint.up.Seconds(), "up-s")
	b.ReportMetric(raw.up.Seconds(), "flat-up-s")
	b.ReportMetric(blueprint.up.Seconds()/raw.up.Seconds(), "up-ratio")
	b.ReportMetric(blueprint.previewCPU.Seconds()/raw.previewCPU.Seconds(), "preview-cpu-ratio")
	b.ReportMetric(blueprint.upCPU.Seconds()/raw.upCPU.Seconds(), "up-cpu-ratio")
	b.ReportMetric(1000*blueprint.up.Seconds()/float64(blueprint.objects), "up-ms/object")
	b.ReportMetric(float64(blueprint.peak)/1024, "engine-MiB")
	b.ReportMetric(float64(raw.peak)/1024, "flat-engine-MiB")
}
