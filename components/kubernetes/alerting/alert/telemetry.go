package alert

import "time"

// telemetry are the alerts of what takes and keeps traces and logs. They wait for the working day: no customer notices, but who looks
// for what went wrong would find nothing.
func telemetry() []Definition {
	return []Definition{
		{
			Name: "TelemetryRefused", Severity: Ticket, Pending: 15 * time.Minute, Board: BoardPlatform,
			Summary:     "traces or logs are not taken",
			Description: "{{ $labels.job }} refuses {{ $value | humanize }} spans and lines a second: it has no memory left for them.",
			Expr: "sum by (job) (rate(otelcol_receiver_refused_spans_total[5m])) > 0" +
				"\nor sum by (job) (rate(otelcol_receiver_refused_log_records_total[5m])) > 0",
		},
		{
			Name: "TelemetryQueueFilling", Severity: Ticket, Pending: 10 * time.Minute, Board: BoardPlatform,
			Summary:     "traces or logs wait to be kept",
			Description: "The queue of {{ $labels.exporter }} in {{ $labels.job }} is {{ $value | humanizePercentage }} full: what comes when it is full is lost.",
			Expr:        "max by (job, exporter) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity) > 0.8",
		},
		{
			Name: "TelemetryLost", Severity: Ticket, Pending: 15 * time.Minute, Board: BoardPlatform,
			Summary:     "traces or logs are lost",
			Description: "{{ $labels.exporter }} in {{ $labels.job }} gives up {{ $value | humanize }} spans and lines a second.",
			Expr: "sum by (job, exporter) (rate(otelcol_exporter_send_failed_spans_total[5m])) > 0" +
				"\nor sum by (job, exporter) (rate(otelcol_exporter_send_failed_log_records_total[5m])) > 0",
		},
		{
			Name: "TelemetryNotStored", Severity: Ticket, Pending: 30 * time.Minute, Board: BoardPlatform,
			Summary:     "a store of traces or logs does not reach its object storage",
			Description: "{{ $labels.job }} could not write {{ $value | humanize }} times a second: what it holds is in its volume alone, which fills.",
			Expr: "sum by (job) (rate(loki_ingester_chunks_flush_failures_total[15m])) > 0" +
				"\nor sum by (job) (rate(tempo_ingester_failed_flushes_total[15m])) > 0",
		},
	}
}
