package gcp

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"platform/tests/cloud"
)

var monitoringHooks = map[string]cloud.Hook{
	"gcp:monitoring/notificationChannel:NotificationChannel": again(channelSet),
	"gcp:monitoring/alertPolicy:AlertPolicy":                 again(policySet),
}

// channelSet: what a channel of a type must say
// (https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.notificationChannelDescriptors).
func channelSet(_ *cloud.Tx, o *cloud.Object) error {
	if o.Str("type") == "email" && !strings.Contains(o.Str("labels.email_address"), "@") {
		return cloud.Refuse("INVALID_ARGUMENT", "labels.email_address: %q: an address must be set for type email", o.Str("labels.email_address"))
	}
	return nil
}

// metric is what Google says of one: what it is measured on, and whether it is a distribution
// (https://cloud.google.com/monitoring/api/metrics_gcp).
type metric struct {
	resource     string
	delta        bool
	distribution bool
	labels       []string // of its own
}

var metrics = map[string]metric{
	"cloudsql.googleapis.com/database/cpu/utilization":              {resource: "cloudsql_database"},
	"cloudsql.googleapis.com/database/available_for_failover":       {resource: "cloudsql_database"},
	"kubernetes.io/node/interruption_count":                         {resource: "k8s_node", labels: []string{"interruption_type", "interruption_reason"}},
	"serviceruntime.googleapis.com/quota/allocation/usage":          {resource: "consumer_quota", labels: []string{"quota_metric"}},
	"serviceruntime.googleapis.com/quota/limit":                     {resource: "consumer_quota", labels: []string{"quota_metric", "limit_name"}},
	"cloudsql.googleapis.com/database/disk/utilization":             {resource: "cloudsql_database"},
	"cloudsql.googleapis.com/database/postgresql/num_backends":      {resource: "cloudsql_database"},
	"loadbalancing.googleapis.com/https/request_count":              {resource: "https_lb_rule", delta: true, labels: httpLabels},
	"loadbalancing.googleapis.com/https/total_latencies":            {resource: "https_lb_rule", delta: true, distribution: true, labels: httpLabels},
	"pubsub.googleapis.com/subscription/num_undelivered_messages":   {resource: "pubsub_subscription"},
	"pubsub.googleapis.com/subscription/oldest_unacked_message_age": {resource: "pubsub_subscription"},
}

var httpLabels = []string{"cache_result", "client_country", "protocol", "proxy_continent", "response_code", "response_code_class"}

// labelsOf are the labels by which things of a resource type are told apart
// (https://cloud.google.com/monitoring/api/resources).
var labelsOf = map[string][]string{
	"cloudsql_database":   {"database_id", "project_id", "region"},
	"consumer_quota":      {"project_id", "service", "location"},
	"k8s_node":            {"project_id", "location", "cluster_name", "node_name"},
	"https_lb_rule":       {"url_map_name", "backend_target_name", "forwarding_rule_name", "project_id"},
	"pubsub_subscription": {"subscription_id", "project_id"},
}

var (
	metricOf   = regexp.MustCompile(`metric\.type = "([^"]+)"`)
	resourceOf = regexp.MustCompile(`resource\.type = "([^"]+)"`)
	labelOf    = regexp.MustCompile(`resource\.labels\.([a-z_]+) = "([^"]*)"`)
	ownLabelOf = regexp.MustCompile(`metric\.labels\.([a-z_]+) = `)
)

// policySet checks what the alert can be computed from
// (https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#MetricThreshold).
func policySet(_ *cloud.Tx, o *cloud.Object) error {
	conditions, _ := o.Value("conditions").([]any)
	for i, c := range conditions {
		condition, _ := c.(map[string]any)
		if asked, ok := condition["conditionPrometheusQueryLanguage"].(map[string]any); ok {
			if err := querySet(asked); err != nil {
				return cloud.Refuse("INVALID_ARGUMENT", "conditions[%d].conditionPrometheusQueryLanguage: %v", i, err)
			}
			continue
		}
		threshold, _ := condition["conditionThreshold"].(map[string]any)
		if err := thresholdSet(threshold); err != nil {
			return cloud.Refuse("INVALID_ARGUMENT", "conditions[%d].conditionThreshold: %v", i, err)
		}
	}
	return nil
}

func thresholdSet(threshold map[string]any) error {
	duration, _ := threshold["duration"].(string)
	lasting, err := strconv.Atoi(strings.TrimSuffix(duration, "s"))
	if err != nil || lasting%60 != 0 || lasting > 23*3600+30*60 {
		return fmt.Errorf("duration %q: full minutes of at most 23.5 hours are allowed", duration)
	}
	if lasting == 0 && threshold["evaluationMissingData"] != nil {
		return fmt.Errorf("evaluationMissingData needs a duration of at least a minute")
	}
	if err := seriesOf(threshold["filter"], threshold["aggregations"]); err != nil {
		return err
	}
	if threshold["denominatorFilter"] == nil {
		return nil
	}
	if err := seriesOf(threshold["denominatorFilter"], threshold["denominatorAggregations"]); err != nil {
		return fmt.Errorf("denominator: %w", err)
	}
	if part, whole := periodOf(threshold["aggregations"]), periodOf(threshold["denominatorAggregations"]); part != whole {
		return fmt.Errorf("the alignment periods %s and %s of a ratio must be the same", part, whole)
	}
	return nil
}

func periodOf(aggregations any) string {
	list, _ := aggregations.([]any)
	if len(list) == 0 {
		return ""
	}
	first, _ := list[0].(map[string]any)
	period, _ := first["alignmentPeriod"].(string)
	return period
}

// seriesOf checks a filter and how what it finds becomes one series.
func seriesOf(filter, aggregations any) error {
	text, _ := filter.(string)
	found := metricOf.FindStringSubmatch(text)
	if found == nil {
		return fmt.Errorf("filter %q: it must say the metric's type", text)
	}
	known, ok := metrics[found[1]]
	if !ok {
		return fmt.Errorf("filter: cannot find metric(s) that match type = %q", found[1])
	}
	on := resourceOf.FindStringSubmatch(text)
	if on == nil || on[1] != known.resource {
		return fmt.Errorf("filter %q: %s is measured on %s", text, found[1], known.resource)
	}
	for _, label := range labelOf.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(" "+strings.Join(labelsOf[on[1]], " ")+" ", " "+label[1]+" ") {
			return fmt.Errorf("filter: %s has no label %s, but %v", on[1], label[1], labelsOf[on[1]])
		}
		if label[2] == "" {
			return fmt.Errorf("filter: the label %s is empty: nothing would be watched", label[1])
		}
	}
	for _, label := range ownLabelOf.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(known.labels, label[1]) {
			return fmt.Errorf("filter: %s has no label %s, but %v", found[1], label[1], known.labels)
		}
	}
	list, _ := aggregations.([]any)
	for _, a := range list {
		aggregation, _ := a.(map[string]any)
		aligner, _ := aggregation["perSeriesAligner"].(string)
		reducer, _ := aggregation["crossSeriesReducer"].(string)
		if reducer != "" && (aligner == "" || aligner == "ALIGN_NONE") {
			return fmt.Errorf("a crossSeriesReducer needs a perSeriesAligner")
		}
		if known.delta && aligner != "ALIGN_DELTA" && aligner != "ALIGN_RATE" {
			return fmt.Errorf("%s cannot be aligned by %s: it is counted since the point before", found[1], aligner)
		}
		if known.distribution && !strings.HasPrefix(reducer, "REDUCE_PERCENTILE_") {
			return fmt.Errorf("%s cannot be reduced by %q to a number: it is a distribution", found[1], reducer)
		}
	}
	return nil
}
