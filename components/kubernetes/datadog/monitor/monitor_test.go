package monitor

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/alerting"
	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/alerting/notify"
	"platform/components/kubernetes/datadog/query"
	"platform/components/tags"
)

var owned = tags.Set{
	tags.Project: "platform", tags.Environment: "dev", tags.Team: "platform", tags.Service: "monitoring", tags.CostCentre: "1000", tags.DataClass: "internal",
}

func valid(pages bool) Args {
	hears := notify.Team{Page: notify.Receiver{Kind: notify.PagerDuty}, Ticket: notify.Receiver{Kind: notify.Slack, Channel: "#checkout"}}
	return Args{
		Watched: alerting.Watched{
			Services: map[string]alerting.Service{"orders": {
				Service: alert.Service{Name: "orders", Team: "checkout", Availability: 99.95, P99: 300 * time.Millisecond, Routed: true}, Tags: owned,
			}},
			Platform: alert.Platform{Team: "platform", Namespaces: []string{"ingress"}, Urgent: []string{"ingress"}, Placeholders: "headroom", Collector: "kube-state-metrics"},
			Links:    alert.Links{Runbooks: "https://git.example.com/docs/runbooks"},
			Notify:   notify.Args{Owner: "platform", Pages: pages, Teams: map[string]notify.Team{"platform": hears, "checkout": hears}},
		},
		Namespace: pulumi.String("observability"), Cluster: "dev-aws", Site: "datadoghq.eu", Operator: []pulumi.Resource{nil}, Tags: owned,
	}
}

func of(t *testing.T, a Args, name string) alert.Alert {
	t.Helper()
	for _, each := range a.Services["orders"].Alerts() {
		if each.Name == name {
			return each
		}
	}
	t.Fatalf("there is no %s", name)
	return alert.Alert{}
}

// TestAMessageSaysWhatToDoWhereToLookAndWhoIsTold follows one service: its alert, its page, its dashboard, and its team.
func TestAMessageSaysWhatToDoWhereToLookAndWhoIsTold(t *testing.T) {
	a := valid(true)
	if err := a.Validate(); err != nil {
		t.Fatal(err)
	}
	down := of(t, a, "ServiceDown")
	want := "{{value}} pods are wanted and none has been available for five minutes.\n\n" +
		"Runbook: https://git.example.com/docs/runbooks/service-down.md\nDashboard: https://app.datadoghq.eu/dashboard/abc?tpl_var_service=orders\n\n@pagerduty-checkout"
	if got := a.message(down, query.Measure{}, "https://app.datadoghq.eu/dashboard/abc"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for name, want := range map[string]string{"ServiceDown": "@pagerduty-checkout", "PodsMissing": "@slack-checkout"} {
		if got := a.told(of(t, a, name)); got != want {
			t.Errorf("%s is told %s, want %s", name, got, want)
		}
	}
	// Where nobody may be woken, a page is told as a ticket is.
	if got := valid(false).told(down); got != "@slack-checkout" {
		t.Errorf("without pages it is told %s", got)
	}
	if got := strings.Join(a.tags(down), " "); got != "alert:ServiceDown env:dev-aws kube_cluster_name:dev-aws service:orders severity:page team:checkout" {
		t.Errorf("tags: %s", got)
	}
}

func TestAMonitorOfABurnRateAsksByTheNameThatDatadogGave(t *testing.T) {
	a := valid(true)
	burns := of(t, a, "AvailabilityBudgetBurnsSlowly")
	asked := make(chan string, 1)
	spec := a.spec(burns, burns.Measures[0], map[string]pulumi.StringOutput{"availability": pulumi.String("0123").ToStringOutput()}, pulumi.String("https://d").ToStringOutput())
	spec.Query.ToStringOutput().ApplyT(func(q string) string { asked <- q; return q })
	if got, want := <-asked, `burn_rate("0123").over("30d").long_window("48h").short_window("240m") > 1.5`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if spec.Type != "slo alert" || spec.Options.Thresholds.Critical != "1.5" || spec.Priority != ticketPriority || spec.Options.Renotify != ticketAgain {
		t.Errorf("%+v", spec)
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	a := valid(true)
	a.Namespace, a.Cluster, a.Site, a.Operator, a.Tags, a.Platform.Team = nil, "Dev", "", nil, nil, "gone"
	err := a.Validate()
	for _, path := range []string{"namespace:", "cluster:", "site:", "operator:", "tags.team:", "platform.team:"} {
		if err == nil || !strings.Contains("\n"+err.Error(), "\n"+path) {
			t.Errorf("%s is not named in\n%v", path, err)
		}
	}
}
