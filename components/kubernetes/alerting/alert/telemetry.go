package alert

import "time"

// telemetry are the alerts of what takes and keeps traces and logs. They wait for the working day: no customer notices, but who looks
// for what went wrong would find nothing.
func telemetry() []definition {
	return []definition{
		{
			name: "TelemetryRefused", severity: Ticket, pending: 15 * time.Minute, board: BoardPlatform,
			summary:     "traces or logs are not taken",
			description: "{{ $labels.job }} refuses {{ $value | humanize }} spans and lines a second: it has no memory left for them.",
			expr: "sum by (job) (rate(otelcol_receiver_refused_spans_total[5m])) > 0" +
				"\nor sum by (job) (rate(otelcol_receiver_refused_log_records_total[5m])) > 0",
		},
		{
			name: "TelemetryQueueFilling", severity: Ticket, pending: 10 * time.Minute, board: BoardPlatform,
			summary:     "traces or logs wait to be kept",
			description: "The queue of {{ $labels.exporter }} in {{ $labels.job }} is {{ $value | humanizePercentage }} full: what comes when it is full is lost.",
			expr:        "max by (job, exporter) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity) > 0.8",
		},
		{
			name: "TelemetryLost", severity: Ticket, pending: 15 * time.Minute, board: BoardPlatform,
			summary:     "traces or logs are lost",
			description: "{{ $labels.exporter }} in {{ $labels.job }} gives up {{ $value | humanize }} spans and lines a second.",
			expr: "sum by (job, exporter) (rate(otelcol_exporter_send_failed_spans_total[5m])) > 0" +
				"\nor sum by (job, exporter) (rate(otelcol_exporter_send_failed_log_records_total[5m])) > 0",
		},
		{
			name: "TelemetryNotStored", severity: Ticket, pending: 30 * time.Minute, board: BoardPlatform,
			summary:     "a store of traces or logs does not reach its object storage",
			description: "{{ $labels.job }} could not write {{ $value | humanize }} times a second: what it holds is in its volume alone, which fills.",
			expr: "sum by (job) (rate(loki_ingester_chunks_flush_failures_total[15m])) > 0" +
				"\nor sum by (job) (rate(tempo_ingester_failed_flushes_total[15m])) > 0",
		},
	}
}
