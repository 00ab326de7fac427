package aws

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/components/tags"
)

// How an alarm takes a period in which nothing was measured
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarms-and-missing-data).
const (
	missingIsBad    = "breaching"
	missingIsGood   = "notBreaching"
	missingIsNoNews = "ignore" // the alarm stays as it was
)

const (
	above = "GreaterThanThreshold"
	below = "LessThanThreshold"
)

// freeStoragePercent: RDS measures what is left.
const freeStoragePercent = 100 - alarms.UsedStoragePercent

// watch is one alarm: what is measured, how, and when it is too much.
type watch struct {
	role, key, team, description string
	tags                         tags.Set

	namespace, metric, dimension string
	of                           pulumi.StringOutput // the dimension's value
	rate                         string              // the metric that the metric is a share of, if it is
	statistic, percentile        string              // one of the two

	comparison string
	threshold  float64
	seconds    int // of a period
	periods    int
	missing    string
}

// watches are all alarms. Metrics:
//   - RDS: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
//   - SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
//   - API Gateway: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
func watches(args alarms.Args) []watch {
	return alarms.Watches(args, databaseWatches, queueWatches, apiWatches)
}

func databaseWatches(service string, database alarms.Database) []watch {
	common := watch{
		key: service, team: database.Team, tags: database.Tags,
		namespace: "AWS/RDS", dimension: "DBInstanceIdentifier", of: database.Name,
	}
	cpu, storage, connections := common, common, common

	cpu.role, cpu.metric, cpu.statistic = "database-cpu", "CPUUtilization", "Average"
	cpu.description = fmt.Sprintf("The database of %s uses more than %d %% of its processor, or tells nothing", service, alarms.CPUPercent)
	cpu.comparison, cpu.threshold, cpu.seconds, cpu.periods = above, alarms.CPUPercent, 300, 3
	// A running server reports every minute: one that is silent is down. Of the three only this one
	// says so, so that the team is told once.
	cpu.missing = missingIsBad

	storage.role, storage.metric, storage.statistic = "database-storage", "FreeStorageSpace", "Minimum"
	storage.description = fmt.Sprintf("The database of %s has less than %d %% of its %d GiB left", service, freeStoragePercent, database.StorageGiB)
	storage.comparison, storage.threshold = below, float64(database.StorageGiB<<30/100*freeStoragePercent)
	storage.seconds, storage.periods = 300, 2
	// A full disk is not emptied by silence.
	storage.missing = missingIsNoNews

	connections.role, connections.metric, connections.statistic = "database-connections", "DatabaseConnections", "Maximum"
	most := database.MostConnections()
	connections.description = fmt.Sprintf("The database of %s has more than %d of its %d connections open", service, most, database.ConnectionLimit)
	connections.comparison, connections.threshold, connections.seconds, connections.periods = above, float64(most), 60, 5
	connections.missing = missingIsGood

	return []watch{cpu, storage, connections}
}

func queueWatches(name string, queue alarms.Queue) []watch {
	common := watch{
		key: name, team: queue.Team, tags: queue.Tags,
		namespace: "AWS/SQS", dimension: "QueueName", statistic: "Maximum", comparison: above,
		// SQS reports nothing of a queue that has been idle for six hours.
		missing: missingIsGood,
	}
	age, dead := common, common

	age.role, age.metric, age.of = "queue-age", "ApproximateAgeOfOldestMessage", queue.Name
	age.description = fmt.Sprintf("The oldest message of queue %s waits longer than %d seconds", name, queue.MaxAgeSeconds)
	age.threshold, age.seconds, age.periods = float64(queue.MaxAgeSeconds), 60, 5

	dead.role, dead.metric, dead.of = "queue-dead-letters", "ApproximateNumberOfMessagesVisible", queue.DeadLetterName
	dead.description = fmt.Sprintf("Queue %s has dead letters", name)
	dead.threshold, dead.seconds, dead.periods = 0, 300, 1

	return []watch{age, dead}
}

func apiWatches(audience string, api alarms.API) []watch {
	common := watch{
		key: audience, team: api.Team, tags: api.Tags,
		namespace: "AWS/ApiGateway", dimension: "ApiId", of: api.ID,
		comparison: above, seconds: 300, periods: 3,
		// Nobody called.
		missing: missingIsGood,
	}
	failures, slow := common, common

	failures.role, failures.metric, failures.rate = "api-failures", "5xx", "Count"
	failures.description = fmt.Sprintf("More than %d %% of the requests of %s fail", alarms.FailuresPercent, audience)
	failures.threshold = alarms.FailuresPercent

	slow.role, slow.metric, slow.percentile = "api-latency", "Latency", "p99"
	slow.description = fmt.Sprintf("The slowest 1 %% of the requests of %s take longer than %d ms", audience, alarms.SlowMilliseconds)
	slow.threshold = alarms.SlowMilliseconds

	return []watch{failures, slow}
}
