package bench

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

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
				judgedPreviews(b, size.services, size.turns, command)
			}
		})
	}
}

func judgedPreviews(b *testing.B, services, turns int, command string) {
	b.Helper()
	s, err := company(stacks, "aws", services)
	if err != nil {
		b.Fatal(err)
	}
	program := func(ctx *pulumi.Context) error { return platform.Deploy(ctx, s) }
	judged, _ := open(b, program, s, command)
	plain, _ := open(b, program, s, "")
	var pairs []pair
	for turn := range turns {
		pairs = append(pairs, inTurns(turn, func() cost { return preview(b, judged) }, func() cost { return preview(b, plain) }))
	}
	b.ReportMetric(0, "ns/op")
	compared(b, "judged-preview", "preview", "judged", pairs)
}
