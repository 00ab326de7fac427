// Command record writes what a Prometheus would have kept of a time: series of a file, and what Prometheus's own rule
// engine makes of rules over them, evaluation by evaluation, as blocks that a Prometheus serves.
//
// A line of the file is a series and its values in the notation of Prometheus's unit tests
// (https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series), one for each evaluation.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

func main() {
	var from, series, rulesFile, out string
	var interval time.Duration
	flag.StringVar(&from, "from", "", "time of the first values, as in RFC 3339")
	flag.StringVar(&series, "series", "", "file of the series")
	flag.StringVar(&rulesFile, "rules", "", "file of the rules")
	flag.StringVar(&out, "out", "", "folder that a Prometheus then serves (--storage.tsdb.path)")
	flag.DurationVar(&interval, "interval", time.Minute, "from one value, and one evaluation, to the next")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := record(ctx, from, series, rulesFile, out, interval); err != nil {
		fmt.Fprintln(os.Stderr, "record: "+err.Error())
		stop()
		os.Exit(1)
	}
}

func record(ctx context.Context, from, series, rulesFile, out string, interval time.Duration) (err error) {
	start, err := time.Parse(time.RFC3339, from)
	if err != nil {
		return fmt.Errorf("-from: %w", err)
	}
	file, err := os.Open(series)
	if err != nil {
		return err
	}
	all, err := read(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("%s: %w", series, err)
	}
	options := tsdb.DefaultOptions()
	options.RetentionDuration = math.MaxInt64 / 2 // what is recorded is not of today
	options.MinBlockDuration = (366 * 24 * time.Hour).Milliseconds()
	options.MaxBlockDuration = options.MinBlockDuration
	db, err := tsdb.Open(out, promslog.NewNopLogger(), nil, options, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	groups, err := load(ctx, rulesFile, interval, db)
	if err != nil {
		return err
	}
	steps := 0
	for _, s := range all {
		steps = max(steps, len(s.values))
	}
	for step := range steps {
		at := start.Add(time.Duration(step) * interval)
		if err := write(ctx, db, all, step, at); err != nil {
			return fmt.Errorf("at %s: %w", at.Format(time.RFC3339), err)
		}
		for _, group := range groups {
			group.Eval(ctx, at)
			for _, rule := range group.Rules() {
				if err := rule.LastError(); err != nil {
					return fmt.Errorf("at %s: rule %s: %w", at.Format(time.RFC3339), rule.Name(), err)
				}
			}
		}
	}
	// One block: a Prometheus that finds a month in its log would cut it into hundreds while it is asked.
	head := db.Head()
	return db.CompactHead(tsdb.NewRangeHead(head, head.MinTime(), head.MaxTime()))
}

type recorded struct {
	labels labels.Labels
	values []parser.SequenceValue
	ref    storage.SeriesRef
}

func read(in io.Reader) ([]*recorded, error) {
	var out []*recorded
	var faults []error
	lines, number := bufio.NewScanner(in), 0
	lines.Buffer(nil, 1<<24)
	parsing := parser.NewParser(parser.Options{})
	for lines.Scan() {
		number++
		if lines.Text() == "" {
			continue
		}
		ls, values, err := parsing.ParseSeriesDesc(lines.Text())
		if err != nil {
			faults = append(faults, fmt.Errorf("line %d: %w", number, err))
			continue
		}
		out = append(out, &recorded{labels: ls, values: values})
	}
	return out, errors.Join(append(faults, lines.Err())...)
}

func write(ctx context.Context, db *tsdb.DB, all []*recorded, step int, at time.Time) error {
	appender := db.AppenderV2(ctx)
	for _, s := range all {
		if step >= len(s.values) || s.values[step].Omitted {
			continue
		}
		ref, err := appender.Append(s.ref, s.labels, 0, at.UnixMilli(), s.values[step].Value, nil, nil, storage.AppendV2Options{})
		if err != nil {
			return errors.Join(fmt.Errorf("%s: %w", s.labels, err), appender.Rollback())
		}
		s.ref = ref
	}
	return appender.Commit()
}

// load reads the rules. They are told that nothing is to be restored, without which they write no series.
func load(ctx context.Context, file string, interval time.Duration, db *tsdb.DB) ([]*rules.Group, error) {
	engine := promql.NewEngine(promql.EngineOpts{
		Logger: promslog.NewNopLogger(), MaxSamples: 50_000_000, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true,
		Parser: parser.NewParser(parser.Options{}),
	})
	manager := rules.NewManager(&rules.ManagerOptions{
		QueryFunc: rules.EngineQueryFunc(engine, db), AppendableV2: db, Queryable: db, Context: ctx,
		NotifyFunc: func(context.Context, string, ...*rules.Alert) {}, Logger: promslog.NewNopLogger(),
		Parser: parser.NewParser(parser.Options{}),
	})
	byName, faults := manager.LoadGroups(interval, labels.EmptyLabels(), "", nil, false, file)
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	var out []*rules.Group
	for _, group := range byName {
		for _, rule := range group.Rules() {
			if alert, ok := rule.(*rules.AlertingRule); ok {
				alert.SetRestored(true)
			}
		}
		out = append(out, group)
	}
	return out, nil
}
