package rules

import (
	"os"
	"testing"

	"gopkg.in/yaml.v3"
)

// BenchmarkJudge is the cost of one whole small stack of AWS.
func BenchmarkJudge(b *testing.B) {
	raw, err := os.ReadFile("testdata/planted.yaml")
	if err != nil {
		b.Fatal(err)
	}
	var p planted
	if err := yaml.Unmarshal(raw, &p); err != nil {
		b.Fatal(err)
	}
	all := stackOf(p.Whole["aws"], asItIs)
	for b.Loop() {
		JudgeAll(all, production("aws"))
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(all)), "µs/resource")
}
