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

const (
	above = "COMPARISON_GT"
	below = "COMPARISON_LT"
)

// watch is one alarm: what is measured, how, and when it is too much. It has a metric, or else a query that is true when it is.
type watch struct {
	role, key, team, description, severity string
	tags                                   tags.Set

	resource, metric, dimension string
	of                          pulumi.StringOutput // the dimension's value
	label                       string              // narrows the metric further, if set
	whole                       string              // the metric that the metric is a share of, if it is
	aligner, reducer            string
	query                       string

	comparison string
	threshold  float64
	period     int // seconds that are one point, or between two questions
	lasting    int // seconds that the points must be beyond the threshold, in minutes
	missing    string
}

// watcher makes all alarms. Metrics:
//   - Cloud SQL: https://cloud.google.com/monitoring/api/metrics_gcp_c#gcp-cloudsql
//   - Pub/Sub: https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-pubsub
//   - load balancers: https://cloud.google.com/monitoring/api/metrics_gcp_i_o#gcp-loadbalancing
//   - GKE: https://cloud.google.com/monitoring/api/metrics_kubernetes
//   - quotas: https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-serviceruntime
type watcher struct {
	project string
	bounds  alarms.Bounds
}

func (w watcher) Database(service string, database alarms.Database) []watch {
	common := watch{
		key: service, team: database.Team, tags: database.Tags, severity: "ERROR", comparison: above,
		// Databases are told apart by project and instance.
		resource: "cloudsql_database", dimension: "database_id", of: pulumi.Sprintf("%s:%s", w.project, database.Name),
	}
	cpu, storage, connections := common, common, common

	cpu.role, cpu.metric = "database-cpu", "cloudsql.googleapis.com/database/cpu/utilization"
	cpu.aligner, cpu.reducer = "ALIGN_MEAN", "REDUCE_MAX"
	cpu.description = fmt.Sprintf("The database of %s uses more than %d %% of its processor, or tells nothing", service, w.bounds.CPUPercent)
	cpu.threshold, cpu.period, cpu.lasting = share(w.bounds.CPUPercent), 300, 900
	// A running server reports every minute: one that is silent is down. Of all only this one says so, so that the team
	// is told once.
	cpu.missing = missingIsBad

	storage.role, storage.metric = "database-storage", "cloudsql.googleapis.com/database/disk/utilization"
	storage.aligner, storage.reducer = "ALIGN_MAX", "REDUCE_MAX"
	storage.description = fmt.Sprintf("The database of %s uses more than %d %% of its %d GiB", service, w.bounds.StoragePercent, database.StorageGiB)
	storage.threshold, storage.period, storage.lasting = share(w.bounds.StoragePercent), 300, 600
	// A full disk is not emptied by silence.
	storage.missing = missingIsNoNews

	connections.role, connections.metric = "database-connections", "cloudsql.googleapis.com/database/postgresql/num_backends"
	// The metric counts each database of the server apart.
	connections.aligner, connections.reducer = "ALIGN_MAX", "REDUCE_SUM"
	most := w.bounds.MostConnections(database)
	connections.description = fmt.Sprintf("The database of %s has more than %d of its %d connections open", service, most, database.ConnectionLimit)
	connections.threshold, connections.period, connections.lasting = float64(most), 60, 300
	connections.missing = missingIsGood

	all := []watch{cpu, storage, connections}
	if !database.Standby {
		return all
	}
	// A standby has no lag, since its disk is written with the server's own; but it may not be ready
	// (https://cloud.google.com/sql/docs/postgres/high-availability).
	standby := common
	standby.role, standby.metric = "database-standby", "cloudsql.googleapis.com/database/available_for_failover"
	standby.aligner, standby.reducer = "ALIGN_MAX", "REDUCE_MAX"
	standby.description = fmt.Sprintf("No other zone can take over the database of %s", service)
	standby.comparison, standby.threshold, standby.period, standby.lasting = below, 1, 300, 900
	standby.missing = missingIsGood
	return append(all, standby)
}

// share is what a percentage is where metrics go from 0 to 1.
func share(percent int) float64 { return float64(percent) / 100 }

func (w watcher) Queue(name string, queue alarms.Queue) []watch {
	common := watch{
		key: name, team: queue.Team, tags: queue.Tags, severity: "WARNING", comparison: above,
		resource: "pubsub_subscription", dimension: "subscription_id", aligner: "ALIGN_MAX", reducer: "REDUCE_MAX",
		// An empty subscription may tell nothing.
		missing: missingIsGood,
	}
	const waiting = "pubsub.googleapis.com/subscription/num_undelivered_messages"
	age, depth, dead := common, common, common

	age.role, age.metric, age.of = "queue-age", "pubsub.googleapis.com/subscription/oldest_unacked_message_age", queue.Name
	age.description = fmt.Sprintf("The oldest message of queue %s waits longer than %d seconds", name, w.bounds.QueueSeconds())
	age.threshold, age.period, age.lasting = float64(w.bounds.QueueSeconds()), 60, 300

	// The smallest number of each period: a burst that is worked off is none.
	depth.role, depth.metric, depth.of, depth.aligner = "queue-depth", waiting, queue.Name, "ALIGN_MIN"
	depth.description = fmt.Sprintf("More than %d messages wait in queue %s all the time", w.bounds.QueueDepth, name)
	depth.threshold, depth.period, depth.lasting = float64(w.bounds.QueueDepth), 300, 900

	dead.role, dead.metric, dead.of = "queue-dead-letters", waiting, queue.DeadLetterName
	dead.description = fmt.Sprintf("Queue %s has dead letters", name)
	dead.threshold, dead.period, dead.lasting = 0, 300, 60

	return []watch{age, depth, dead}
}

func (w watcher) API(audience string, api alarms.API) []watch {
	common := watch{
		key: audience, team: api.Team, tags: api.Tags, severity: "ERROR", comparison: above,
		resource: "https_lb_rule", dimension: "url_map_name", of: api.ID, aligner: "ALIGN_DELTA", period: 300, lasting: 900,
		// Nobody called.
		missing: missingIsGood,
	}
	failures, slow := common, common

	failures.role, failures.metric = "api-failures", "loadbalancing.googleapis.com/https/request_count"
	failures.label, failures.whole, failures.reducer = "metric.labels.response_code_class = 500", failures.metric, "REDUCE_SUM"
	failures.description = fmt.Sprintf("More than %d %% of the requests of %s fail", w.bounds.FailuresPercent, audience)
	failures.threshold = share(w.bounds.FailuresPercent)

	slow.role, slow.metric, slow.reducer = "api-latency", "loadbalancing.googleapis.com/https/total_latencies", "REDUCE_PERCENTILE_99"
	slow.description = fmt.Sprintf("The slowest 1 %% of the requests of %s take longer than %d ms", audience, w.bounds.SlowMilliseconds)
	slow.threshold = float64(w.bounds.SlowMilliseconds)

	return []watch{failures, slow}
}

// Cluster watches what Google takes away under running nodes for a fault of its own: one machine is repaired, several in an
// hour are no chance. Capacity that may be taken back is, as another type of interruption. GKE says nothing of its own store
// (https://cloud.google.com/kubernetes-engine/docs/how-to/control-plane-metrics).
func (w watcher) Cluster(cluster alarms.Cluster) []watch {
	return []watch{{
		role: "nodes-failing", key: "cluster", team: cluster.Team, tags: cluster.Tags, severity: "WARNING",
		description: "Several machines of the cluster failed within an hour",
		resource:    "k8s_node", metric: "kubernetes.io/node/interruption_count", dimension: "cluster_name", of: cluster.Name,
		label: `metric.labels.interruption_type = "TerminationEvent"`, aligner: "ALIGN_SUM", reducer: "REDUCE_SUM",
		// The metric is often silent while there is nothing to count.
		comparison: above, threshold: 1, period: 3600, lasting: 60, missing: missingIsGood,
	}}
}

// Quotas asks for every quota of the project that counts what is there. A share of two metrics that lack each other's labels
// only PromQL can tell (https://cloud.google.com/monitoring/alerts/using-quota-metrics). Some quotas are measured once a day,
// and what has no limit says 0 or less.
func (w watcher) Quotas(of alarms.Quotas) []watch {
	last := func(metric string) string {
		return fmt.Sprintf(`last_over_time(serviceruntime_googleapis_com:%s{monitored_resource="consumer_quota",project_id=%q}[1d])`, metric, w.project)
	}
	const by = "by (service, quota_metric, location)"
	return []watch{{
		role: "quota", key: "project", team: of.Team, tags: of.Tags, severity: "WARNING",
		description: fmt.Sprintf("The project uses more than %d %% of one of its quotas", of.Percent),
		query: fmt.Sprintf("max %s (%s)\n/ min %s (%s > 0)\n> %g",
			by, last("quota_allocation_usage"), by, last("quota_limit"), share(of.Percent)),
		period: 300,
	}}
}
