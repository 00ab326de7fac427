package aws

import (
	"fmt"
	"maps"
	"slices"

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

// watch is one alarm: what is measured, how, and when it is too much.
type watch struct {
	role, key, team, description string
	tags                         tags.Set

	namespace, metric     string
	dimensions            pulumi.StringMap
	percent, whole        string // the expression of what part of a whole the metric is, and the metric that is the whole, if one is
	statistic, percentile string // one of the two

	comparison string
	threshold  float64
	seconds    int // of a period
	periods    int
	missing    string
}

// watcher makes all alarms. Metrics:
//   - RDS: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
//   - SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
//   - API Gateway: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
//   - EKS: https://docs.aws.amazon.com/eks/latest/userguide/cloudwatch.html
//   - EC2: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html
//   - quotas: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Quotas-Visualize-Alarms.html
type watcher struct{ bounds alarms.Bounds }

func watches(args alarms.Args) []watch { return alarms.Watches[watch](args, watcher{args.Bounds}) }

func (w watcher) Database(service string, database alarms.Database) []watch {
	common := watch{
		key: service, team: database.Team, tags: database.Tags,
		namespace: "AWS/RDS", dimensions: pulumi.StringMap{"DBInstanceIdentifier": database.Name},
	}
	cpu, storage, connections := common, common, common

	cpu.role, cpu.metric, cpu.statistic = "database-cpu", "CPUUtilization", "Average"
	cpu.description = fmt.Sprintf("The database of %s uses more than %d %% of its processor, or tells nothing", service, w.bounds.CPUPercent)
	cpu.comparison, cpu.threshold, cpu.seconds, cpu.periods = above, float64(w.bounds.CPUPercent), 300, 3
	// A running server reports every minute: one that is silent is down. Of all only this one says so, so that the team
	// is told once.
	cpu.missing = missingIsBad

	storage.role, storage.metric, storage.statistic = "database-storage", "FreeStorageSpace", "Minimum"
	free := 100 - w.bounds.StoragePercent // RDS measures what is left.
	storage.description = fmt.Sprintf("The database of %s has less than %d %% of its %d GiB left", service, free, database.StorageGiB)
	storage.comparison, storage.threshold = below, float64(database.StorageGiB<<30/100*free)
	storage.seconds, storage.periods = 300, 2
	// A full disk is not emptied by silence.
	storage.missing = missingIsNoNews

	connections.role, connections.metric, connections.statistic = "database-connections", "DatabaseConnections", "Maximum"
	most := w.bounds.MostConnections(database)
	connections.description = fmt.Sprintf("The database of %s has more than %d of its %d connections open", service, most, database.ConnectionLimit)
	connections.comparison, connections.threshold, connections.seconds, connections.periods = above, float64(most), 60, 5
	connections.missing = missingIsGood

	all := []watch{cpu, storage, connections}
	if database.BurstCredits == 0 {
		return all
	}
	credits := common
	credits.role, credits.metric, credits.statistic = "database-credits", "CPUCreditBalance", "Minimum"
	few := w.bounds.FewCredits(database)
	credits.description = fmt.Sprintf("The processor of the database of %s has less than %d of its %d credits left: at none each is paid for", service, few, database.BurstCredits)
	// Credits are counted every five minutes.
	credits.comparison, credits.threshold, credits.seconds, credits.periods = below, float64(few), 300, 3
	credits.missing = missingIsGood
	return append(all, credits)
}

func (w watcher) Queue(name string, queue alarms.Queue) []watch {
	common := watch{
		key: name, team: queue.Team, tags: queue.Tags,
		namespace: "AWS/SQS", statistic: "Maximum", comparison: above,
		// SQS reports nothing of a queue that has been idle for six hours.
		missing: missingIsGood,
	}
	live, buried := pulumi.StringMap{"QueueName": queue.Name}, pulumi.StringMap{"QueueName": queue.DeadLetterName}
	age, depth, dead := common, common, common

	age.role, age.metric, age.dimensions = "queue-age", "ApproximateAgeOfOldestMessage", live
	age.description = fmt.Sprintf("The oldest message of queue %s waits longer than %d seconds", name, w.bounds.QueueSeconds())
	age.threshold, age.seconds, age.periods = float64(w.bounds.QueueSeconds()), 60, 5

	// The smallest number of each period: a burst that is worked off is none.
	depth.role, depth.metric, depth.dimensions, depth.statistic = "queue-depth", "ApproximateNumberOfMessagesVisible", live, "Minimum"
	depth.description = fmt.Sprintf("More than %d messages wait in queue %s all the time", w.bounds.QueueDepth, name)
	depth.threshold, depth.seconds, depth.periods = float64(w.bounds.QueueDepth), 300, 3

	dead.role, dead.metric, dead.dimensions = "queue-dead-letters", "ApproximateNumberOfMessagesVisible", buried
	dead.description = fmt.Sprintf("Queue %s has dead letters", name)
	dead.threshold, dead.seconds, dead.periods = 0, 300, 1

	return []watch{age, depth, dead}
}

func (w watcher) API(audience string, api alarms.API) []watch {
	common := watch{
		key: audience, team: api.Team, tags: api.Tags,
		namespace: "AWS/ApiGateway", dimensions: pulumi.StringMap{"ApiId": api.ID},
		comparison: above, seconds: 300, periods: 3,
		// Nobody called.
		missing: missingIsGood,
	}
	failures, slow := common, common

	failures.role, failures.metric, failures.whole = "api-failures", "5xx", "Count"
	failures.percent, failures.statistic = "100 * part / whole", "Sum"
	failures.description = fmt.Sprintf("More than %d %% of the requests of %s fail", w.bounds.FailuresPercent, audience)
	failures.threshold = float64(w.bounds.FailuresPercent)

	slow.role, slow.metric, slow.percentile = "api-latency", "Latency", "p99"
	slow.description = fmt.Sprintf("The slowest 1 %% of the requests of %s take longer than %d ms", audience, w.bounds.SlowMilliseconds)
	slow.threshold = float64(w.bounds.SlowMilliseconds)

	return []watch{failures, slow}
}

// storeGiB is what EKS lets etcd grow to; it takes no more writes then
// (https://docs.aws.amazon.com/eks/latest/best-practices/scale-control-plane.html).
const storeGiB = 8

func (w watcher) Cluster(cluster alarms.Cluster) []watch {
	store := watch{
		role: "cluster-storage", key: "cluster", team: cluster.Team, tags: cluster.Tags,
		description: fmt.Sprintf("The cluster's own store has filled more than %d %% of its %d GiB", w.bounds.StoragePercent, storeGiB),
		namespace:   "AWS/EKS", metric: "apiserver_storage_size_bytes", dimensions: pulumi.StringMap{"ClusterName": cluster.Name},
		statistic: "Maximum", comparison: above, threshold: float64(storeGiB << 30 / 100 * w.bounds.StoragePercent), seconds: 300, periods: 2,
		missing: missingIsNoNews,
	}
	all := []watch{store}
	for _, pool := range slices.Sorted(maps.Keys(cluster.Groups)) {
		all = append(all, watch{
			role: "nodes-failing", key: pool, team: cluster.Team, tags: cluster.Tags,
			description: fmt.Sprintf("A machine of pool %s does not answer its own cloud, and was not replaced", pool),
			namespace:   "AWS/EC2", metric: "StatusCheckFailed", dimensions: pulumi.StringMap{"AutoScalingGroupName": cluster.Groups[pool]},
			// The group itself replaces such a machine within some minutes
			// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html).
			statistic: "Maximum", comparison: above, threshold: 0, seconds: 300, periods: 3, missing: missingIsGood,
		})
	}
	return all
}

// quotas are those that what is built here uses up and that CloudWatch knows both sides of; the program's own limits are
// counted before anything is built. Which of AWS/Usage have a quota that CloudWatch knows:
// https://github.com/deliveryhero/terraform-aws-service-quota-alarms/blob/main/modules/usage_alarms/supported-metrics.yaml
// EC2: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-quotas.html
// Load balancers: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html
// Proxies: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html#rds-metrics-usage
var quotas = []struct{ key, what, service, resource, class string }{
	{"machines", "processors of machines on demand", "EC2", "vCPU", "Standard/OnDemand"},
	{"spot-machines", "processors of machines that may be taken back", "EC2", "vCPU", "Standard/Spot"},
	{"balancers", "network load balancers", "Elastic Load Balancing", "NetworkLoadBalancersPerRegion", "None"},
	{"target-groups", "target groups of load balancers", "Elastic Load Balancing", "TargetGroupsPerRegion", "None"},
	{"poolers", "poolers of databases", "RDS", "Proxies", "None"},
}

func (w watcher) Quotas(of alarms.Quotas) []watch {
	var all []watch
	for _, quota := range quotas {
		all = append(all, watch{
			role: "quota", key: quota.key, team: of.Team, tags: of.Tags,
			description: fmt.Sprintf("The account uses more than %d %% of its %s in this region", of.Percent, quota.what),
			namespace:   "AWS/Usage", metric: "ResourceCount", dimensions: pulumi.StringMap{
				"Service": pulumi.String(quota.service), "Type": pulumi.String("Resource"),
				"Resource": pulumi.String(quota.resource), "Class": pulumi.String(quota.class),
			},
			percent: "100 * part / SERVICE_QUOTA(part)", statistic: "Maximum",
			comparison: above, threshold: float64(of.Percent), seconds: 300, periods: 3,
			// Nothing is used.
			missing: missingIsGood,
		})
	}
	return all
}
