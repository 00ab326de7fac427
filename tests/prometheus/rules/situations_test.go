package rules

import (
	"fmt"
	"strings"
	"time"

	"platform/components/kubernetes/alerting/alert"
)

// situation is something that happens in a cluster, and what is to fire then.
type situation struct {
	name   string
	of     alert.Service
	series []string
	span   [2]int   // minutes, and how many lie between two looks
	fires  []string // exactly these, besides the dead man's switch
	near   []string // these come close, and do not fire
	// recorded situations are told in the records themselves, so that each threshold of an alert of many is tried alone.
	recorded bool
}

// The services: one behind a door, one that others call, and one that works on messages.
var (
	atDoor = alert.Service{
		Name: "orders", Team: "checkout", Availability: 99.9, P99: 300 * time.Millisecond, Routed: true, Called: true, Doors: true,
		Consumes: true, Secrets: true, Grows: true, Healed: true,
	}
	atServer = alert.Service{Name: "ledger", Team: "payments", Availability: 99.9, P99: 250 * time.Millisecond, Called: true, Grows: true}
	atQueue  = alert.Service{Name: "reports", Team: "reporting", Availability: 99.5, Consumes: true, Grows: true}
)

var platform = alert.Platform{
	Team: "platform", Namespaces: []string{"ingress", "istio-system", "kube-system", "observability"}, Urgent: []string{"ingress", "istio-system"},
	Placeholders: "headroom", Collector: "kube-state-metrics",
}

var links = alert.Links{Runbooks: "https://git.example.com/platform/docs/runbooks", Dashboards: "https://grafana.example.com"}

// groups are the rules of a service and of the platform, what is recorded first.
func groups(s alert.Service) []alert.Group {
	return append(s.Groups(links)[:1:1], append(platform.Groups(links), s.Groups(links)[1:]...)...)
}

// part is some minutes of a counter.
type part struct{ minutes, perMinute int }

// counter is a series that counts up.
func counter(metric string, parts ...part) string {
	var b strings.Builder
	b.WriteString(metric)
	at := 0
	for _, p := range parts {
		fmt.Fprintf(&b, " %d+%dx%d", at, p.perMinute, p.minutes-1)
		at += p.minutes * p.perMinute
	}
	return b.String()
}

func always(metric string, value, minutes int) string {
	return fmt.Sprintf("%s %dx%d", metric, value, minutes)
}

// collected is the one series without which the platform's own alerts say that they are blind.
func collected(minutes int) string {
	return always(`up{job="kube-state-metrics",namespace="observability"}`, 1, minutes)
}

// phase is some minutes in which a service has so many requests, of which some fail and some are slow.
type phase struct{ minutes, requests, failing, slow int }

// asked are the counters of a service in the form of the signal that it has.
func asked(s alert.Service, phases ...phase) []string {
	good, bad, quick, all := []part{}, []part{}, []part{}, []part{}
	for _, p := range phases {
		good = append(good, part{p.minutes, p.requests - p.failing})
		bad = append(bad, part{p.minutes, p.failing})
		quick = append(quick, part{p.minutes, p.requests - p.slow})
		all = append(all, part{p.minutes, p.requests})
	}
	switch {
	case s.Doors:
		of := fmt.Sprintf("service=%q,route=%q", s.Name, s.Name)
		return []string{
			counter("kong_http_requests_total{"+of+`,code="200"}`, good...), counter("kong_http_requests_total{"+of+`,code="503"}`, bad...),
			counter("kong_request_latency_ms_bucket{"+of+`,le="250"}`, quick...), counter("kong_request_latency_ms_bucket{"+of+`,le="400"}`, quick...),
			counter("kong_request_latency_ms_bucket{"+of+`,le="+Inf"}`, all...), counter("kong_request_latency_ms_count{"+of+"}", all...),
		}
	case s.Called:
		of, name := fmt.Sprintf("namespace=%q,http_route=%q", s.Name, "/entries"), "http_server_request_duration_seconds"
		return []string{
			counter(name+"_count{"+of+`,http_response_status_code="200"}`, good...),
			counter(name+"_count{"+of+`,http_response_status_code="500"}`, bad...),
			counter(name+"_bucket{"+of+`,le="0.1"}`, quick...), counter(name+"_bucket{"+of+`,le="0.25"}`, quick...),
			counter(name+"_bucket{"+of+`,le="+Inf"}`, all...),
		}
	}
	of, name := fmt.Sprintf("namespace=%q", s.Name), "messaging_process_duration_seconds"
	return []string{counter(name+"_count{"+of+"}", good...), counter(name+"_count{"+of+`,error_type="timeout"}`, bad...)}
}

// deployed are the pods of a service: how many are wanted and how many serve.
func deployed(s alert.Service, wanted, serving, minutes int) []string {
	of := fmt.Sprintf("{namespace=%[1]q,deployment=%[1]q}", s.Name)
	return []string{
		always("kube_deployment_spec_replicas"+of, wanted, minutes), always("kube_deployment_status_replicas_available"+of, serving, minutes),
	}
}
