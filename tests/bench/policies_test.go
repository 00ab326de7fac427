package bench

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/stacks/platform"
)

// BenchmarkPolicies previews an empty stack with the policy pack and without, in turns. One cloud is enough: the pack
// does the same on each.
func BenchmarkPolicies(b *testing.B) {
	command := filepath.Join(b.TempDir(), "pack")
	if out, err := exec.Command("go", "build", "-o", command, "platform/tests/bench/pack").CombinedOutput(); err != nil {
		b.Fatalf("build the policy pack: %v\n%s", err, out)
	}
	for _, size := range []struct{ services, turns int }{{10, 5}, {100, 3}, {500, 3}} {
		b.Run(fmt.Sprintf("cloud=aws/services=%d", size.services), func(b *testing.B) {
			b.Setenv("BENCH_SERVICES", fmt.Sprint(size.services))
			for b.Loop() {
				var with, without cost
				for range size.turns {
					without = without.better(preview(b, size.services, ""))
					with = with.better(preview(b, size.services, command))
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(without.took.Seconds(), "preview-s")
				b.ReportMetric(with.took.Seconds(), "judged-preview-s")
				b.ReportMetric(with.took.Seconds()/without.took.Seconds(), "judged-ratio")
				b.ReportMetric(without.worked.Seconds(), "preview-cpu-s")
				b.ReportMetric(with.worked.Seconds(), "judged-cpu-s")
				b.ReportMetric(with.worked.Seconds()/without.worked.Seconds(), "judged-cpu-ratio")
			}
		})
	}
}

// cost is the time that a preview took, and the processors' time for it, which others on the machine do not lengthen.
type cost struct{ took, worked time.Duration }

func (c cost) better(other cost) cost {
	if c.took == 0 {
		return other
	}
	return cost{min(c.took, other.took), min(c.worked, other.worked)}
}

// worked is the processors' time of this process, where the program and the clouds run, and of the engine and the
// pack (https://man7.org/linux/man-pages/man2/getrusage.2.html).
func worked(b *testing.B) time.Duration {
	b.Helper()
	var all time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			b.Fatal(err)
		}
		all += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return all
}

func preview(b *testing.B, services int, policies string) cost {
	b.Helper()
	s, err := company(stacks, "aws", services)
	if err != nil {
		b.Fatal(err)
	}
	e, _ := open(b, func(ctx *pulumi.Context) error { return platform.Deploy(ctx, s) }, s, policies)
	begun, before := time.Now(), worked(b)
	if _, err := e.Preview(context.Background()); err != nil {
		b.Fatalf("%.3000s", err)
	}
	return cost{time.Since(begun), worked(b) - before}
}
