package gcp

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/components/tags"
)

// How an alarm takes a time in which nothing was measured
// (https://cloud.google.com/monitoring/alerts/concepts-indepth#partial-metric-data).
const (
	missingIsBad    = "EVALUATION_MISSING_DATA_ACTIVE"
	missingIsGood   = "EVALUATION_MISSING_DATA_INACTIVE"
	missingIsNoNews = "EVALUATION_MISSING_DATA_NO_OP" // the alarm stays as it was
)

// watch is one alarm: what is measured, how, and when it is too much.
type watch struct {
	role, key, team, description, severity string
	tags                                   tags.Set

	resource, metric, dimension string
	of                          pulumi.StringOutput // the dimension's value
	label                       string              // narrows the metric further, if set
	whole                       string              // the metric that the metric is a share of, if it is
	aligner, reducer            string

	threshold float64
	period    int // seconds that are one point
	lasting   int // seconds that the points must be above the threshold, in minutes
	missing   string
}

// watches are all alarms. Metrics:
//   - Cloud SQL: https://cloud.google.com/monitoring/api/metrics_gcp_c#gcp-cloudsql
//   - Pub/Sub: https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-pubsub
//   - load balancers: https://cloud.google.com/monitoring/api/metrics_gcp_i_o#gcp-loadbalancing
func (d *Driver) watches(args alarms.Args) []watch {
	return alarms.Watches(args, d.databaseWatches, queueWatches, apiWatches)
}

func (d *Driver) databaseWatches(service string, database alarms.Database) []watch {
	common := watch{
		key: service, team: database.Team, tags: database.Tags, severity: "ERROR",
		// Databases are told apart by project and instance.
		resource: "cloudsql_database", dimension: "database_id", of: pulumi.Sprintf("%s:%s", d.s.Project, database.Name),
	}
	cpu, storage, connections := common, common, common

	cpu.role, cpu.metric = "database-cpu", "cloudsql.googleapis.com/database/cpu/utilization"
	cpu.aligner, cpu.reducer = "ALIGN_MEAN", "REDUCE_MAX"
	cpu.description = fmt.Sprintf("The database of %s uses more than %d %% of its processor, or tells nothing", service, alarms.CPUPercent)
	cpu.threshold, cpu.period, cpu.lasting = alarms.CPUPercent/100.0, 300, 900
	// A running server reports every minute: one that is silent is down. Of the three only this one
	// says so, so that the team is told once.
	cpu.missing = missingIsBad

	storage.role, storage.metric = "database-storage", "cloudsql.googleapis.com/database/disk/utilization"
	storage.aligner, storage.reducer = "ALIGN_MAX", "REDUCE_MAX"
	storage.description = fmt.Sprintf("The database of %s uses more than %d %% of its %d GiB", service, alarms.UsedStoragePercent, database.StorageGiB)
	storage.threshold, storage.period, storage.lasting = alarms.UsedStoragePercent/100.0, 300, 600
	// A full disk is not emptied by silence.
	storage.missing = missingIsNoNews

	connections.role, connections.metric = "database-connections", "cloudsql.googleapis.com/database/postgresql/num_backends"
	// The metric counts each database of the server apart.
	connections.aligner, connections.reducer = "ALIGN_MAX", "REDUCE_SUM"
	most := database.MostConnections()
	connections.description = fmt.Sprintf("The database of %s has more than %d of its %d connections open", service, most, database.ConnectionLimit)
	connections.threshold, connections.period, connections.lasting = float64(most), 60, 300
	connections.missing = missingIsGood

	return []watch{cpu, storage, connections}
}

func queueWatches(name string, queue alarms.Queue) []watch {
	common := watch{
		key: name, team: queue.Team, tags: queue.Tags, severity: "WARNING",
		resource: "pubsub_subscription", dimension: "subscription_id", aligner: "ALIGN_MAX", reducer: "REDUCE_MAX",
		// An empty subscription may tell nothing.
		missing: missingIsGood,
	}
	age, dead := common, common

	age.role, age.metric, age.of = "queue-age", "pubsub.googleapis.com/subscription/oldest_unacked_message_age", queue.Name
	age.description = fmt.Sprintf("The oldest message of queue %s waits longer than %d seconds", name, queue.MaxAgeSeconds)
	age.threshold, age.period, age.lasting = float64(queue.MaxAgeSeconds), 60, 300

	dead.role, dead.metric, dead.of = "queue-dead-letters", "pubsub.googleapis.com/subscription/num_undelivered_messages", queue.DeadLetterName
	dead.description = fmt.Sprintf("Queue %s has dead letters", name)
	dead.threshold, dead.period, dead.lasting = 0, 300, 60

	return []watch{age, dead}
}

func apiWatches(audience string, api alarms.API) []watch {
	common := watch{
		key: audience, team: api.Team, tags: api.Tags, severity: "ERROR",
		resource: "https_lb_rule", dimension: "url_map_name", of: api.ID, aligner: "ALIGN_DELTA", period: 300, lasting: 900,
		// Nobody called.
		missing: missingIsGood,
	}
	failures, slow := common, common

	failures.role, failures.metric = "api-failures", "loadbalancing.googleapis.com/https/request_count"
	failures.label, failures.whole, failures.reducer = "metric.labels.response_code_class = 500", failures.metric, "REDUCE_SUM"
	failures.description = fmt.Sprintf("More than %d %% of the requests of %s fail", alarms.FailuresPercent, audience)
	failures.threshold = alarms.FailuresPercent / 100.0

	slow.role, slow.metric, slow.reducer = "api-latency", "loadbalancing.googleapis.com/https/total_latencies", "REDUCE_PERCENTILE_99"
	slow.description = fmt.Sprintf("The slowest 1 %% of the requests of %s take longer than %d ms", audience, alarms.SlowMilliseconds)
	slow.threshold = alarms.SlowMilliseconds

	return []watch{failures, slow}
}
