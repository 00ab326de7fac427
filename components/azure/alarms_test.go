package azure

import (
	"regexp"
	"strings"
	"testing"

	engine "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/components/azure/builtin"
	"platform/components/internal/record"
	"platform/components/tags"
)

const (
	metricAlertType = "azure-native:insights:MetricAlert"
	logAlertType    = "azure-native:insights:ScheduledQueryRule"
)

func recordAlarms(t *testing.T, change func(*alarms.Args)) (record.Resources, error) {
	t.Helper()
	args := alarms.Args{
		Teams: map[string]alarms.Team{
			"ledger": {Email: "ledger@example.com", Tags: tags.Set{tags.Team: "ledger"}},
			"orders": {Tags: tags.Set{tags.Team: "orders"}}, "platform": {Tags: tags.Set{tags.Team: "platform"}},
		},
		Bounds: alarms.Bounds{QueueMinutes: 10, StoragePercent: 85}.Complete(),
		Databases: map[string]alarms.Database{
			"payments": {
				Team: "ledger", Name: text("/servers/payments"), ConnectionLimit: 400, StorageGiB: 50, BurstCredits: 576, Tags: tags.Set{tags.Service: "payments"},
			},
			"orders": {Team: "orders", Name: text("/servers/orders"), ConnectionLimit: 800, StorageGiB: 50, Standby: true},
		},
		Queues: map[string]alarms.Queue{"order-placed-payments": {
			Team: "ledger", Name: text("/namespaces/n/queues/q"), DeadLetterName: text("/namespaces/n/queues/q/$deadletterqueue"),
		}},
		APIs:    map[string]alarms.API{"mobile": {Team: "orders", ID: text("/service/s/hostnames/mobile.dev.example.com")}},
		Cluster: &alarms.Cluster{Team: "platform", Name: text("dev-azure")},
		Quotas:  &alarms.Quotas{Team: "platform", Percent: 80, Tags: tags.Set{tags.Team: "platform"}},
	}
	if change != nil {
		change(&args)
	}
	return recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := alarms.New(ctx, "alarms", d, args)
		return err
	})
}

func TestATeamIsToldByMailIfItHasAnAddress(t *testing.T) {
	resources, err := recordAlarms(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	group := func(team string) map[string]any {
		return map[string]any{
			"resourceGroupName": "group", "actionGroupName": "dev-azure-" + team, "groupShortName": team, "location": "Global",
			"enabled": true, "tags": map[string]any{"team": team},
		}
	}
	told := group("ledger")
	told["emailReceivers"] = []any{map[string]any{"name": "ledger", "emailAddress": "ledger@example.com", "useCommonAlertSchema": true}}
	for team, want := range map[string]map[string]any{"ledger": told, "orders": group("orders"), "platform": group("platform")} {
		record.Exactly(t, resources, "azure-native:insights:ActionGroup alarms-group-"+team, want)
	}
}

func TestEveryAlarmGoesToItsOwner(t *testing.T) {
	resources, err := recordAlarms(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	owners := map[string]string{
		"database-down-payments": "ledger", "database-cpu-payments": "ledger", "database-storage-payments": "ledger",
		"database-connections-payments": "ledger", "database-credits-payments": "ledger", "database-down-orders": "orders",
		"database-cpu-orders": "orders", "database-storage-orders": "orders", "database-connections-orders": "orders",
		"cluster-storage-cluster": "platform", "nodes-failing-cluster": "platform", "quota-machines": "platform",
		"queue-depth-order-placed-payments":        "ledger",
		"queue-dead-letters-order-placed-payments": "ledger", "api-failures-mobile": "orders", "api-latency-mobile": "orders",
	}
	for name, alarm := range resources {
		_, logical, _ := strings.Cut(name, " alarms-")
		var told engine.PropertyValue
		switch {
		case strings.HasPrefix(name, metricAlertType):
			told = alarm["actions"].ArrayValue()[0].ObjectValue()["actionGroupId"]
		case strings.HasPrefix(name, logAlertType):
			told = alarm["actions"].ObjectValue()["actionGroups"].ArrayValue()[0]
		default:
			continue
		}
		owner, wanted := owners[logical]
		if !wanted {
			t.Errorf("%s is there, and nobody asked for it", logical)
		}
		record.Runbook(t, logical, alarm["description"].StringValue())
		if want := "id-alarms-group-" + owner; told.StringValue() != want {
			t.Errorf("%s goes to %v, want %s", logical, told, want)
		}
		if !alarm["autoMitigate"].BoolValue() || !alarm["enabled"].BoolValue() {
			t.Errorf("%s is %v: nobody is told, or not when it is over", logical, alarm)
		}
		delete(owners, logical)
	}
	for missing := range owners {
		t.Errorf("%s is not there", missing)
	}
}

// role is what an alarm's name has after its role.
var role = regexp.MustCompile("-(order-placed-payments|payments|cluster)$")

func TestMetricsAndThresholds(t *testing.T) {
	resources, err := recordAlarms(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	database, broker := "Microsoft.DBforPostgreSQL/flexibleServers", "Microsoft.ServiceBus/namespaces"
	machines := "Microsoft.ContainerService/managedClusters"
	aks := "/subscriptions/" + testSubscription + "/resourceGroups/group/providers/" + machines + "/dev-azure"
	for alarm, want := range map[string]struct {
		of, namespace, metric, entity, aggregation, operator string
		threshold                                            float64
		every, window                                        string
		severity                                             float64
	}{
		"database-down-payments":                   {"/servers/payments", database, "is_db_alive", "", "Maximum", below, 1, "PT1M", "PT5M", 1},
		"database-cpu-payments":                    {"/servers/payments", database, "cpu_percent", "", "Average", above, 80, "PT5M", "PT15M", 2},
		"database-storage-payments":                {"/servers/payments", database, "storage_percent", "", "Maximum", above, 85, "PT5M", "PT15M", 2},
		"database-credits-payments":                {"/servers/payments", database, "cpu_credits_remaining", "", "Maximum", below, 57, "PT5M", "PT15M", 2},
		"cluster-storage-cluster":                  {aks, machines, "etcd_database_usage_percentage", "", "Maximum", above, 85, "PT5M", "PT15M", 2},
		"nodes-failing-cluster":                    {aks, machines, "cluster_autoscaler_cluster_safe_to_autoscale", "", "Average", below, 1, "PT5M", "PT15M", 2},
		"database-connections-payments":            {"/servers/payments", database, "active_connections", "", "Average", above, 320, "PT1M", "PT5M", 2},
		"queue-depth-order-placed-payments":        {"/namespaces/n", broker, "ActiveMessages", "q", "Minimum", above, 60, "PT5M", "PT15M", 2},
		"queue-dead-letters-order-placed-payments": {"/namespaces/n", broker, "DeadletteredMessages", "q", "Maximum", above, 0, "PT5M", "PT5M", 2},
	} {
		got := resources[metricAlertType+" alarms-"+alarm]
		criterion := map[string]any{
			"criterionType": "StaticThresholdCriterion", "name": role.ReplaceAllString(alarm, ""),
			"metricNamespace": want.namespace, "metricName": want.metric, "timeAggregation": want.aggregation, "operator": want.operator,
			"threshold": want.threshold,
		}
		if want.entity != "" {
			criterion["dimensions"] = []any{map[string]any{"name": "EntityName", "operator": "Include", "values": []any{want.entity}}}
		}
		for name, w := range map[string]any{
			"scopes": []any{want.of}, "evaluationFrequency": want.every, "windowSize": want.window, "severity": want.severity,
			"criteria": map[string]any{"odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria", "allOf": []any{criterion}},
		} {
			if g := got[engine.PropertyKey(name)]; !g.DeepEquals(value(t, w)) {
				t.Errorf("%s: %s is %v, want %v", alarm, name, g, w)
			}
		}
	}
}

func TestADoorIsWatchedByItsHostInTheLog(t *testing.T) {
	resources, err := recordAlarms(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	from := `ApiManagementGatewayLogs
| where _ResourceId =~ "/service/s" and tostring(parse_url(Url).Host) == "mobile.dev.example.com"
`
	for alarm, want := range map[string]map[string]any{
		"api-failures-mobile": {
			"query": from + `| summarize calls = count(), failures = countif(ResponseCode >= 500) by bin(TimeGenerated, 5m)
| extend percent = 100.0 * failures / calls`,
			"metricMeasureColumn": "percent", "threshold": 1.0,
		},
		"api-latency-mobile": {
			"query": from + `| summarize calls = count(), milliseconds = percentile(TotalTime, 99) by bin(TimeGenerated, 5m)
| where calls >= 100`,
			"metricMeasureColumn": "milliseconds", "threshold": 1000.0,
		},
	} {
		want["timeAggregation"], want["operator"] = "Maximum", above
		want["failingPeriods"] = map[string]any{"numberOfEvaluationPeriods": 3.0, "minFailingPeriodsToAlert": 3.0}
		got := resources[logAlertType+" alarms-"+alarm]
		if criteria := value(t, map[string]any{"allOf": []any{want}}); !got["criteria"].DeepEquals(criteria) {
			t.Errorf("%s\ngot  %v\nwant %v", alarm, got["criteria"], criteria)
		}
		if scopes := value(t, []any{"workspace"}); !got["scopes"].DeepEquals(scopes) || !got["skipQueryValidation"].BoolValue() {
			t.Errorf("%s is %v", alarm, got)
		}
	}
}

func TestTheSmallerNumberOfMessagesCounts(t *testing.T) {
	for _, test := range []struct {
		minutes, depth int
		want           float64
		says           string
	}{
		{15, 1000, 90, "90 messages wait in queue order-placed-payments all the time: the oldest may wait longer than 900 seconds"},
		{1440, 1000, 1000, "1000 messages wait in queue order-placed-payments all the time. "},
	} {
		resources, err := recordAlarms(t, func(a *alarms.Args) { a.Bounds.QueueMinutes, a.Bounds.QueueDepth = test.minutes, test.depth })
		if err != nil {
			t.Fatal(err)
		}
		got := resources[metricAlertType+" alarms-queue-depth-order-placed-payments"]
		threshold := got["criteria"].ObjectValue()["allOf"].ArrayValue()[0].ObjectValue()["threshold"].NumberValue()
		if threshold != test.want || !strings.Contains(got["description"].StringValue(), test.says) {
			t.Errorf("%d minutes and %d messages: told above %v: %v", test.minutes, test.depth, threshold, got["description"])
		}
	}
}

func TestQuotasAreAskedForByWhoMayLookAtTheSubscription(t *testing.T) {
	resources, err := recordAlarms(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	rule := resources[logAlertType+" alarms-quota-machines"]
	record.Same(t, rule["criteria"].Mappable(), map[string]any{"allOf": []any{map[string]any{
		"query": `arg("").QuotaResources
| where subscriptionId =~ "` + testSubscription + `" and type =~ "microsoft.compute/locations/usages" and location =~ "germanywestcentral"
| mv-expand of = properties.value limit 400
| extend quota = tostring(of.name.value), used = todouble(of.currentValue), allowed = todouble(of.['limit'])
| where allowed > 0
| extend percent = 100.0 * used / allowed`,
		"metricMeasureColumn": "percent", "timeAggregation": "Maximum", "operator": above, "threshold": 80.0,
		"dimensions":     []any{map[string]any{"name": "quota", "operator": "Include", "values": []any{"*"}}},
		"failingPeriods": map[string]any{"numberOfEvaluationPeriods": 1.0, "minFailingPeriodsToAlert": 1.0},
	}}})
	for name, want := range map[string]any{
		"scopes": []any{"/subscriptions/" + testSubscription}, "evaluationFrequency": "PT1H", "windowSize": "PT1H",
		"identity": map[string]any{"type": "UserAssigned", "userAssignedIdentities": []any{"id-alarms-quotas"}},
	} {
		if got := rule[engine.PropertyKey(name)]; !got.DeepEquals(value(t, want)) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	look := resources["azure-native:authorization:RoleAssignment alarms-quotas-look"]
	if role, on := look["roleDefinitionId"].StringValue(), look["scope"].StringValue(); !strings.HasSuffix(role, "/"+builtin.Reader) || on != "/subscriptions/"+testSubscription {
		t.Errorf("who asks has the role %s on %s", role, on)
	}
	without, err := recordAlarms(t, func(a *alarms.Args) { a.Quotas = nil })
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := without["azure-native:authorization:RoleAssignment alarms-quotas-look"]; ok {
		t.Errorf("nobody asks for quotas, and %v may", got)
	}
}

func TestWhatIsNoQueueOrDoorIsRefused(t *testing.T) {
	for want, change := range map[string]func(*alarms.Args){
		`"queue-1" is not the resource id of a queue`: func(a *alarms.Args) {
			a.Queues["order-placed-payments"] = alarms.Queue{Team: "ledger", Name: text("queue-1"), DeadLetterName: text("queue-1")}
		},
		`"api-1" does not name a door of API Management`: func(a *alarms.Args) {
			a.APIs["mobile"] = alarms.API{Team: "orders", ID: text("api-1")}
		},
	} {
		if _, err := recordAlarms(t, change); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}
