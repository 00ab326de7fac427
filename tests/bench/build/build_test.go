package build

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// cost is what one build took.
type cost struct {
	took    time.Duration
	process int64 // bytes: the largest of the compilers and linkers
	whole   int64 // bytes: all processes of the build at once; 0 where the system does not tell
}

// build builds the program with the objects that cache holds, and links it anew.
func build(b *testing.B, cache, tags string) cost {
	b.Helper()
	cmd := exec.CommandContext(context.Background(), "go", "build", "-tags", tags, "-o", filepath.Join(b.TempDir(), "platform"), "./stacks")
	cmd.Dir = filepath.Join("..", "..", "..")
	cmd.Env = append(os.Environ(), "GOCACHE="+cache)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // by which its processes are known
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	memory := watchGroup(cmd.Process.Pid)
	err := cmd.Wait()
	c := cost{took: time.Since(begun), whole: memory.stop()}
	if err != nil {
		b.Fatalf("the program does not build with the tags %q: %v", tags, err)
	}
	// Of a process and of those that it waited for, the one that used most
	// (https://man7.org/linux/man-pages/man2/wait4.2.html, https://man7.org/linux/man-pages/man2/getrusage.2.html).
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.process = usage.Maxrss * maxrssUnit(runtime.GOOS)
	}
	return c
}

// BenchmarkBuild builds the program of each cloud alone and that of all: cold, with nothing but the sources of the
// modules, and warm, when all is compiled and only linked.
func BenchmarkBuild(b *testing.B) {
	for _, of := range []struct{ name, tags string }{{"aws", "aws"}, {"azure", "azure"}, {"gcp", "gcp"}, {"all", ""}} {
		b.Run("cloud="+of.name, func(b *testing.B) {
			for b.Loop() {
				cache := b.TempDir()
				cold := build(b, cache, of.tags)
				warm := build(b, cache, of.tags)
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(cold.took.Seconds(), "cold-s")
				b.ReportMetric(warm.took.Seconds(), "warm-s")
				b.ReportMetric(mebibytes(cold.process), "process-MiB")
				b.ReportMetric(mebibytes(cold.whole), "build-MiB")
				if err := os.RemoveAll(cache); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func mebibytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }
