package bench

import (
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
)

// cost is the time that something took, and the processors' time for it, which others on the machine do not lengthen.
type cost struct{ took, worked time.Duration }

// spent is what an operation costs.
func spent(b *testing.B, operation func() error) cost {
	b.Helper()
	runtime.GC() // of what an earlier one left, which is not this one's
	begun, before := time.Now(), worked(b)
	if err := operation(); err != nil {
		b.Fatalf("%.3000s", err)
	}
	return cost{time.Since(begun), worked(b) - before}
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

// pair is what the same operation costs two subjects, one right after the other: what slows the machine for a while slows
// both. The fastest of many runs would be that of the luckiest moment, which only one of them can have.
type pair struct{ subject, baseline cost }

// inTurns measures two subjects, the second one first in every other turn.
func inTurns(turn int, subject, baseline func() cost) (p pair) {
	if turn%2 == 0 {
		p.subject = subject()
		p.baseline = baseline()
	} else {
		p.baseline = baseline()
		p.subject = subject()
	}
	return p
}

// over is a number of each pair, in order.
func over(pairs []pair, of func(pair) float64) []float64 {
	all := make([]float64, len(pairs))
	for i, p := range pairs {
		all[i] = of(p)
	}
	slices.Sort(all)
	return all
}

// median is the middle of a number over all pairs.
func median(pairs []pair, of func(pair) float64) float64 { return over(pairs, of)[len(pairs)/2] }

// compared reports the medians over all pairs: the seconds of each subject, and the ratio by the clock and by the processors'
// time. The quartiles of the ratio tell how far a single pair is to be trusted.
func compared(b *testing.B, subject, baseline, ratio string, pairs []pair) {
	b.Helper()
	b.ReportMetric(median(pairs, func(p pair) float64 { return p.subject.took.Seconds() }), subject+"-s")
	b.ReportMetric(median(pairs, func(p pair) float64 { return p.baseline.took.Seconds() }), baseline+"-s")
	ratios := over(pairs, func(p pair) float64 { return p.subject.took.Seconds() / p.baseline.took.Seconds() })
	b.ReportMetric(ratios[len(ratios)/2], ratio+"-ratio")
	b.ReportMetric(ratios[len(ratios)/4], ratio+"-ratio-q1")
	b.ReportMetric(ratios[len(ratios)*3/4], ratio+"-ratio-q3")
	b.ReportMetric(median(pairs, func(p pair) float64 { return p.subject.worked.Seconds() / p.baseline.worked.Seconds() }), ratio+"-cpu-ratio")
}
