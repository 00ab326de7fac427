package alerts

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

var noon = time.Date(2026, time.June, 15, 12, 0, 0, 0, time.UTC)

// month ends a fortnight after noon.
var month = window{noon.AddDate(0, 0, -16), noon.AddDate(0, 0, 14)}

// evaluations are minutes after noon, each with the minute since when the condition holds; -1 if that is not known.
func evaluations(pairs ...[2]int) []evaluation {
	var out []evaluation
	for _, p := range pairs {
		e := evaluation{at: noon.Add(time.Duration(p[0]) * time.Minute)}
		if p[1] >= 0 {
			e.active = noon.Add(time.Duration(p[1]) * time.Minute)
		}
		out = append(out, e)
	}
	return out
}

func TestEvaluationsAreJoinedToFirings(t *testing.T) {
	for _, test := range []struct {
		name   string
		of     []evaluation
		starts []int
		ends   []int
	}{
		{"one", evaluations([2]int{5, 0}, [2]int{6, 0}, [2]int{7, 0}), []int{5}, []int{8}},
		{"it was over in between, for less than two evaluations", evaluations([2]int{5, 0}, [2]int{6, 0}, [2]int{7, 7}), []int{5, 7}, []int{7, 8}},
		{"Prometheus was down, and knows since when", evaluations([2]int{5, 0}, [2]int{40, 0}), []int{5}, []int{41}},
		{"an evaluation was late, and nothing is known", evaluations([2]int{5, -1}, [2]int{7, -1}), []int{5}, []int{8}},
		{"a gap, and nothing is known", evaluations([2]int{5, -1}, [2]int{9, -1}), []int{5, 9}, []int{6, 10}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := firingsOf(model.Metric{"alertname": "A"}, test.of, time.Minute, month)
			if len(got) != len(test.starts) {
				t.Fatalf("%d firings, want %d: %+v", len(got), len(test.starts), got)
			}
			for i, f := range got {
				if start, end := noon.Add(time.Duration(test.starts[i])*time.Minute), noon.Add(time.Duration(test.ends[i])*time.Minute); !f.start.Equal(start) || !f.end.Equal(end) || f.still || f.cut {
					t.Errorf("firing %d from %s to %s, still %t, cut %t; want %s to %s", i, f.start, f.end, f.still, f.cut, start, end)
				}
			}
		})
	}
}

func TestAFiringAtTheWindowsEnds(t *testing.T) {
	var all []evaluation
	w := window{noon, noon.Add(time.Hour)}
	for at := w.from; !at.After(w.to); at = at.Add(time.Minute) {
		all = append(all, evaluation{at: at, active: noon.Add(-time.Hour)})
	}
	got := firingsOf(model.Metric{"alertname": "A"}, all, time.Minute, w)
	if len(got) != 1 || !got[0].still || !got[0].cut || got[0].duration() != time.Hour || got[0].held() != 2*time.Hour {
		t.Errorf("got %+v, want one that began before and goes on, an hour of two", got)
	}
}
