package alerts

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/prometheus/common/model"
)

// asked is what a report is made of.
type asked struct {
	environment string
	teams       []string
	window      window
	now         time.Time     // when Alertmanager is asked
	kept        time.Duration // for how long it keeps silences that have ended
	limits      Limits
}

// read makes the report. That both servers answer, and answer as what they should be, is known before long reads begin.
func read(ctx context.Context, prom *metrics, alertmanager *connection, a asked) (Report, error) {
	first, without, noMetrics := prom.hours(ctx, a.window)
	rules, noRules := prom.rules(ctx)
	external, noConfig := prom.external(ctx)
	var status struct{ Uptime time.Time }
	noStatus := alertmanager.get(ctx, "/api/v2/status", url.Values{}, &status)
	if noStatus == nil && status.Uptime.IsZero() {
		noStatus = errors.New("--" + alertmanager.flag + ": GET /api/v2/status: it does not say since when it runs: is it an Alertmanager?")
	}
	var mute []silence
	if noStatus == nil {
		mute, noStatus = silences(ctx, alertmanager, a.window)
	}
	if err := errors.Join(noMetrics, noRules, noConfig, noStatus); err != nil {
		return Report{}, err
	}
	kinds := kindsOf(rules)
	firings, err := prom.firings(ctx, a.window, func(of model.Metric) time.Duration { return intervalOf(kinds, of) })
	if err != nil {
		return Report{}, err
	}
	changes, known, missing, err := prom.changes(ctx, a.window)
	if err != nil {
		return Report{}, err
	}
	sent, err := prom.notifications(ctx, a.window)
	if err != nil {
		return Report{}, err
	}
	knows := kept{silences: mute, since: a.now.Add(-a.kept), changes: changes, external: external}
	if knows.since.Before(a.window.from) {
		knows.since = a.window.from
	}
	for i := range firings {
		firings[i].outcome = knows.judge(firings[i], a.window)
	}
	all := entries(kinds, firings, a.teams)
	for _, e := range all {
		e.count()
		e.find(window{first, a.window.to}, a.limits)
	}
	slices.SortFunc(all, func(x, y *entry) int { return cmp.Or(cmp.Compare(x.team, y.team), x.compare(y.Alert)) }) // so that progress has an order
	for _, e := range all {
		if err := e.suggest(ctx, prom, a.window); err != nil {
			return Report{}, err
		}
	}
	warnings := slices.Sorted(slices.Values(prom.warnings))
	return Report{
		Environment: a.environment, From: a.window.from, To: a.window.to, Notifications: sent, Owners: owners(all),
		Known: Known{
			Metrics: first, HoursWithout: without, Silences: knows.since,
			Changes: listed(known), Missing: listed(missing), Warnings: listed(warnings),
		},
	}, nil
}

func listed(all []string) []string {
	if all == nil {
		return []string{}
	}
	return all
}
