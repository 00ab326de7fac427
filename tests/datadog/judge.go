package datadog

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func text(of map[string]any, keys ...string) string {
	for _, key := range keys[:len(keys)-1] {
		of, _ = of[key].(map[string]any)
	}
	s, _ := of[keys[len(keys)-1]].(string)
	return s
}

var (
	// https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor, service check query.
	check = regexp.MustCompile(`^"[a-z][a-z0-9_.]*"\.over\("[^"]+"(?:,"[^"]+")*\)(?:\.by\("[a-z_]+"(?:,"[a-z_]+")*\))?\.last\(([0-9]+)\)\.count_by_status\(\)$`)
	// https://docs.datadoghq.com/service_management/service_level_objectives/burn_rate/#api-and-terraform.
	burn = regexp.MustCompile(`^burn_rate\("([^"]+)"\)\.over\("(7d|30d|90d)"\)\.long_window\("([0-9]+h)"\)\.short_window\("([0-9]+[mh])"\) > ([0-9.]+)$`)
)

// Monitor is what Datadog refuses of a monitor
// (https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor).
func Monitor(spec map[string]any) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	query := text(spec, "query")
	critical, err := strconv.ParseFloat(text(spec, "options", "thresholds", "critical"), 64)
	if err != nil {
		fault("options.thresholds.critical: a number is needed")
	}
	limit := critical
	switch kind := text(spec, "type"); kind {
	case "query alert":
		_, limit, err = Condition(query)
		if err != nil {
			fault("query: %v", err)
			limit = critical
		}
	case "service check":
		found := check.FindStringSubmatch(query)
		if found == nil {
			fault("query: %q is not of the form of a check", query)
			break
		}
		// The number of looks must hold as many as the largest threshold and one.
		if last, _ := strconv.ParseFloat(found[1], 64); last <= critical || last > 100 {
			fault("query: last(%s): more than the threshold and at most 100 is allowed", found[1])
		}
	case "slo alert":
		found := burn.FindStringSubmatch(query)
		if found == nil {
			fault("query: %q is not of the form of a rate of burning", query)
			break
		}
		long, _ := time.ParseDuration(found[3])
		short, _ := time.ParseDuration(found[4])
		if long < time.Hour || long > 48*time.Hour || short <= 0 || short >= long {
			fault("query: a long window of 1 to 48 hours, and a shorter one, are allowed: %s, %s", found[3], found[4])
		}
		limit, _ = strconv.ParseFloat(found[5], 64)
	default:
		fault("type: %q is not simulated", kind)
	}
	if limit != critical {
		fault("alert threshold (%v) does not match that used in the query (%v)", critical, limit)
	}
	for _, key := range []string{"name", "message"} {
		if text(spec, key) == "" {
			fault("%s: a value is needed", key)
		}
	}
	if p, _ := spec["priority"].(float64); p < 1 || p > 5 {
		fault("priority: 1 to 5 is allowed")
	}
	return faults
}

// Objective is what Datadog and its operator refuse of an objective
// (https://docs.datadoghq.com/api/latest/service-level-objectives/#create-an-slo-object,
// https://github.com/DataDog/datadog-operator/blob/v1.29.0/api/datadoghq/v1alpha1/datadogslo_validation.go).
func Objective(spec map[string]any) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if text(spec, "type") != "metric" {
		fault("type: %q is not simulated", text(spec, "type"))
	}
	if !slices.Contains([]string{"7d", "30d", "90d"}, text(spec, "timeframe")) {
		fault("timeframe: 7d, 30d or 90d is allowed")
	}
	if target, err := strconv.ParseFloat(text(spec, "targetThreshold"), 64); err != nil || target <= 0 || target >= 100 {
		fault("targetThreshold: more than 0 and less than 100 is allowed")
	}
	for _, key := range []string{"numerator", "denominator"} {
		query := text(spec, "query", key)
		if _, err := Expression(query); err != nil {
			fault("query.%s: %v", key, err)
		}
		// Events are summed up: of any other aggregate there is no ratio.
		if !strings.HasPrefix(query, "sum:") && !strings.HasPrefix(query, "count(") || !strings.HasSuffix(query, ".as_count()") {
			fault("query.%s: %q: a sum of counts is allowed", key, query)
		}
	}
	return faults
}

// fields are those that each kind of a widget must have
// (https://docs.datadoghq.com/dashboards/graphing_json/widget_json/).
var fields = map[string][]string{
	"group": {"layout_type", "widgets"}, "timeseries": {"requests"}, "query_value": {"requests"}, "manage_status": {"query"},
}

var variable = regexp.MustCompile(`\$([a-z]+)`)

// Dashboard is what Datadog refuses of a dashboard
// (https://docs.datadoghq.com/api/latest/dashboards/#create-a-new-dashboard).
func Dashboard(spec map[string]any) []string {
	var faults []string
	if text(spec, "title") == "" || text(spec, "layoutType") == "" {
		faults = append(faults, "title and layoutType are needed")
	}
	known := []string{}
	given, _ := spec["templateVariables"].([]any)
	for _, each := range given {
		v, _ := each.(map[string]any)
		known = append(known, text(v, "name"))
	}
	var widgets []any
	if err := json.Unmarshal([]byte(text(spec, "widgets")), &widgets); err != nil || len(widgets) == 0 {
		return append(faults, fmt.Sprintf("widgets: a list of widgets is needed: %v", err))
	}
	for _, tag := range list(spec["tags"]) {
		if !strings.HasPrefix(fmt.Sprint(tag), "team:") {
			faults = append(faults, fmt.Sprintf("tags: %v: tags of teams are allowed", tag))
		}
	}
	return append(faults, widgetFaults("widgets", widgets, known)...)
}

func list(v any) []any {
	out, _ := v.([]any)
	return out
}

func widgetFaults(at string, widgets []any, known []string) []string {
	var faults []string
	for i, each := range widgets {
		at := fmt.Sprintf("%s[%d]", at, i)
		w, _ := each.(map[string]any)
		definition, _ := w["definition"].(map[string]any)
		kind := text(definition, "type")
		wanted, ok := fields[kind]
		if !ok {
			faults = append(faults, fmt.Sprintf("%s: type %q is not known", at, kind))
			continue
		}
		for _, key := range wanted {
			if definition[key] == nil {
				faults = append(faults, fmt.Sprintf("%s.%s: a value is needed", at, key))
			}
		}
		for _, request := range list(definition["requests"]) {
			r, _ := request.(map[string]any)
			query := text(r, "q")
			if _, err := Expression(query); err != nil {
				faults = append(faults, fmt.Sprintf("%s: %v", at, err))
			}
			for _, found := range variable.FindAllStringSubmatch(query, -1) {
				if !slices.Contains(known, found[1]) {
					faults = append(faults, fmt.Sprintf("%s: %q: there is no variable %s", at, query, found[1]))
				}
			}
		}
		faults = append(faults, widgetFaults(at, list(definition["widgets"]), known)...)
	}
	return faults
}
