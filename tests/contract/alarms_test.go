package contract

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/stacks/platform"
	"platform/tests/cloud"
)

// asked is what an alarm asks for on a cloud, and whom it tells: by its role and what it is about, "metric > team".
var asked = map[string]map[string]string{
	"aws": {
		"database-cpu-ledger": "CPUUtilization > orders", "database-storage-ledger": "FreeStorageSpace > orders",
		"database-connections-ledger":     "DatabaseConnections > orders",
		"queue-age-order-placed-payments": "ApproximateAgeOfOldestMessage > orders", "queue-depth-order-placed-payments": "ApproximateNumberOfMessagesVisible > orders",
		"queue-dead-letters-order-placed-payments": "ApproximateNumberOfMessagesVisible > orders",
		"api-failures-mobile":                      "5xx Count > platform", "api-latency-mobile": "Latency > platform",
		"cluster-storage-cluster": "apiserver_storage_size_bytes > platform", "nodes-failing-system": "StatusCheckFailed > platform",
		"quota-machines": "ResourceCount > platform", "quota-spot-machines": "ResourceCount > platform", "quota-balancers": "ResourceCount > platform",
		"quota-target-groups": "ResourceCount > platform", "quota-poolers": "ResourceCount > platform",
	},
	"azure": {
		"database-down-ledger": "is_db_alive > orders", "database-cpu-ledger": "cpu_percent > orders", "database-storage-ledger": "storage_percent > orders",
		"database-connections-ledger": "active_connections > orders", "queue-depth-order-placed-payments": "ActiveMessages > orders",
		"queue-dead-letters-order-placed-payments": "DeadletteredMessages > orders",
		"api-failures-mobile":                      "ApiManagementGatewayLogs > platform", "api-latency-mobile": "ApiManagementGatewayLogs > platform",
		"cluster-storage-cluster": "etcd_database_usage_percentage > platform",
		"nodes-failing-cluster":   "cluster_autoscaler_cluster_safe_to_autoscale > platform", "quota-machines": "QuotaResources > platform",
	},
	"gcp": {
		"database-cpu-ledger": "cpu/utilization > orders", "database-storage-ledger": "disk/utilization > orders",
		"database-connections-ledger": "postgresql/num_backends > orders", "database-standby-ledger": "available_for_failover > orders",
		"queue-age-order-placed-payments": "oldest_unacked_message_age > orders", "queue-depth-order-placed-payments": "num_undelivered_messages > orders",
		"queue-dead-letters-order-placed-payments": "num_undelivered_messages > orders",
		"api-failures-mobile":                      "https/request_count > platform", "api-latency-mobile": "https/total_latencies > platform",
		"nodes-failing-cluster": "node/interruption_count > platform", "quota-project": "quota_allocation_usage quota_limit > platform",
	},
}

// alarmTypes are those of alarms, and where each says what it asks for and whom it tells.
var alarmTypes = map[string]struct{ asks, tells string }{
	"aws:cloudwatch/metricAlarm:MetricAlarm":   {"metricName metricQueries", "alarmActions"},
	"azure-native:insights:MetricAlert":        {"criteria", "actions"},
	"azure-native:insights:ScheduledQueryRule": {"criteria", "actions"},
	"gcp:monitoring/alertPolicy:AlertPolicy":   {"conditions", "notificationChannels"},
}

// told finds the team in what an alarm acts on.
func told(e map[string]*cloud.Object, o *cloud.Object, tells string) string {
	said := fmt.Sprint(o.Value(tells))
	for _, team := range []string{"orders", "platform"} {
		if to := e[team]; to != nil && strings.Contains(said, to.ID) {
			return team
		}
	}
	return "nobody"
}

// TestEveryAlarmAsksForItsMetricAndTellsItsOwner looks at what stands on each cloud: no alarm is missing, none is there
// that nobody knows, each asks for the metric that it is about, names its runbook and tells the team that owns what it
// watches.
func TestEveryAlarmAsksForItsMetricAndTellsItsOwner(t *testing.T) {
	t.Parallel()
	for _, s := range sites {
		t.Run(s.cloud, func(t *testing.T) {
			t.Parallel()
			e := s.open(t, func(ctx *pulumi.Context, d platform.Driver, opts ...pulumi.ResourceOption) error {
				_, err := (&builder{site: s, ctx: ctx, d: d, opts: opts}).buildDoors()
				return err
			})
			if _, err := e.Up(t.Context()); err != nil {
				t.Fatal(err)
			}
			teams, found := map[string]*cloud.Object{}, map[string]*cloud.Object{}
			for _, o := range e.Cloud.Inventory() {
				logical := o.URN[strings.LastIndex(o.URN, ":")+1:]
				if _, ok := alarmTypes[o.Type]; ok {
					found[strings.TrimPrefix(logical, "alarms-")] = o
					continue
				}
				if name := regexp.MustCompile(`^alarms-(topic|group|email)-(orders|platform)$`).FindStringSubmatch(logical); name != nil && receives(o.Type) {
					teams[name[2]] = o
				}
			}
			if len(teams) != 2 {
				t.Fatalf("who is told are %v, want two teams", slices.Sorted(maps.Keys(teams)))
			}
			for name, o := range found {
				want, ok := asked[s.cloud][name]
				if !ok {
					t.Errorf("%s is there, and nobody knows it", name)
					continue
				}
				at := alarmTypes[o.Type]
				metrics, team, _ := strings.Cut(want, " > ")
				var said strings.Builder
				for _, path := range strings.Fields(at.asks) {
					fmt.Fprint(&said, o.Value(path), " ")
				}
				for _, metric := range strings.Fields(metrics) {
					if !strings.Contains(said.String(), metric) {
						t.Errorf("%s asks for %s, want %s", name, said.String(), metric)
					}
				}
				if got := told(teams, o, at.tells); got != team {
					t.Errorf("%s tells %s, want %s", name, got, team)
				}
				if text := fmt.Sprint(o.Inputs["alarmDescription"], o.Inputs["description"], o.Inputs["documentation"]); !strings.Contains(text, alarms.Runbook+"#") {
					t.Errorf("%s says %s, and names no runbook", name, text)
				}
			}
			for name := range asked[s.cloud] {
				if found[name] == nil {
					t.Errorf("%s is not there", name)
				}
			}
		})
	}
}

// receives says whether a type is what alarms act on.
func receives(typ string) bool {
	return slices.Contains([]string{
		"aws:sns/topic:Topic", "azure-native:insights:ActionGroup", "gcp:monitoring/notificationChannel:NotificationChannel",
	}, typ)
}
