package alert

import (
	"fmt"
	"strings"
	"time"

	"platform/components/kubernetes/datadog/query"
)

// signal is what tells how a service does: how many requests it had, how many failed, and how long they took. Which one a
// service has, and why, is in docs/decisions/alerting.md.
type signal struct {
	count     string // a counter of requests, with the labels of the service
	failed    string // the same, of those that failed
	buckets   string // how long they took
	perSecond float64
}

// Doors' own counters (https://github.com/Kong/kong/blob/3.9.3/kong/plugins/prometheus/exporter.lua). Of what a caller did
// wrong (4xx) the service is innocent; so it is of requests that no route was for, which bear no service.
func (s Service) atTheDoor() signal {
	of := fmt.Sprintf("service=%q", s.Name)
	return signal{
		count: "kong_http_requests_total{" + of + "}", failed: "kong_http_requests_total{" + of + `,code=~"5.."}`,
		buckets: "kong_request_latency_ms_bucket{" + of + "}", perSecond: 1000,
	}
}

// The service's own, by OpenTelemetry's conventions, which are stable for HTTP
// (https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpserverrequestduration), as Prometheus writes them
// (https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/). The status counts and not the type of
// an error, which not every library says. What the kubelet asks is not the customers'.
func (s Service) atTheServer() signal {
	of := fmt.Sprintf(`namespace=%q,http_route!~%q`, s.Name, probes)
	return signal{
		count: "http_server_request_duration_seconds_count{" + of + "}", failed: "http_server_request_duration_seconds_count{" + of + `,http_response_status_code=~"5.."}`,
		buckets: "http_server_request_duration_seconds_bucket{" + of + "}", perSecond: 1,
	}
}

// probed are the routes by which the kubelet asks, and probes the same as a pattern.
var probed = []string{"/livez", "/readyz", "/healthz", "/health", "/ready", "/metrics"}

const probes = "/(livez|readyz|healthz|health|ready|metrics)"

// A consumer's requests are the messages that it works on
// (https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/#metric-messagingprocessduration).
func (s Service) atTheQueue() signal {
	of := fmt.Sprintf("namespace=%q", s.Name)
	return signal{
		count: "messaging_process_duration_seconds_count{" + of + "}", failed: "messaging_process_duration_seconds_count{" + of + `,error_type!=""}`,
		buckets: "messaging_process_duration_seconds_bucket{" + of + "}", perSecond: 1,
	}
}

// signal is the one nearest to who waits for the answer.
func (s Service) signal() signal {
	switch {
	case s.Doors && s.Routed:
		return s.atTheDoor()
	case s.Routed || s.Called:
		return s.atTheServer()
	}
	return s.atTheQueue()
}

func (s signal) requests(window time.Duration) string { return rate(s.count, window) }

// failures are none, not unknown, where requests are and none has failed yet: the series of failures begins with the first.
func (s signal) failures(window time.Duration) string {
	return rate(s.failed, window) + " or 0 * " + rate(s.count, window)
}

// slow counts the requests above a limit. Where it lies between two buckets, the share below is interpolated. Without
// requests there is no share, and so none was slow.
func (s signal) slow(window, limit time.Duration) string {
	all := rate(strings.Replace(s.buckets, "_bucket{", "_count{", 1), window)
	return fmt.Sprintf("(1 - histogram_fraction(0, %s, sum by (le) (rate(%s[%s])))) * (%s > 0) or 0 * %s",
		number(rounded(limit.Seconds()*s.perSecond)), s.buckets, Written(window), all, all)
}

func rate(counter string, window time.Duration) string {
	return fmt.Sprintf("sum(rate(%s[%s]))", counter, Written(window))
}

// Collected begins the names of what services tell of themselves, as Datadog knows them (components/kubernetes/datadog).
const Collected = "service"

// counted is the same signal to Datadog: all requests, those that did not fail, and the distribution of how long they took
// (https://docs.datadoghq.com/integrations/openmetrics/).
type counted struct {
	total, good string
	times       string
	tags        []string
	perSecond   float64
}

// doorRequests counts those of the doors (https://docs.datadoghq.com/integrations/kong/#data-collected).
const doorRequests = "kong.http.requests.count"

// atDoor is the tag of a service's requests there: Datadog's own tag service is kept for whose the door is.
func (s Service) atDoor() string { return "kong_service:" + s.Name }

func (s Service) counted() counted {
	at := counted{perSecond: 1}
	var failed string
	switch {
	case s.Doors && s.Routed:
		at.tags, at.perSecond = []string{s.atDoor()}, 1000
		at.times, failed = "kong.request.latency.ms", query.Not("code", "5*")
		at.total, at.good = query.Counted(doorRequests, at.tags), query.Counted(doorRequests, append(at.tags, failed))
		return at
	case s.Routed || s.Called:
		at.tags = []string{s.tag(), query.None("http_route", probed...)}
		at.times, failed = Collected+".http_server_request_duration_seconds", query.Not("http_response_status_code", "5*")
	default:
		at.tags = []string{s.tag()}
		at.times, failed = Collected+".messaging_process_duration_seconds", query.Not("error_type", "*")
	}
	at.total = query.Counted(at.times+".count", at.tags)
	at.good = query.Counted(at.times+".count", append(at.tags, failed))
	return at
}

// Promise is one objective of a service, in Datadog's queries: the good events, and all of them.
type Promise struct {
	Objective   string
	Percent     float64
	Good, Total string
	Summary     string
}

// Promises are those of a service.
func (s Service) Promises() []Promise {
	at := s.counted()
	out := []Promise{{Availability, s.Availability, at.good, at.total, "requests of " + s.Name + " that did not fail"}}
	if s.P99 > 0 {
		limit := rounded(s.P99.Seconds() * at.perSecond)
		out = append(out, Promise{
			Latency, 100 - slowPercent, query.Within(at.times, limit, at.tags...), query.Counted(at.times+".count", at.tags),
			"requests of " + s.Name + " that took no longer than " + s.P99.String(),
		})
	}
	return out
}
