package azure

import (
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/components/tags"
)

const (
	above = "GreaterThan"
	below = "LessThan"
)

// fewCalls are too few for a percentile: of less than a hundred calls the slowest 1 % is none.
const fewCalls = 100

// The severities of Azure Monitor, of which there are five
// (https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-overview).
const (
	severityError   = 1
	severityWarning = 2
)

// watch is one alarm: what is measured, how, and when it is too much. Of a metric it has a namespace, and of the
// logs a query.
type watch struct {
	role, key, team, description string
	tags                         tags.Set

	of                           pulumi.StringInput // resource id of what is measured, or of what holds the logs
	namespace, metric, dimension string             // with a query, metric is its column, and each value of the dimension is told of apart
	value                        pulumi.StringInput // of the dimension
	query                        pulumi.StringPtrInput
	as                           *looker // who asks the query, where the logs are not the rule's to read

	aggregation, comparison string
	threshold               float64
	severity                int
	every, window           string // ISO 8601
	periods                 int    // of a query, one after the other
}

// watcher makes all alarms. Metrics and logs:
//   - Postgres: https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-monitoring
//   - Service Bus: https://learn.microsoft.com/azure/service-bus-messaging/monitor-service-bus-reference
//   - API Management: https://learn.microsoft.com/azure/azure-monitor/reference/tables/apimanagementgatewaylogs
//   - AKS: https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-containerservice-managedclusters-metrics
//   - quotas: https://learn.microsoft.com/azure/quotas/how-to-guide-monitoring-alerting
//
// An alert does not begin, and one that began stays, while nothing is measured
// (https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-troubleshoot-metric).
type watcher struct {
	d      *Driver
	bounds alarms.Bounds
	as     *looker // who looks at quotas
}

func (w watcher) Database(service string, database alarms.Database) []watch {
	common := watch{
		key: service, team: database.Team, tags: database.Tags, of: database.Name,
		namespace: "Microsoft.DBforPostgreSQL/flexibleServers", severity: severityWarning, every: "PT5M", comparison: above,
	}
	alive, cpu, storage, connections := common, common, common, common

	// The other metrics are silent when the server is down, so that the team is told once.
	alive.role, alive.metric, alive.aggregation = "database-down", "is_db_alive", "Maximum"
	alive.description = fmt.Sprintf("The database of %s does not answer", service)
	alive.comparison, alive.threshold, alive.severity, alive.every, alive.window = below, 1, severityError, "PT1M", "PT5M"

	cpu.role, cpu.metric, cpu.aggregation = "database-cpu", "cpu_percent", "Average"
	cpu.description = fmt.Sprintf("The database of %s uses more than %d %% of its processor", service, w.bounds.CPUPercent)
	cpu.threshold, cpu.window = float64(w.bounds.CPUPercent), "PT15M"

	storage.role, storage.metric, storage.aggregation = "database-storage", "storage_percent", "Maximum"
	storage.description = fmt.Sprintf("The database of %s has filled more than %d %% of its %d GiB", service, w.bounds.StoragePercent, database.StorageGiB)
	storage.threshold, storage.window = float64(w.bounds.StoragePercent), "PT15M"

	connections.role, connections.metric, connections.aggregation = "database-connections", "active_connections", "Average"
	most := w.bounds.MostConnections(database)
	connections.description = fmt.Sprintf("The database of %s has more than %d of its %d connections open", service, most, database.ConnectionLimit)
	connections.threshold, connections.every, connections.window = float64(most), "PT1M", "PT5M"

	all := []watch{alive, cpu, storage, connections}
	if database.BurstCredits == 0 {
		return all
	}
	credits := common
	credits.role, credits.metric, credits.aggregation = "database-credits", "cpu_credits_remaining", "Maximum"
	few := w.bounds.FewCredits(database)
	credits.description = fmt.Sprintf("The processor of the database of %s has less than %d of its %d credits left: at none it is slowed down", service, few, database.BurstCredits)
	credits.comparison, credits.threshold, credits.window = below, float64(few), "PT15M"
	return append(all, credits)
}

// messageSeconds is how often a message comes to the queue by which waiting times are estimated.
const messageSeconds = 10

// Queue: Service Bus does not say how long messages wait. So their number stands for it: in a queue to which a message
// comes every ten seconds, the oldest of ninety waits fifteen minutes. A busier queue is told of sooner than its messages
// are that old, an idler one later. It is one alarm with that of how many may wait, of which the smaller number counts: two
// would tell the same twice.
func (w watcher) Queue(name string, queue alarms.Queue) []watch {
	common := watch{
		key: name, team: queue.Team, tags: queue.Tags, severity: severityWarning,
		namespace: "Microsoft.ServiceBus/namespaces", dimension: "EntityName", comparison: above, every: "PT5M",
	}
	depth, dead := common, common

	depth.role, depth.metric, depth.aggregation = "queue-depth", "ActiveMessages", "Minimum"
	depth.of, depth.value = entity(queue.Name)
	seconds, most, old := w.bounds.QueueSeconds(), w.bounds.QueueDepth, ""
	if aged := max(seconds/messageSeconds, 1); aged < most {
		most, old = aged, fmt.Sprintf(": the oldest may wait longer than %d seconds", seconds)
	}
	depth.window = windowOf(time.Duration(seconds) * time.Second)
	depth.description = fmt.Sprintf("More than %d messages wait in queue %s all the time%s", most, name, old)
	depth.threshold = float64(most)

	dead.role, dead.metric, dead.aggregation = "queue-dead-letters", "DeadletteredMessages", "Maximum"
	dead.of, dead.value = entity(queue.DeadLetterName)
	dead.description = fmt.Sprintf("Queue %s has dead letters", name)
	dead.threshold, dead.window = 0, "PT5M"

	return []watch{depth, dead}
}

// deadLetters is the end of what names a queue's dead letters, which are counted at the queue itself.
const deadLetters = "/$deadletterqueue"

// entity are the namespace of a queue, which is what is measured, and the queue's name in it.
func entity(queue pulumi.StringOutput) (namespace, name pulumi.StringOutput) {
	part := func(i int) pulumi.StringOutput {
		return queue.ApplyT(func(id string) (string, error) {
			parts := strings.Split(strings.TrimSuffix(id, deadLetters), "/queues/")
			if len(parts) != 2 {
				return "", fmt.Errorf("%q is not the resource id of a queue", id)
			}
			return parts[i], nil
		}).(pulumi.StringOutput)
	}
	return part(0), part(1)
}

// windows are the periods over which metrics are put together, the shortest first
// (https://learn.microsoft.com/rest/api/monitor/metric-alerts/create-or-update).
var windows = []struct {
	long time.Duration
	text string
}{
	{5 * time.Minute, "PT5M"}, {15 * time.Minute, "PT15M"}, {30 * time.Minute, "PT30M"}, {time.Hour, "PT1H"},
	{6 * time.Hour, "PT6H"}, {12 * time.Hour, "PT12H"}, {24 * time.Hour, "P1D"},
}

// windowOf is the shortest window that is as long, or else the longest.
func windowOf(long time.Duration) string {
	for _, w := range windows {
		if w.long >= long {
			return w.text
		}
	}
	return windows[len(windows)-1].text
}

// API asks the log of requests: metrics have no shares and no percentiles.
func (w watcher) API(audience string, api alarms.API) []watch {
	common := watch{
		key: audience, team: api.Team, tags: api.Tags, of: w.d.ground.workspace, comparison: above, aggregation: "Maximum",
		every: "PT5M", window: "PT5M", periods: 3,
	}
	failures, slow := common, common

	failures.role, failures.metric, failures.severity = "api-failures", "percent", severityError
	failures.description = fmt.Sprintf("More than %d %% of the requests of %s fail", w.bounds.FailuresPercent, audience)
	failures.threshold = float64(w.bounds.FailuresPercent)
	failures.query = requests(api.ID, `| summarize calls = count(), failures = countif(ResponseCode >= 500) by bin(TimeGenerated, 5m)
| extend percent = 100.0 * failures / calls`)

	slow.role, slow.metric, slow.severity = "api-latency", "milliseconds", severityWarning
	slow.description = fmt.Sprintf("The slowest 1 %% of the requests of %s take longer than %d ms", audience, w.bounds.SlowMilliseconds)
	slow.threshold = float64(w.bounds.SlowMilliseconds)
	slow.query = requests(api.ID, fmt.Sprintf(`| summarize calls = count(), milliseconds = percentile(TotalTime, 99) by bin(TimeGenerated, 5m)
| where calls >= %d`, fewCalls))

	return []watch{failures, slow}
}

// Cluster watches what AKS hides: its etcd, and its autoscaler, which gives up when too many machines fail
// (https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/proposals/metrics.md#cluster-state). Whether a
// single one does, Prometheus says.
func (w watcher) Cluster(cluster alarms.Cluster) []watch {
	common := watch{
		key: "cluster", team: cluster.Team, tags: cluster.Tags, of: w.d.clusterID(cluster.Name),
		namespace: "Microsoft.ContainerService/managedClusters", severity: severityWarning, every: "PT5M", window: "PT15M",
	}
	store, nodes := common, common

	store.role, store.metric, store.aggregation = "cluster-storage", "etcd_database_usage_percentage", "Maximum"
	store.description = fmt.Sprintf("The cluster's own store has filled more than %d %% of what it may", w.bounds.StoragePercent)
	store.comparison, store.threshold = above, float64(w.bounds.StoragePercent)

	nodes.role, nodes.metric, nodes.aggregation = "nodes-failing", "cluster_autoscaler_cluster_safe_to_autoscale", "Average"
	nodes.description = "So many machines of the cluster fail that no more are added"
	nodes.comparison, nodes.threshold = below, 1

	return []watch{store, nodes}
}

// Quotas asks what the subscription uses of each of its quotas for machines in the region. Azure's graph of resources knows
// no others (https://learn.microsoft.com/azure/governance/resource-graph/reference/supported-tables-resources#quotaresources).
func (w watcher) Quotas(of alarms.Quotas) []watch {
	return []watch{{
		role: "quota", key: "machines", team: of.Team, tags: of.Tags, of: pulumi.String(w.d.subscriptionID()), as: w.as,
		description: fmt.Sprintf("The subscription uses more than %d %% of one of its quotas for machines in this region", of.Percent),
		query: pulumi.String(fmt.Sprintf(`arg("").QuotaResources
| where subscriptionId =~ %q and type =~ "microsoft.compute/locations/usages" and location =~ %q
| mv-expand of = properties.value limit 400
| extend quota = tostring(of.name.value), used = todouble(of.currentValue), allowed = todouble(of.['limit'])
| where allowed > 0
| extend percent = 100.0 * used / allowed`, w.d.s.Subscription, w.d.s.Region)),
		metric: "percent", dimension: "quota", value: pulumi.String("*"),
		aggregation: "Maximum", comparison: above, threshold: float64(of.Percent), severity: severityWarning,
		every: "PT1H", window: "PT1H", periods: 1,
	}}
}

// requests asks for those that came through one door.
func requests(door pulumi.StringOutput, rest string) pulumi.StringPtrInput {
	return door.ApplyT(func(id string) (string, error) {
		service, host, ok := strings.Cut(id, doorOf)
		if !ok {
			return "", fmt.Errorf("%q does not name a door of API Management", id)
		}
		return fmt.Sprintf("%s\n| where _ResourceId =~ %q and tostring(parse_url(Url).Host) == %q\n%s", gatewayLogsTable, service, host, rest), nil
	}).(pulumi.StringOutput).ToStringPtrOutput()
}
