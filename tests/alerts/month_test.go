package alerts

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The month lies ahead: Alertmanager takes no silence that began in the past, and one that is to come keeps its times.
var (
	from  = time.Date(2040, time.November, 1, 0, 0, 0, 0, time.UTC)
	until = time.Date(2040, time.December, 1, 0, 0, 0, 0, time.UTC)
)

const interval = 2 * time.Minute

// spell is a time in which a series has another value.
type spell struct {
	from   time.Time
	length time.Duration
	value  float64
}

// on is a moment of the month.
func on(day, hour, minute int) time.Time {
	return time.Date(2040, time.November, day, hour, minute, 0, 0, time.UTC)
}

// daily repeats a spell on some days.
func daily(days []int, hour, minute int, length time.Duration, value float64) []spell {
	var out []spell
	for _, day := range days {
		out = append(out, spell{on(day, hour, minute), length, value})
	}
	return out
}

func days(from, to int) []int {
	var out []int
	for day := from; day <= to; day++ {
		out = append(out, day)
	}
	return out
}

// recorded is a series: its usual value, and when it had another. A step stays.
type recorded struct {
	series string
	usual  float64
	spells []spell
	steps  []spell
}

// month is what Prometheus scraped.
func month() []recorded {
	slow := []spell{
		{on(9, 10, 0), 30 * time.Minute, 0.92}, // a bad release, taken back
		{on(22, 16, 0), 44 * time.Minute, 1.4}, // a lost index, silenced by whoever mended it
	}
	for _, day := range days(11, 20) { // ten afternoons, eight times each
		for minute := 0; minute < 160; minute += 20 {
			slow = append(slow, spell{on(day, 14, minute), 6 * time.Minute, 0.34 + float64(day%5)/100})
		}
	}
	return []recorded{
		{series: `up{job="kube-state-metrics"}`, usual: 1},
		{series: `queue_oldest_message_seconds{namespace="reports",queue="payment-settled",pod="a"}`, usual: 4, spells: daily(days(1, 30), 2, 10, 50*time.Minute, 1500)},
		{series: `request_seconds{quantile="0.99",namespace="orders"}`, usual: 0.12, spells: slow},
		{series: `request_seconds{quantile="0.5",namespace="orders"}`, usual: 0.03},
		{series: `payment_errors:ratio5m{namespace="payments"}`, usual: 0.002, spells: []spell{
			{on(6, 9, 0), 24 * time.Minute, 0.2}, {on(15, 21, 30), 20 * time.Minute, 0.08}, {on(27, 12, 0), 36 * time.Minute, 0.3},
		}},
		{series: `probe_success{namespace="ledger"}`, usual: 1},
		// Backups end at 01:00, but that of Sunday to Monday ends at 05:00.
		backups(),

		// The autoscaler gives the reports more pods each night, which is nobody's action: a generation for each of two steps.
		{series: `kube_deployment_status_observed_generation{namespace="reports",deployment="reports"}`, usual: 7, steps: nightly(7, 1)},
		{series: `kube_deployment_spec_replicas{namespace="reports",deployment="reports"}`, usual: 1, spells: daily(days(1, 30), 2, 30, 70*time.Minute, 3)},
		// The release of the 9th is taken back by hand.
		{series: `kube_deployment_status_observed_generation{namespace="orders",deployment="orders"}`, usual: 12, steps: []spell{{from: on(9, 10, 20), value: 13}}},
		{series: `kube_deployment_spec_replicas{namespace="orders",deployment="orders"}`, usual: 3},
		// A change of another namespace, at the very time of an afternoon's noise, is of no alert here.
		{series: `kube_deployment_status_observed_generation{namespace="search",deployment="search"}`, usual: 3, steps: []spell{{from: on(12, 14, 4), value: 4}}},
		{series: `kube_deployment_spec_replicas{namespace="search",deployment="search"}`, usual: 2},
		// A delivery mends the payments of the 15th.
		{series: `argocd_app_sync_total{name="payments",phase="Succeeded"}`, usual: 4, steps: []spell{{from: on(15, 21, 42), value: 5}}},
		{series: `argocd_app_info{name="payments",dest_namespace="payments"}`, usual: 1},
		// One of the reports fails, and so changes nothing.
		{series: `argocd_app_sync_total{name="reports",phase="Failed"}`, usual: 1, steps: []spell{{from: on(20, 2, 40), value: 2}}},
		{series: `argocd_app_info{name="reports",dest_namespace="reports"}`, usual: 1},
		{series: `alertmanager_notifications_total{integration="email"}`, usual: 0, steps: []spell{{from: on(10, 0, 0), value: 60}, {from: on(20, 0, 0), value: 130}}},
		{series: `alertmanager_notifications_failed_total{integration="email"}`, usual: 0, steps: []spell{{from: on(21, 0, 0), value: 2}}},
	}
}

// nightly is a generation that rises at 02:30, while the alert fires, and at 03:40 of each day.
func nightly(first float64, by float64) []spell {
	var out []spell
	for _, day := range days(1, 30) {
		first += by
		out = append(out, spell{from: on(day, 2, 30), value: first})
		first += by
		out = append(out, spell{from: on(day, 3, 40), value: first})
	}
	return out
}

func backups() recorded {
	out := recorded{series: `backup_last_success_timestamp_seconds{namespace="backup"}`, usual: float64(on(1, 0, 0).Unix() - 23*3600)}
	for _, day := range days(1, 30) {
		at := on(day, 1, 0)
		if at.Weekday() == time.Monday {
			at = on(day, 5, 0)
		}
		out.steps = append(out.steps, spell{from: at, value: float64(at.Unix())})
	}
	return out
}

// notation writes the values of a series as Prometheus's unit tests do: a value and how often it comes again.
func (r recorded) notation() string {
	at := func(t time.Time) float64 {
		value := r.usual
		for _, s := range r.steps {
			if !t.Before(s.from) {
				value = s.value
			}
		}
		for _, s := range r.spells {
			if !t.Before(s.from) && t.Before(s.from.Add(s.length)) {
				value = s.value
			}
		}
		return value
	}
	var out strings.Builder
	out.WriteString(r.series)
	value, times := at(from), 0
	flush := func() { fmt.Fprintf(&out, " %sx%d", strconv.FormatFloat(value, 'f', -1, 64), times-1) }
	for t := from; !t.After(until); t = t.Add(interval) {
		if now := at(t); now != value {
			flush()
			value, times = now, 0
		}
		times++
	}
	flush()
	return out.String()
}

// silence is one that somebody made.
type silence struct {
	from    time.Time
	length  time.Duration
	by      string
	comment string
	match   map[string]string // a value that begins with ~ is a pattern
}

func silences() []silence {
	out := []silence{
		{on(22, 16, 10), 2 * time.Hour, "checkout", "an index is missing", map[string]string{"alertname": "CheckoutSlow", "environment": "prod-aws"}},
		{on(6, 9, 14), 30 * time.Minute, "payments", "the bank answers slowly", map[string]string{"alertname": "~Payments.*"}},
		{on(27, 12, 8), time.Hour, "payments", "the bank again", map[string]string{"alertname": "PaymentsFailing", "namespace": "payments"}},
		// Of another environment: the label is one that Prometheus adds when it sends.
		{on(20, 14, 2), time.Hour, "checkout", "load test", map[string]string{"alertname": "CheckoutSlow", "environment": "staging-aws"}},
	}
	for _, sunday := range []int{4, 11, 18, 25} {
		out = append(out, silence{on(sunday, 22, 0), 12 * time.Hour, "platform", "the long backup", map[string]string{"alertname": "BackupLate"}})
	}
	return out
}
