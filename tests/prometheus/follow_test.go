// Package prometheus follows a service through what an environment registers, as the golden inventories have it.
package prometheus

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"platform/components/kubernetes/alerting/alert"
	"platform/tests/prometheus/alertmanager"
	"platform/tests/prometheus/engine"
)

// object is the value of a property of a resource in an environment's golden inventory, which is JSON.
func object(t *testing.T, environment, typ, name, property string, into any) {
	t.Helper()
	text, err := os.ReadFile("../environments/testdata/" + environment + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(text), "\n\n") {
		head, body, _ := strings.Cut(block, "\n")
		if head != typ+" "+name {
			continue
		}
		for _, line := range strings.Split(body, "\n") {
			if value, ok := strings.CutPrefix(line, "  "+property+": "); ok {
				if err := json.Unmarshal([]byte(value), into); err != nil {
					t.Fatalf("%s of %s %s in %s: %v", property, typ, name, environment, err)
				}
				return
			}
		}
	}
	t.Fatalf("%s of %s %s is not in the inventory of %s: make golden", property, typ, name, environment)
}

// TestAServiceIsFollowedFromItsPromiseToItsTeam goes from the catalogue's entry of one service to its rules in an environment, lets
// its requests fail, takes the alert to whom Alertmanager tells, and to the dashboard that it leads to.
func TestAServiceIsFollowedFromItsPromiseToItsTeam(t *testing.T) {
	const environment, service = "prod-aws", "payments"
	text, err := os.ReadFile("../../stacks/catalog/services.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var entries map[string]struct {
		Team string
		SLO  struct {
			Availability float64
		} `yaml:"slo"`
	}
	if err := yaml.Unmarshal(text, &entries); err != nil {
		t.Fatal(err)
	}
	entry := entries[service]
	if entry.SLO.Availability != 99.95 {
		t.Fatalf("the catalogue promises %g for %s, and the numbers below are of 99.95", entry.SLO.Availability, service)
	}

	const rules = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
	var own, shared struct{ Groups []alert.Group }
	object(t, environment, rules, "alerting-service-"+service, "spec", &own)
	object(t, environment, rules, "alerting-platform", "spec", &shared)
	groups := []alert.Group{own.Groups[0], shared.Groups[0], own.Groups[1]}

	// 14.4 times 0.05 % is 0.72 %: of 1000 requests a minute 7 are too few, 8 are enough.
	firing := func(failing string) []engine.Alert {
		of := `http_server_request_duration_seconds_count{namespace="payments",http_route="/payments",http_response_status_code=`
		series, err := engine.Told(of+`"200"} 0+990x70`, of+`"500"} `+failing)
		if err != nil {
			t.Fatal(err)
		}
		fired, err := engine.Evaluate(groups, series, engine.Span{Minutes: 60, Step: 1, Settled: 60})
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(fired, func(a engine.Alert) bool { return a.Name != "AvailabilityBudgetBurnsFast" })
	}
	if got := firing("0+2x70"); len(got) != 0 {
		t.Errorf("0.2 %% fail, and it fires: %v", got)
	}
	got := firing("0+8x70")
	if len(got) != 1 || got[0].Labels["team"] != entry.Team || got[0].Labels["severity"] != string(alert.Page) || got[0].Labels["service"] != service {
		t.Fatalf("got %v, want one page of %s for %s", got, service, entry.Team)
	}

	var fetched struct {
		Target struct {
			Template struct{ Data map[string]string }
		}
	}
	object(t, environment, "kubernetes:external-secrets.io/v1:ExternalSecret", "alerting-receivers-secret", "spec", &fetched)
	whole, err := alertmanager.Complete(fetched.Target.Template.Data["alertmanager.yaml"], secrets(t))
	if err != nil {
		t.Fatal(err)
	}
	routing, err := alertmanager.Load(whole)
	if err != nil {
		t.Fatal(err)
	}
	if ways := routing.Ways(got[0].Labels); len(ways) != 1 || ways[0].Receiver != entry.Team+"-page" {
		t.Errorf("it goes to %v, want %s-page", ways, entry.Team)
	}

	id, of, _ := strings.Cut(strings.TrimPrefix(got[0].Annotations[alert.Dashboard], "https://monitoring.platform.example.com/d/"), "?")
	if of != "var-service="+service {
		t.Errorf("the dashboard is asked for %q", of)
	}
	var data map[string]string
	object(t, environment, "kubernetes:core/v1:ConfigMap", "dashboards-"+id, "data", &data)
	var shown struct{ UID string }
	if err := json.Unmarshal([]byte(data[id+".json"]), &shown); err != nil || shown.UID != id {
		t.Errorf("the dashboard is %q, %v, want %s", shown.UID, err, id)
	}
	// Whatever it sends is known as its own and its team's, and goes where somebody takes it.
	var told map[string]string
	object(t, environment, "kubernetes:core/v1:ConfigMap", "tenancy-"+service+"-values", "data", &told)
	var taken struct {
		Ports []struct{ Port int }
	}
	object(t, environment, "kubernetes:core/v1:Service", "telemetry-collector", "spec", &taken)
	if told["OTEL_SERVICE_NAME"] != service || told["OTEL_EXPORTER_OTLP_ENDPOINT"] != "http://collector.observability.svc:4318" ||
		told["OTEL_RESOURCE_ATTRIBUTES"] != "deployment.environment.name="+environment+",service.namespace="+entry.Team+",team="+entry.Team {
		t.Errorf("it is told of telemetry: %v", told)
	}
	if !slices.ContainsFunc(taken.Ports, func(p struct{ Port int }) bool { return p.Port == 4318 }) {
		t.Errorf("nobody takes it at its port: %v", taken.Ports)
	}
	page := got[0].Annotations[alert.Runbook]
	if _, err := os.Stat("../../docs/runbooks" + page[strings.LastIndex(page, "/"):]); err != nil {
		t.Error(err)
	}
}

// secrets are what an operator fills in for all teams of the company.
func secrets(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../stacks/catalog/teams.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var teams map[string]any
	if err := yaml.Unmarshal(text, &teams); err != nil {
		t.Fatal(err)
	}
	out := map[string]any{"heartbeat": "https://heartbeat.example.com/ping"}
	for team := range teams {
		out[team] = map[string]string{"page": "https://pages.example.com/" + team, "ticket": "https://tickets.example.com/" + team}
	}
	filled, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(filled)
}
