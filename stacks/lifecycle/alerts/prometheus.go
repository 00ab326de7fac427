package alerts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/api"
	prometheus "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"gopkg.in/yaml.v3"
)

// metrics asks a Prometheus, and remembers what it warned of.
type metrics struct {
	*connection
	api      prometheus.API
	progress func(string)
	warnings []string
}

func newMetrics(c *connection, progress func(string)) (*metrics, error) {
	client, err := api.NewClient(api.Config{Address: c.base.String(), Client: c.client})
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", c.flag, err)
	}
	return &metrics{connection: c, api: prometheus.NewAPI(client), progress: progress}, nil
}

func (m *metrics) warned(warnings prometheus.Warnings) {
	for _, w := range warnings {
		if !slices.Contains(m.warnings, w) {
			m.warnings = append(m.warnings, w)
		}
	}
}

func (m *metrics) failed(query string, err error) error {
	return fmt.Errorf("--%s: %s: %w", m.flag, query, err)
}

// vector asks for the values of one time.
func (m *metrics) vector(ctx context.Context, query string, at time.Time) (model.Vector, error) {
	value, warnings, err := m.api.Query(ctx, query, at)
	if err != nil {
		return nil, m.failed(query, err)
	}
	m.warned(warnings)
	vector, ok := value.(model.Vector)
	if !ok {
		return nil, m.failed(query, fmt.Errorf("the answer is a %s: a vector is allowed", value.Type()))
	}
	return vector, nil
}

// samples asks for the samples themselves, as they were written, of a selector within a window.
func (m *metrics) samples(ctx context.Context, selector string, w window) (model.Matrix, error) {
	query := fmt.Sprintf("%s[%dms]", selector, w.length().Milliseconds())
	value, warnings, err := m.api.Query(ctx, query, w.to)
	if err != nil {
		return nil, m.failed(query, err)
	}
	m.warned(warnings)
	matrix, ok := value.(model.Matrix)
	if !ok {
		return nil, m.failed(query, fmt.Errorf("the answer is a %s: a matrix is allowed", value.Type()))
	}
	return matrix, nil
}

// mostPoints is what Prometheus answers for a series at most (web/api/v1 in its source: 11,000), and some room.
const mostPoints = 10_000

// steps asks for values step by step, in as many requests as it takes, and hands on what each brings.
func (m *metrics) steps(ctx context.Context, query string, w window, step time.Duration, each func(model.Matrix)) error {
	for from := w.from; !from.After(w.to); from = from.Add(mostPoints * step) {
		to := from.Add((mostPoints - 1) * step)
		if to.After(w.to) {
			to = w.to
		}
		value, warnings, err := m.api.QueryRange(ctx, query, prometheus.Range{Start: from, End: to, Step: step})
		if err != nil {
			return m.failed(query, err)
		}
		m.warned(warnings)
		matrix, ok := value.(model.Matrix)
		if !ok {
			return m.failed(query, fmt.Errorf("the answer is a %s: a matrix is allowed", value.Type()))
		}
		each(matrix)
	}
	return nil
}

// hours are those of the window in which anything was scraped. Of others nobody knows what would have fired.
func (m *metrics) hours(ctx context.Context, w window) (first time.Time, without int, err error) {
	with := 0
	err = m.steps(ctx, "count(count_over_time(up[1h]))", window{w.from.Add(time.Hour), w.to}, time.Hour, func(all model.Matrix) {
		for _, series := range all {
			for _, sample := range series.Values {
				if first.IsZero() {
					first = sample.Timestamp.Time().Add(-time.Hour).UTC()
				}
				with++
			}
		}
	})
	if err == nil && with == 0 {
		err = fmt.Errorf("--%s: no series up from %s to %s: it scraped nothing then, or forgot it: is it the right one, and is its retention as long?",
			m.flag, stamp(w.from), stamp(w.to))
	}
	if err != nil {
		return time.Time{}, 0, err
	}
	return first, int(w.to.Sub(first).Hours()) - with, nil
}

// rule is an alerting rule as Prometheus's API tells it.
type rule struct {
	Name          string
	Query         string
	Duration      float64
	KeepFiringFor float64
	Labels        map[string]string
	Health        string
	LastError     string

	group    string
	interval time.Duration
}

func (m *metrics) rules(ctx context.Context) ([]rule, error) {
	var answer struct {
		Data struct {
			Groups []struct {
				Name     string
				Interval float64
				Rules    []rule
			}
		}
	}
	if err := m.get(ctx, "/api/v1/rules", url.Values{"type": {"alert"}}, &answer); err != nil {
		return nil, err
	}
	var out []rule
	for _, group := range answer.Data.Groups {
		for _, r := range group.Rules {
			r.group, r.interval = group.Name, time.Duration(group.Interval*float64(time.Second))
			out = append(out, r)
		}
	}
	return out, nil
}

// external are the labels that Prometheus adds to what it sends, and not to what it keeps.
func (m *metrics) external(ctx context.Context) (model.LabelSet, error) {
	var config struct{ Data struct{ YAML string } }
	err := m.get(ctx, "/api/v1/status/config", url.Values{}, &config)
	if notThere(err) {
		m.warned(prometheus.Warnings{"the server tells no external labels: a silence by one of them matches nothing here"})
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var read struct {
		Global struct {
			External model.LabelSet `yaml:"external_labels"`
		}
	}
	if err := yaml.Unmarshal([]byte(config.Data.YAML), &read); err != nil {
		return nil, m.failed("/api/v1/status/config", err)
	}
	return read.Global.External, nil
}

// mostSamples is how many samples of alerts are asked for at once: some tens of megabytes.
const mostSamples = 500_000

const firingSelector, activeSelector = `ALERTS{alertstate="firing"}`, `ALERTS_FOR_STATE`

// firings reads what fired within the window: each sample, so that neither a short firing nor a short calm is missed.
func (m *metrics) firings(ctx context.Context, w window, interval func(model.Metric) time.Duration) ([]firing, error) {
	type fired struct {
		labels model.Metric
		all    []evaluation
	}
	series, days := map[model.Fingerprint]*fired{}, w.days()
	for i, one := range days {
		m.progress(fmt.Sprintf("alerts of %s, day %d of %d", one.from.Format(time.DateOnly), i+1, len(days)))
		pieces, err := m.pieces(ctx, one)
		if err != nil {
			return nil, err
		}
		for _, piece := range pieces {
			firing, err := m.samples(ctx, firingSelector, piece)
			if err != nil {
				return nil, err
			}
			active, err := m.samples(ctx, activeSelector, piece)
			if err != nil {
				return nil, err
			}
			since := map[model.Fingerprint]map[model.Time]model.SampleValue{}
			for _, s := range active {
				at := map[model.Time]model.SampleValue{}
				for _, sample := range s.Values {
					at[sample.Timestamp] = sample.Value
				}
				since[alertLabels(s.Metric).Fingerprint()] = at
			}
			for _, s := range firing {
				labels := alertLabels(s.Metric)
				key := labels.Fingerprint()
				if series[key] == nil {
					series[key] = &fired{labels: labels}
				}
				for _, sample := range s.Values {
					e := evaluation{at: sample.Timestamp.Time().UTC()}
					if seconds, ok := since[key][sample.Timestamp]; ok {
						e.active = time.Unix(int64(seconds), 0).UTC()
					}
					// Windows of an older Prometheus hold both of their ends.
					if all := series[key].all; len(all) == 0 || all[len(all)-1].at.Before(e.at) {
						series[key].all = append(all, e)
					}
				}
			}
		}
	}
	var out []firing
	for _, s := range series {
		out = append(out, firingsOf(s.labels, s.all, interval(s.labels), w)...)
	}
	sortFirings(out)
	return out, nil
}

// pieces cuts a day so that none has more samples than may be asked for at once.
func (m *metrics) pieces(ctx context.Context, whole window) ([]window, error) {
	count, err := m.vector(ctx, fmt.Sprintf(`sum(count_over_time({__name__=~"ALERTS|ALERTS_FOR_STATE"}[%dms]))`, whole.length().Milliseconds()), whole.to)
	if err != nil || len(count) == 0 {
		return nil, err
	}
	n := int64(count[0].Value)/mostSamples + 1
	return whole.cut((whole.length() / time.Duration(n)).Truncate(time.Millisecond) + time.Millisecond), nil
}

// alertLabels are those of the alert, without what only Prometheus's own series of it have.
func alertLabels(of model.Metric) model.Metric {
	out := of.Clone()
	delete(out, model.MetricNameLabel)
	delete(out, "alertstate")
	return out
}

// changing is a metric by which changes are known.
type changing struct{ metric, scale, workload string }

// changings are of kube-state-metrics (https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload). A generation
// rises with each change of what is asked for, the number of pods among it, which is an autoscaler's: a change of both at
// once counts as one of scale. A rollback and a change by hand are seen as well as a delivery.
var changings = []changing{
	{"kube_deployment_status_observed_generation", "kube_deployment_spec_replicas", "deployment"},
	{"kube_statefulset_status_observed_generation", "kube_statefulset_replicas", "statefulset"},
	{"kube_daemonset_status_observed_generation", "", "daemonset"},
}

// query compares each minute with the one before. A container of kube-state-metrics that starts anew changes nothing.
func (c changing) query() string {
	differs := func(metric string) string {
		of := fmt.Sprintf("max by (namespace, %s) (%s", c.workload, metric)
		return fmt.Sprintf("%s) != %s offset %s)", of, of, model.Duration(resolution))
	}
	if c.scale == "" {
		return differs(c.metric)
	}
	return fmt.Sprintf("(%s) unless (%s)", differs(c.metric), differs(c.scale))
}

// Argo CD counts syncs by application, and says elsewhere where an application goes
// (https://argo-cd.readthedocs.io/en/stable/operator-manual/metrics/; labels in its controller/metrics/metrics.go).
const (
	syncs        = `argocd_app_sync_total`
	synced       = `sum by (name) (argocd_app_sync_total{phase="Succeeded"}) > sum by (name) (argocd_app_sync_total{phase="Succeeded"} offset 1m)`
	destinations = `group by (name, dest_namespace) (last_over_time(argocd_app_info[%dms]))`
)

// changes reads who changed what. Metrics that are not kept are named: by those nobody is seen to act.
func (m *metrics) changes(ctx context.Context, w window) (out []change, known, missing []string, err error) {
	kept := func(metric string) (bool, error) {
		there, err := m.vector(ctx, fmt.Sprintf("group(last_over_time(%s[%dms]))", metric, w.length().Milliseconds()), w.to)
		if err != nil {
			return false, err
		}
		if len(there) == 0 {
			missing = append(missing, metric)
			return false, nil
		}
		known = append(known, metric)
		return true, nil
	}
	// By the day: a query holds what it compares in memory, all minutes of all workloads at once.
	read := func(query string, of func(model.Metric) []change) error {
		m.progress("changes: " + query)
		for _, one := range w.days() {
			if err := m.steps(ctx, query, window{one.from.Add(resolution), one.to}, resolution, func(all model.Matrix) {
				for _, series := range all {
					for _, sample := range series.Values {
						for _, c := range of(series.Metric) {
							c.at = sample.Timestamp.Time().UTC()
							out = append(out, c)
						}
					}
				}
			}); err != nil {
				return err
			}
		}
		return nil
	}
	for _, c := range changings {
		there, err := kept(c.metric)
		if err != nil {
			return nil, nil, nil, err
		}
		if !there {
			continue
		}
		if err := read(c.query(), func(labels model.Metric) []change {
			workload := string(labels[model.LabelName(c.workload)])
			return []change{{namespace: string(labels["namespace"]), workload: workload, how: "change of the " + c.workload + " " + workload}}
		}); err != nil {
			return nil, nil, nil, err
		}
	}
	there, err := kept(syncs)
	if err != nil {
		return nil, nil, nil, err
	}
	if there {
		places, err := m.vector(ctx, fmt.Sprintf(destinations, w.length().Milliseconds()), w.to)
		if err != nil {
			return nil, nil, nil, err
		}
		if err := read(synced, func(labels model.Metric) []change {
			var out []change
			for _, place := range places {
				if place.Metric["name"] == labels["name"] {
					out = append(out, change{namespace: string(place.Metric["dest_namespace"]), how: "sync of " + string(labels["name"])})
				}
			}
			return out
		}); err != nil {
			return nil, nil, nil, err
		}
	}
	slices.SortFunc(out, func(a, b change) int {
		if order := a.at.Compare(b.at); order != 0 {
			return order
		}
		return strings.Compare(a.namespace+a.how, b.namespace+b.how)
	})
	return out, known, missing, nil
}

// Notification is what Alertmanager sent, and could not send, in the window.
type Notification struct {
	Integration string `json:"integration"`
	Sent        int    `json:"sent"`
	Failed      int    `json:"failed"`
}

// notifications are counted by Alertmanager itself, where Prometheus scrapes it.
func (m *metrics) notifications(ctx context.Context, w window) ([]Notification, error) {
	counts := map[string]*Notification{}
	for metric, field := range map[string]func(*Notification) *int{
		"alertmanager_notifications_total":        func(n *Notification) *int { return &n.Sent },
		"alertmanager_notifications_failed_total": func(n *Notification) *int { return &n.Failed },
	} {
		all, err := m.vector(ctx, fmt.Sprintf("sum by (integration) (increase(%s[%dms]))", metric, w.length().Milliseconds()), w.to)
		if err != nil {
			return nil, err
		}
		for _, sample := range all {
			name := string(sample.Metric["integration"])
			if counts[name] == nil {
				counts[name] = &Notification{Integration: name}
			}
			*field(counts[name]) = int(float64(sample.Value) + 0.5)
		}
	}
	out := []Notification{}
	for _, n := range counts {
		if n.Sent > 0 || n.Failed > 0 { // Alertmanager counts integrations that nobody uses, too
			out = append(out, *n)
		}
	}
	slices.SortFunc(out, func(a, b Notification) int { return strings.Compare(a.Integration, b.Integration) })
	return out, nil
}

// notThere tells whether the server does not know what it was asked.
func notThere(err error) bool {
	var status statusError
	return errors.As(err, &status) && status.status == http.StatusNotFound
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
