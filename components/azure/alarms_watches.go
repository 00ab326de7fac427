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

	of                           pulumi.StringOutput // resource id of what is measured
	namespace, metric, dimension string              // with a query, metric is its column
	value                        pulumi.StringOutput // of the dimension
	query                        pulumi.StringPtrInput

	aggregation, comparison string
	threshold               float64
	severity                int
	every, window           string // ISO 8601
	periods                 int    // of a query, one after the other
}

// watches are all alarms. Metrics and logs:
//   - Postgres: https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-monitoring
//   - Service Bus: https://learn.microsoft.com/azure/service-bus-messaging/monitor-service-bus-reference
//   - API Management: https://learn.microsoft.com/azure/azure-monitor/reference/tables/apimanagementgatewaylogs
//
// An alert does not begin, and one that began stays, while nothing is measured
// (https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-troubleshoot-metric).
func watches(args alarms.Args) []watch {
	return alarms.Watches(args, databaseWatches, queueWatches, apiWatches)
}

func databaseWatches(service string, database alarms.Database) []watch {
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
	cpu.description = fmt.Sprintf("The database of %s uses more than %d %% of its processor", service, alarms.CPUPercent)
	cpu.threshold, cpu.window = alarms.CPUPercent, "PT15M"

	storage.role, storage.metric, storage.aggregation = "database-storage", "storage_percent", "Maximum"
	storage.description = fmt.Sprintf("The database of %s has filled more than %d %% of its %d GiB", service, alarms.UsedStoragePercent, database.StorageGiB)
	storage.threshold, storage.window = alarms.UsedStoragePercent, "PT15M"

	connections.role, connections.metric, connections.aggregation = "database-connections", "active_connections", "Average"
	most := database.MostConnections()
	connections.description = fmt.Sprintf("The database of %s has more than %d of its %d connections open", service, most, database.ConnectionLimit)
	connections.threshold, connections.every, connections.window = float64(most), "PT1M", "PT5M"

	return []watch{alive, cpu, storage, connections}
}

// messageSeconds is how often a message comes to the queue by which waiting times are estimated.
const messageSeconds = 10

// queueWatches: Service Bus does not say how long messages wait. So their number stands for it: in a queue to which
// a message comes every ten seconds, the oldest of ninety waits fifteen minutes. A busier queue is told of sooner
// than its messages are that old, an idler one later.
func queueWatches(name string, queue alarms.Queue) []watch {
	common := watch{
		key: name, team: queue.Team, tags: queue.Tags, severity: severityWarning,
		namespace: "Microsoft.ServiceBus/namespaces", dimension: "EntityName", comparison: above, every: "PT5M",
	}
	waiting, dead := common, common

	waiting.role, waiting.metric, waiting.aggregation = "queue-waiting", "ActiveMessages", "Minimum"
	waiting.of, waiting.value = entity(queue.Name)
	most := max(queue.MaxAgeSeconds/messageSeconds, 1)
	waiting.window = windowOf(time.Duration(queue.MaxAgeSeconds) * time.Second)
	waiting.description = fmt.Sprintf("More than %d messages wait in queue %s all the time: the oldest may wait longer than %d seconds", most, name, queue.MaxAgeSeconds)
	waiting.threshold = float64(most)

	dead.role, dead.metric, dead.aggregation = "queue-dead-letters", "DeadletteredMessages", "Maximum"
	dead.of, dead.value = entity(queue.DeadLetterName)
	dead.description = fmt.Sprintf("Queue %s has dead letters", name)
	dead.threshold, dead.window = 0, "PT5M"

	return []watch{waiting, dead}
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

// apiWatches ask the log of requests: metrics have no shares and no percentiles.
func apiWatches(audience string, api alarms.API) []watch {
	common := watch{
		key: audience, team: api.Team, tags: api.Tags, comparison: above, aggregation: "Maximum",
		every: "PT5M", window: "PT5M", periods: 3,
	}
	failures, slow := common, common

	failures.role, failures.metric, failures.severity = "api-failures", "percent", severityError
	failures.description = fmt.Sprintf("More than %d %% of the requests of %s fail", alarms.FailuresPercent, audience)
	failures.threshold = alarms.FailuresPercent
	failures.query = requests(api.ID, `| summarize calls = count(), failures = countif(ResponseCode >= 500) by bin(TimeGenerated, 5m)
| extend percent = 100.0 * failures / calls`)

	slow.role, slow.metric, slow.severity = "api-latency", "milliseconds", severityWarning
	slow.description = fmt.Sprintf("The slowest 1 %% of the requests of %s take longer than %d ms", audience, alarms.SlowMilliseconds)
	slow.threshold = alarms.SlowMilliseconds
	slow.query = requests(api.ID, fmt.Sprintf(`| summarize calls = count(), milliseconds = percentile(TotalTime, 99) by bin(TimeGenerated, 5m)
| where calls >= %d`, fewCalls))

	return []watch{failures, slow}
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
