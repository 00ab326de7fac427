package gcp

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/components/internal/record"
	"platform/components/tags"
)

func recordAlarms(t *testing.T) record.Resources {
	t.Helper()
	name := func(s string) pulumi.StringOutput { return pulumi.String(s).ToStringOutput() }
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := alarms.New(ctx, "alarms", d, alarms.Args{
			Teams: map[string]alarms.Team{
				"ledger": {Email: "ledger@example.com", Tags: tags.Set{tags.Team: "ledger"}},
				"orders": {Tags: tags.Set{tags.Team: "orders"}},
				// Whose alarms are the cluster's and the account's.
				"platform": {Email: "platform@example.com"},
			},
			Bounds: alarms.Bounds{QueueMinutes: 10, CPUPercent: 70}.Complete(),
			Databases: map[string]alarms.Database{
				"payments": {
					Team: "ledger", Name: name("dev-gcp-payments"), ConnectionLimit: 400, StorageGiB: 50, Standby: true, Tags: tags.Set{tags.Service: "payments"},
				},
				"orders": {Team: "orders", Name: name("dev-gcp-orders"), ConnectionLimit: 400, StorageGiB: 50},
			},
			Queues: map[string]alarms.Queue{"order-placed-payments": {
				Team: "ledger", Name: name("live"), DeadLetterName: name("dead"),
			}},
			APIs:    map[string]alarms.API{"mobile": {Team: "orders", ID: name("dev-gcp-gateway-mobile")}},
			Cluster: &alarms.Cluster{Team: "platform", Name: name("dev-gcp")},
			Quotas:  &alarms.Quotas{Team: "platform", Percent: 80},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

func TestOnlyTeamsWithAnAddressAreMailed(t *testing.T) {
	resources := recordAlarms(t)
	record.Exactly(t, resources, "gcp:monitoring/notificationChannel:NotificationChannel alarms-email-ledger", map[string]any{
		"project": "platform-dev", "type": "email", "displayName": "dev-gcp-team-ledger", "enabled": true, "forceDelete": false,
		"labels": map[string]any{"email_address": "ledger@example.com"}, "userLabels": map[string]any{"team": "ledger"},
	})
	if got, ok := resources["gcp:monitoring/notificationChannel:NotificationChannel alarms-email-orders"]; ok {
		t.Errorf("a team without an address has %v", got)
	}
}

func TestEveryAlarmGoesToItsOwner(t *testing.T) {
	owners := map[string][]any{
		"database-cpu-payments": {"id-alarms-email-ledger"}, "database-storage-payments": {"id-alarms-email-ledger"},
		"database-connections-payments": {"id-alarms-email-ledger"}, "queue-age-order-placed-payments": {"id-alarms-email-ledger"},
		"queue-dead-letters-order-placed-payments": {"id-alarms-email-ledger"}, "api-failures-mobile": {}, "api-latency-mobile": {},
		"database-standby-payments": {"id-alarms-email-ledger"}, "queue-depth-order-placed-payments": {"id-alarms-email-ledger"},
		"database-cpu-orders": {}, "database-storage-orders": {}, "database-connections-orders": {},
		"nodes-failing-cluster": {"id-alarms-email-platform"}, "quota-project": {"id-alarms-email-platform"},
	}
	for key, r := range recordAlarms(t) {
		alarm, ok := strings.CutPrefix(key, "gcp:monitoring/alertPolicy:AlertPolicy alarms-")
		if !ok {
			continue
		}
		owner, wanted := owners[alarm]
		if !wanted {
			t.Errorf("%s is there, and nobody asked for it", alarm)
		}
		record.Runbook(t, alarm, r["documentation"].ObjectValue()["content"].StringValue())
		if want := resource.NewPropertyValue(owner); !r["notificationChannels"].DeepEquals(want) {
			t.Errorf("%s goes to %v, want %v", alarm, r["notificationChannels"], want)
		}
		delete(owners, alarm)
	}
	for missing := range owners {
		t.Errorf("%s is not there", missing)
	}
}

func TestThresholdsAndMissingData(t *testing.T) {
	resources := recordAlarms(t)
	on := func(typ, metric, label, of string) string {
		return `resource.type = "` + typ + `" AND metric.type = "` + metric + `" AND resource.labels.` + label + ` = "` + of + `"`
	}
	database := func(metric string) string {
		return on("cloudsql_database", "cloudsql.googleapis.com/database/"+metric, "database_id", "platform-dev:dev-gcp-payments")
	}
	queue := func(metric, of string) string {
		return on("pubsub_subscription", "pubsub.googleapis.com/subscription/"+metric, "subscription_id", of)
	}
	door := on("https_lb_rule", "loadbalancing.googleapis.com/https/request_count", "url_map_name", "dev-gcp-gateway-mobile")
	for alarm, want := range map[string]struct {
		filter            string
		threshold         float64
		duration, missing string
		aligner, reducer  string
		period            string
	}{
		"database-cpu-payments":         {database("cpu/utilization"), 0.7, "900s", "EVALUATION_MISSING_DATA_ACTIVE", "ALIGN_MEAN", "REDUCE_MAX", "300s"},
		"database-storage-payments":     {database("disk/utilization"), 0.9, "600s", "EVALUATION_MISSING_DATA_NO_OP", "ALIGN_MAX", "REDUCE_MAX", "300s"},
		"database-connections-payments": {database("postgresql/num_backends"), 320, "300s", "EVALUATION_MISSING_DATA_INACTIVE", "ALIGN_MAX", "REDUCE_SUM", "60s"},
		"database-standby-payments":     {database("available_for_failover"), 1, "900s", "EVALUATION_MISSING_DATA_INACTIVE", "ALIGN_MAX", "REDUCE_MAX", "300s"},
		"queue-depth-order-placed-payments": {
			queue("num_undelivered_messages", "live"), 1000, "900s", "EVALUATION_MISSING_DATA_INACTIVE", "ALIGN_MIN", "REDUCE_MAX", "300s",
		},
		"nodes-failing-cluster": {
			on("k8s_node", "kubernetes.io/node/interruption_count", "cluster_name", "dev-gcp") + ` AND metric.labels.interruption_type = "TerminationEvent"`,
			1, "60s", "EVALUATION_MISSING_DATA_INACTIVE", "ALIGN_SUM", "REDUCE_SUM", "3600s",
		},
		"queue-age-order-placed-payments": {
			queue("oldest_unacked_message_age", "live"), 600, "300s", "EVALUATION_MISSING_DATA_INACTIVE", "ALIGN_MAX", "REDUCE_MAX", "60s",
		},
		"queue-dead-letters-order-placed-payments": {
			queue("num_undelivered_messages", "dead"), 0, "60s", "EVALUATION_MISSING_DATA_INACTIVE", "ALIGN_MAX", "REDUCE_MAX", "300s",
		},
		"api-failures-mobile": {
			door + " AND metric.labels.response_code_class = 500", 0.01, "900s", "EVALUATION_MISSING_DATA_INACTIVE", "ALIGN_DELTA", "REDUCE_SUM", "300s",
		},
		"api-latency-mobile": {
			strings.Replace(door, "request_count", "total_latencies", 1), 1000, "900s", "EVALUATION_MISSING_DATA_INACTIVE", "ALIGN_DELTA", "REDUCE_PERCENTILE_99", "300s",
		},
	} {
		aggregations := []any{map[string]any{"alignmentPeriod": want.period, "perSeriesAligner": want.aligner, "crossSeriesReducer": want.reducer}}
		condition := map[string]any{
			"filter": want.filter, "comparison": above, "thresholdValue": want.threshold, "duration": want.duration,
			"evaluationMissingData": want.missing, "trigger": map[string]any{"count": 1.0}, "aggregations": aggregations,
		}
		if alarm == "database-standby-payments" {
			condition["comparison"] = below
		}
		if alarm == "api-failures-mobile" {
			// Failures are a share of the requests.
			condition["denominatorFilter"], condition["denominatorAggregations"] = door, aggregations
		}
		got := resources["gcp:monitoring/alertPolicy:AlertPolicy alarms-"+alarm]["conditions"].ArrayValue()[0].ObjectValue()["conditionThreshold"]
		if !got.DeepEquals(resource.NewProperty(properties(condition))) {
			t.Errorf("%s is %v, want %v", alarm, got, condition)
		}
	}
}

func TestEveryQuotaOfTheProjectIsAskedFor(t *testing.T) {
	conditions := recordAlarms(t)["gcp:monitoring/alertPolicy:AlertPolicy alarms-quota-project"]["conditions"].ArrayValue()
	want := properties(map[string]any{
		"query": `max by (service, quota_metric, location) (last_over_time(serviceruntime_googleapis_com:quota_allocation_usage{monitored_resource="consumer_quota",project_id="platform-dev"}[1d]))
/ min by (service, quota_metric, location) (last_over_time(serviceruntime_googleapis_com:quota_limit{monitored_resource="consumer_quota",project_id="platform-dev"}[1d]) > 0)
> 0.8`,
		"evaluationInterval": "300s", "duration": "0s",
	})
	if got := conditions[0].ObjectValue()["conditionPrometheusQueryLanguage"]; len(conditions) != 1 || !got.DeepEquals(resource.NewProperty(want)) {
		t.Errorf("got  %v\nwant %v", conditions, want)
	}
}
