package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"

	"platform/components/kubernetes/alerting/alert"
)

// Alert is one that fired.
type Alert struct {
	Name        string
	Labels      map[string]string
	Annotations map[string]string
	First, Last time.Duration // when it was seen firing
}

// Fired is what fired in a time, by name and labels, in order.
type Fired []Alert

// Names are the names of what fired, each once.
func (f Fired) Names() []string {
	var out []string
	for _, a := range f {
		out = append(out, a.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Span is how long is looked, and how often rules are evaluated.
type Span struct {
	Minutes, Step int
	// Settled is the minute from which on what fires counts; before, only what still fires then does.
	Settled int
}

// Evaluate lets Prometheus's own engine evaluate groups of rules, in their order, over the series, and says what fired. A rule
// that cannot be evaluated is an error.
func Evaluate(groups []alert.Group, series []Series, span Span) (Fired, error) {
	folder, err := os.MkdirTemp("", "rules")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	db, err := tsdb.Open(filepath.Join(folder, "data"), nil, nil, options(), nil)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 50_000_000, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true, Parser: promQL,
	})
	defer engine.Close()
	loaded, err := load(folder, groups, engine, db)
	if err != nil {
		return nil, err
	}
	fired := map[string]*Alert{}
	for minute := 0; minute <= span.Minutes; minute++ {
		now := start.Add(time.Duration(minute) * time.Minute)
		if err := write(db, series, minute, now); err != nil {
			return nil, err
		}
		if minute%span.Step != 0 {
			continue
		}
		for _, group := range loaded {
			group.Eval(context.Background(), now)
			for _, rule := range group.Rules() {
				if rule.LastError() != nil {
					return nil, fmt.Errorf("rule %s in %s at minute %d: %w", rule.Name(), group.Name(), minute, rule.LastError())
				}
			}
			if minute >= span.Settled {
				note(fired, group, now.Sub(start))
			}
		}
	}
	return ordered(fired), nil
}

func options() *tsdb.Options {
	o := tsdb.DefaultOptions()
	o.MinBlockDuration, o.MaxBlockDuration = int64(40*24*time.Hour/time.Millisecond), int64(40*24*time.Hour/time.Millisecond)
	o.RetentionDuration = 0
	return o
}

// load reads the groups as Prometheus reads files of rules, with all its checks.
func load(folder string, groups []alert.Group, engine *promql.Engine, db *tsdb.DB) ([]*rules.Group, error) {
	manager := rules.NewManager(&rules.ManagerOptions{
		QueryFunc: rules.EngineQueryFunc(engine, db), AppendableV2: db, Queryable: db, Context: context.Background(),
		NotifyFunc: func(context.Context, string, ...*rules.Alert) {}, Logger: promslog.NewNopLogger(), Parser: promQL,
	})
	text, err := json.Marshal(map[string]any{"groups": groups})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "rules.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, err
	}
	read, faults := manager.LoadGroups(alert.Interval, labels.EmptyLabels(), "", nil, false, file)
	if len(faults) > 0 {
		return nil, fmt.Errorf("rules: %v", faults)
	}
	var out []*rules.Group
	for _, g := range groups {
		group, ok := read[rules.GroupKey(file, g.Name)]
		if !ok {
			return nil, fmt.Errorf("group %s was not read", g.Name)
		}
		out = append(out, group)
	}
	return out, nil
}

func write(db *tsdb.DB, series []Series, minute int, now time.Time) error {
	into := db.AppenderV2(context.Background())
	for _, s := range series {
		if value, present := s.At(minute); present {
			if _, err := into.Append(0, s.Labels, 0, now.UnixMilli(), value, nil, nil, storage.AppendV2Options{}); err != nil {
				return fmt.Errorf("series %s at minute %d: %w", s.Labels, minute, err)
			}
		}
	}
	return into.Commit()
}

func note(fired map[string]*Alert, group *rules.Group, now time.Duration) {
	for _, rule := range group.AlertingRules() {
		for _, active := range rule.ActiveAlerts() {
			if active.State != rules.StateFiring {
				continue
			}
			key := active.Labels.String()
			if fired[key] == nil {
				fired[key] = &Alert{Name: rule.Name(), Labels: active.Labels.Map(), Annotations: active.Annotations.Map(), First: now}
			}
			fired[key].Last = now
		}
	}
}

func ordered(fired map[string]*Alert) Fired {
	var keys []string
	for key := range fired {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	var out Fired
	for _, key := range keys {
		out = append(out, *fired[key])
	}
	return out
}
