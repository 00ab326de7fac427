package aws

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"platform/tests/cloud"
)

const alarmType = "aws:cloudwatch/metricAlarm:MetricAlarm"

var cloudwatchHooks = map[string]cloud.Hook{alarmType: again(alarmSet)}

// measured is what is known of a metric: by which dimensions its points are found, and how often there is one.
type measured struct {
	dimensions []string
	seconds    int
	statistics []string // that say something, if not all do
	percent    bool     // CloudWatch knows the quota of what it counts
}

// measurements are the metrics that somebody measures, by namespace. CloudWatch itself takes an alarm on any, and it is then
// silent for ever: so it must be one of these.
var measurements = map[string]map[string]measured{
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
	"AWS/RDS": every(map[string]measured{
		"CPUUtilization": {seconds: 60}, "CPUCreditBalance": {seconds: 300}, "DatabaseConnections": {seconds: 60}, "FreeStorageSpace": {seconds: 60},
		"FreeableMemory": {seconds: 60}, "ReplicaLag": {seconds: 60},
	}, "DBInstanceIdentifier"),
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	"AWS/SQS": every(map[string]measured{
		"ApproximateAgeOfOldestMessage": {seconds: 60}, "ApproximateNumberOfMessagesVisible": {seconds: 60},
		"ApproximateNumberOfMessagesNotVisible": {seconds: 60}, "ApproximateNumberOfMessagesDelayed": {seconds: 60},
	}, "QueueName"),
	// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
	"AWS/ApiGateway": every(map[string]measured{
		"4xx": {seconds: 60}, "5xx": {seconds: 60}, "Count": {seconds: 60}, "Latency": {seconds: 60}, "IntegrationLatency": {seconds: 60},
	}, "ApiId"),
	// https://docs.aws.amazon.com/eks/latest/userguide/cloudwatch.html
	"AWS/EKS": every(map[string]measured{"apiserver_storage_size_bytes": {seconds: 60, statistics: []string{"Maximum"}}}, "ClusterName"),
	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html#status-check-metrics
	"AWS/EC2": every(map[string]measured{
		"StatusCheckFailed": {seconds: 60}, "StatusCheckFailed_Instance": {seconds: 60}, "StatusCheckFailed_System": {seconds: 60},
	}, "AutoScalingGroupName"),
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Service-Quota-Integration.html
	"AWS/Usage": every(map[string]measured{"ResourceCount": {seconds: 60, percent: true}}, "Class", "Resource", "Service", "Type"),
}

func every(metrics map[string]measured, dimensions ...string) map[string]measured {
	for name, m := range metrics {
		m.dimensions = dimensions
		metrics[name] = m
	}
	return metrics
}

// watchable are what a dimension tells apart, and by which property.
var watchable = map[string]struct{ typ, by string }{
	"DBInstanceIdentifier": {serverType, "identifier"}, "QueueName": {queueType, "name"}, "ApiId": {apiType, "id"},
	"ClusterName": {clusterType, "name"}, "AutoScalingGroupName": {scalingType, "id"},
}

// counted are the resources of AWS/Usage whose quota SERVICE_QUOTA knows, of those that are used here: "service/resource/class"
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Quotas-Visualize-Alarms.html).
var counted = []string{
	"EC2/vCPU/Standard/OnDemand", "EC2/vCPU/Standard/Spot", "Elastic Load Balancing/ApplicationLoadBalancersPerRegion/None",
	"Elastic Load Balancing/NetworkLoadBalancersPerRegion/None", "Elastic Load Balancing/TargetGroupsPerRegion/None", "RDS/Proxies/None",
}

// An alarm looks back a day at most, or a week over whole hours
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html).
const (
	day  = 24 * 60 * 60
	hour = 60 * 60
)

const wrongParameter = "ValidationError"

// alarmSet checks that the alarm can ever change its mind.
func alarmSet(t *cloud.Tx, o *cloud.Object) error {
	if all, needed := whole(o.Value("evaluationPeriods")), whole(o.Value("datapointsToAlarm")); needed > all {
		return cloud.Refuse(wrongParameter, "%s: %d of %d periods cannot fail", o, needed, all)
	}
	queries, _ := o.Value("metricQueries").([]any)
	if len(queries) == 0 {
		statistic := o.Str("statistic")
		if statistic == "" {
			statistic = o.Str("extendedStatistic")
		}
		dimensions, _ := o.Value("dimensions").(map[string]any)
		return series{o.Str("namespace"), o.Str("metricName"), statistic, dimensions, whole(o.Value("period"))}.fits(t, o)
	}
	return queriesFit(t, o, queries)
}

// series is one metric as an alarm asks for it.
type series struct {
	namespace, metric, statistic string
	dimensions                   map[string]any
	period                       int
}

func (s series) fits(t *cloud.Tx, o *cloud.Object) error {
	known, ok := measurements[s.namespace][s.metric]
	if !ok {
		return cloud.Refuse(wrongParameter, "%s: nobody measures %s of %s", o, s.metric, s.namespace)
	}
	if got := slices.Sorted(maps.Keys(s.dimensions)); !slices.Equal(got, known.dimensions) {
		return cloud.Refuse(wrongParameter, "%s: %s is measured by %v, not by %v", o, s.metric, known.dimensions, got)
	}
	if s.period%60 != 0 && !slices.Contains([]int{10, 20, 30}, s.period) {
		return cloud.Refuse(wrongParameter, "%s: a period of %d seconds: 10, 20, 30 or whole minutes are allowed", o, s.period)
	}
	if s.period < known.seconds {
		return cloud.Refuse(wrongParameter, "%s: %s is measured every %d seconds, and asked for every %d", o, s.metric, known.seconds, s.period)
	}
	back, most := s.period*whole(o.Value("evaluationPeriods")), day
	if s.period >= hour {
		most = 7 * day
	}
	if back > most {
		return cloud.Refuse(wrongParameter, "%s: it looks back %d seconds, %d are allowed", o, back, most)
	}
	if s.statistic == "" || known.statistics != nil && !slices.Contains(known.statistics, s.statistic) {
		return cloud.Refuse(wrongParameter, "%s: %q says nothing of %s: valid are %v", o, s.statistic, s.metric, known.statistics)
	}
	return s.watches(t, o)
}

// watches wants what is watched to be there, and to have what is measured.
func (s series) watches(t *cloud.Tx, o *cloud.Object) error {
	if s.namespace == "AWS/Usage" {
		return nil
	}
	for name, value := range s.dimensions {
		of := watchable[name]
		there := t.Lookup([]string{of.typ}, []string{of.by}, fmt.Sprint(value))
		if there == nil {
			return cloud.Refuse(wrongParameter, "%s: there is no %s %q: nothing would be watched", o, name, value)
		}
		if class := there.Str("instanceClass"); s.metric == "CPUCreditBalance" && !strings.HasPrefix(class, "db.t") {
			return cloud.Refuse(wrongParameter, "%s: a server of class %s has no credits", o, class)
		}
		if s.metric == "ReplicaLag" && there.Str("replicateSourceDb") == "" {
			return cloud.Refuse(wrongParameter, "%s: %s is no replica, and has no lag", o, value)
		}
	}
	return nil
}

func whole(value any) int {
	n, _ := value.(float64)
	return int(n)
}

var (
	identifiers = regexp.MustCompile(`\b[a-z][A-Za-z0-9_]*\b`)
	quotaOf     = regexp.MustCompile(`SERVICE_QUOTA\(([^)]*)\)`)
)

// queriesFit: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func queriesFit(t *cloud.Tx, o *cloud.Object, queries []any) error {
	asked, told := map[string]series{}, 0
	var expressions []string
	for _, q := range queries {
		query, _ := q.(map[string]any)
		id, _ := query["id"].(string)
		if tells, _ := query["returnData"].(bool); tells {
			told++
		}
		if expression, ok := query["expression"].(string); ok {
			expressions = append(expressions, expression)
			continue
		}
		if _, twice := asked[id]; twice {
			return cloud.Refuse(wrongParameter, "%s: the query %q is there twice", o, id)
		}
		metric, _ := query["metric"].(map[string]any)
		s := series{}
		s.namespace, _ = metric["namespace"].(string)
		s.metric, _ = metric["metricName"].(string)
		s.statistic, _ = metric["stat"].(string)
		s.dimensions, _ = metric["dimensions"].(map[string]any)
		s.period = whole(metric["period"])
		if err := s.fits(t, o); err != nil {
			return err
		}
		asked[id] = s
	}
	if told != 1 {
		return cloud.Refuse(wrongParameter, "%s: %d queries return data: an alarm is about one", o, told)
	}
	for _, expression := range expressions {
		if err := expressionFits(o, expression, asked); err != nil {
			return err
		}
	}
	return nil
}

func expressionFits(o *cloud.Object, expression string, asked map[string]series) error {
	for _, id := range identifiers.FindAllString(expression, -1) {
		if _, ok := asked[id]; !ok {
			return cloud.Refuse(wrongParameter, "%s: %q: there is no query %q", o, expression, id)
		}
	}
	for _, found := range quotaOf.FindAllStringSubmatch(expression, -1) {
		s := asked[found[1]]
		resource := fmt.Sprintf("%v/%v/%v", s.dimensions["Service"], s.dimensions["Resource"], s.dimensions["Class"])
		if !measurements[s.namespace][s.metric].percent || !slices.Contains(counted, resource) {
			return cloud.Refuse(wrongParameter, "%s: %q: CloudWatch knows no quota of %s of %s", o, expression, s.metric, resource)
		}
	}
	return nil
}
