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

// measured is what alerts can ask of a type of resource: its metrics, and the dimensions of each
// (https://learn.microsoft.com/azure/azure-monitor/reference/metrics-index).
type measured struct {
	typ     string
	metrics map[string][]string
}

var measurements = map[string]measured{
	"Microsoft.DBforPostgreSQL/flexibleServers": {"azure-native:dbforpostgresql/v20240801:Server", map[string][]string{
		"active_connections": nil, "connections_failed": nil, "cpu_percent": nil, "is_db_alive": nil, "memory_percent": nil,
		"storage_free": nil, "storage_percent": nil,
	}},
	"Microsoft.ServiceBus/namespaces": {"azure-native:servicebus:Namespace", map[string][]string{
		"ActiveMessages": {"EntityName"}, "DeadletteredMessages": {"EntityName"}, "Messages": {"EntityName"},
	}},
	"Microsoft.ApiManagement/service": {serviceType, map[string][]string{
		"Capacity": {"Location"}, "Duration": {"Location", "Hostname"}, "Requests": {
			"BackendResponseCode", "BackendResponseCodeCategory", "GatewayResponseCode", "GatewayResponseCodeCategory", "Hostname",
			"LastErrorReason", "Location",
		},
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
	dimensions, known := space.metrics[word(c, "metricName")]
	if !known {
		return cloud.Refuse("BadRequest", "%s: couldn't find a metric named %s", o, word(c, "metricName"))
	}
	for _, d := range objects(c["dimensions"]) {
		if !slices.Contains(dimensions, word(d, "name")) {
			return cloud.Refuse("BadRequest", "%s: metric %s has no dimension %q", o, word(c, "metricName"), word(d, "name"))
		}
	}
	for _, scope := range o.List("scopes") {
		if t.Get(space.typ, scope) == nil {
			return cloud.Refuse("ResourceNotFound", "%s: %q is not there", o, scope)
		}
	}
	return nil
}

// logAlertFits: https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule
func logAlertFits(_ *cloud.Tx, o *cloud.Object) error {
	for _, c := range objects(o.Value("criteria.allOf")) {
		query, column := word(c, "query"), word(c, "metricMeasureColumn")
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

// iso reads the durations that alerts use, such as PT5M, PT1H or P1D; those that the rules know.
func iso(text string) time.Duration {
	if days, ok := strings.CutPrefix(text, "P"); ok && strings.HasSuffix(days, "D") {
		d, _ := time.ParseDuration(strings.TrimSuffix(days, "D") + "h")
		return 24 * d
	}
	d, _ := time.ParseDuration(strings.ToLower(strings.TrimPrefix(text, "PT")))
	return d
}
