package azure

import (
	"slices"
	"strings"
	"time"

	"platform/tests/cloud"
)

var alertsHooks = map[string]cloud.Hook{
	"azure-native:insights:ActionGroup":        bothTimes(receiversFit),
	"azure-native:insights:MetricAlert":        bothTimes(metricAlertFits),
	"azure-native:insights:ScheduledQueryRule": bothTimes(logAlertFits),
}

func receiversFit(_ *cloud.Tx, o *cloud.Object) error {
	seen := map[string]bool{}
	for _, r := range objects(o.Value("emailReceivers")) {
		if seen[word(r, "name")] {
			return cloud.Refuse("BadRequest", "%s: receiver %q is there twice", o, word(r, "name"))
		}
		seen[word(r, "name")] = true
	}
	return nil
}

// measured is what alerts can ask of a type of resource: its metrics
// (https://learn.microsoft.com/azure/azure-monitor/reference/metrics-index).
type measured struct {
	typ     string
	metrics map[string]metric
}

// metric is by what its points can be told apart, by what they can be put together if not by everything, and how far apart
// they are if more than a minute.
type metric struct {
	dimensions, aggregations []string
	every                    time.Duration
	tier                     string // of the servers that have it, if not all do
}

var measurements = map[string]measured{
	"Microsoft.DBforPostgreSQL/flexibleServers": {"azure-native:dbforpostgresql/v20240801:Server", map[string]metric{
		"active_connections": {}, "connections_failed": {}, "cpu_percent": {}, "is_db_alive": {}, "memory_percent": {},
		"storage_free": {}, "storage_percent": {}, "cpu_credits_remaining": {tier: "Burstable"},
	}},
	"Microsoft.ServiceBus/namespaces": {"azure-native:servicebus:Namespace", map[string]metric{
		"ActiveMessages": {dimensions: []string{"EntityName"}}, "DeadletteredMessages": {dimensions: []string{"EntityName"}},
		"Messages": {dimensions: []string{"EntityName"}},
	}},
	// https://learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-containerservice-managedclusters-metrics
	"Microsoft.ContainerService/managedClusters": {"azure-native:containerservice:ManagedCluster", map[string]metric{
		"etcd_database_usage_percentage":               {aggregations: []string{"Average", "Maximum"}},
		"apiserver_cpu_usage_percentage":               {aggregations: []string{"Average", "Maximum"}},
		"cluster_autoscaler_cluster_safe_to_autoscale": {aggregations: []string{"Average", "Total"}, every: 5 * time.Minute},
	}},
	"Microsoft.ApiManagement/service": {serviceType, map[string]metric{
		"Capacity": {dimensions: []string{"Location"}}, "Duration": {dimensions: []string{"Location", "Hostname"}},
		"Requests": {dimensions: []string{
			"BackendResponseCode", "BackendResponseCodeCategory", "GatewayResponseCode", "GatewayResponseCodeCategory", "Hostname",
			"LastErrorReason", "Location",
		}},
	}},
}

// metricAlertFits: https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-metric
func metricAlertFits(t *cloud.Tx, o *cloud.Object) error {
	every, window := iso(o.Str("evaluationFrequency")), iso(o.Str("windowSize"))
	if every > window {
		return cloud.Refuse("BadRequest", "%s: it is asked every %s, which is more than the window of %s", o, every, window)
	}
	names := map[string]bool{}
	for _, c := range objects(o.Value("criteria.allOf")) {
		if names[word(c, "name")] {
			return cloud.Refuse("BadRequest", "%s: criterion %q is there twice", o, word(c, "name"))
		}
		names[word(c, "name")] = true
		if err := criterionFits(t, o, c); err != nil {
			return err
		}
	}
	return nil
}

func criterionFits(t *cloud.Tx, o *cloud.Object, c map[string]any) error {
	space, known := measurements[word(c, "metricNamespace")]
	if !known {
		return cloud.Refuse("BadRequest", "%s: the metrics of %q are not known", o, word(c, "metricNamespace"))
	}
	metric, known := space.metrics[word(c, "metricName")]
	if !known {
		return cloud.Refuse("BadRequest", "%s: couldn't find a metric named %s", o, word(c, "metricName"))
	}
	for _, d := range objects(c["dimensions"]) {
		if !slices.Contains(metric.dimensions, word(d, "name")) {
			return cloud.Refuse("BadRequest", "%s: metric %s has no dimension %q", o, word(c, "metricName"), word(d, "name"))
		}
	}
	if by := word(c, "timeAggregation"); metric.aggregations != nil && !slices.Contains(metric.aggregations, by) {
		return cloud.Refuse("BadRequest", "%s: metric %s is put together by %v, not by %s", o, word(c, "metricName"), metric.aggregations, by)
	}
	if window := iso(o.Str("windowSize")); window < metric.every {
		return cloud.Refuse("BadRequest", "%s: metric %s is measured every %s, which is more than the window of %s", o, word(c, "metricName"), metric.every, window)
	}
	for _, scope := range o.List("scopes") {
		of := t.Get(space.typ, scope)
		if of == nil {
			return cloud.Refuse("ResourceNotFound", "%s: %q is not there", o, scope)
		}
		// Azure takes such an alert, and it is silent for ever.
		if tier := of.Str("sku.tier"); metric.tier != "" && tier != metric.tier {
			return cloud.Refuse("BadRequest", "%s: a server of tier %q has no %s", o, tier, word(c, "metricName"))
		}
	}
	return nil
}

// logAlertFits: https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule
func logAlertFits(t *cloud.Tx, o *cloud.Object) error {
	for _, c := range objects(o.Value("criteria.allOf")) {
		query, column := word(c, "query"), word(c, "metricMeasureColumn")
		if err := asksWhereItMay(t, o, query); err != nil {
			return err
		}
		for _, d := range objects(c["dimensions"]) {
			if name := word(d, "name"); !strings.Contains(query, name+" =") && !strings.Contains(query, "by "+name) {
				return cloud.Refuse("BadRequest", "%s: the query gives no column %q", o, name)
			}
		}
		if column != "" && !strings.Contains(query, column+" =") {
			return cloud.Refuse("BadRequest", "%s: the query gives no column %q", o, column)
		}
		if column == "" && word(c, "timeAggregation") != "Count" {
			return cloud.Refuse("BadRequest", "%s: without a column only rows can be counted", o)
		}
		periods, _ := c["failingPeriods"].(map[string]any)
		all, _ := periods["numberOfEvaluationPeriods"].(float64)
		failing, _ := periods["minFailingPeriodsToAlert"].(float64)
		if failing > all {
			return cloud.Refuse("BadRequest", "%s: %v of %v periods cannot fail", o, failing, all)
		}
		if all > 1 && !strings.Contains(query, "TimeGenerated") {
			return cloud.Refuse("BadRequest", "%s: rows without TimeGenerated belong to no period", o)
		}
		if span := time.Duration(all) * iso(o.Str("windowSize")); span > 48*time.Hour {
			return cloud.Refuse("BadRequest", "%s: the query asks for %s, allowed are two days", o, span)
		}
		// A table of logs comes with its first line.
		if table, _, _ := strings.Cut(query, "\n"); !o.Bool("skipQueryValidation") {
			return cloud.Refuse("BadRequest", "%s: failed to resolve table %q", o, table)
		}
	}
	return nil
}

// asksWhereItMay: the graph of resources answers about what lies in a subscription, and shows an alert what its own identity
// may look at, which logs do not ask for
// (https://learn.microsoft.com/azure/governance/resource-graph/alerts-query-quickstart,
// https://learn.microsoft.com/azure/quotas/how-to-guide-monitoring-alerting).
func asksWhereItMay(t *cloud.Tx, o *cloud.Object, query string) error {
	whole, graph := "/subscriptions/"+o.Account, strings.HasPrefix(query, `arg("")`)
	for _, scope := range o.List("scopes") {
		if subscription := !strings.Contains(scope, "/resourceGroups/"); subscription != graph {
			return cloud.Refuse("BadRequest", "%s: %q does not hold what is asked for: logs are in a workspace, and the graph of resources is a subscription's", o, scope)
		}
	}
	if !graph {
		return nil
	}
	if scopes := o.List("scopes"); !slices.Equal(scopes, []string{whole}) {
		return cloud.Refuse("BadRequest", "%s: %v is not the subscription %s", o, scopes, o.Account)
	}
	if table, _, _ := strings.Cut(strings.TrimPrefix(query, `arg("").`), "\n"); table != "QuotaResources" {
		return cloud.Refuse("BadRequest", "%s: the simulated graph has no table %q", o, table)
	}
	if o.Str("identity.type") != "UserAssigned" || !may(t, principal(t, o), whole, readerRole, contributorRole, ownerRole) {
		return cloud.Refuse("BadRequest", "%s: who asks must be an identity that may look at %s", o, whole)
	}
	return nil
}

// iso reads the durations that alerts use, such as PT5M, PT1H or P1D; those that the rules know.
func iso(text string) time.Duration {
	if days, ok := strings.CutPrefix(text, "P"); ok && strings.HasSuffix(days, "D") {
		d, _ := time.ParseDuration(strings.TrimSuffix(days, "D") + "h")
		return 24 * d
	}
	d, _ := time.ParseDuration(strings.ToLower(strings.TrimPrefix(text, "PT")))
	return d
}
