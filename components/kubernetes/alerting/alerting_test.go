package alerting_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/kubernetes/alerting"
	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/alerting/notify"
	"platform/components/kubernetes/bridge"
	"platform/components/tags"
)

var owned = tags.Set{
	tags.Project: "platform", tags.Environment: "dev", tags.Team: "platform", tags.Service: "monitoring", tags.CostCentre: "1000", tags.DataClass: "internal",
}

func args() alerting.Args {
	hears := notify.Team{Page: notify.Receiver{Kind: notify.PagerDuty}, Ticket: notify.Receiver{Kind: notify.Slack, Channel: "#alerts"}}
	return alerting.Args{
		Namespace: pulumi.String("observability"),
		Watched: alerting.Watched{
			Services: map[string]alerting.Service{"orders": {
				Service: alert.Service{Name: "orders", Team: "checkout", Availability: 99.95, P99: 300 * time.Millisecond, Routed: true}, Tags: owned,
			}},
			Platform: alert.Platform{Team: "platform", Namespaces: []string{"ingress"}, Urgent: []string{"ingress"}, Placeholders: "headroom", Collector: "kube-state-metrics"},
			Links:    alert.Links{Runbooks: "https://git.example.com/docs/runbooks", Dashboards: "https://monitoring.example.com"},
			Notify:   notify.Args{Owner: "platform", Pages: true, Teams: map[string]notify.Team{"platform": hears, "checkout": hears}},
		},
		Source: bridge.Source{Store: pulumi.Map{"fake": pulumi.Map{}}, Key: pulumi.String("receivers")}, Tags: owned,
	}
}

func TestEachServiceHasItsRulesAndOneSecretSaysWhoIsTold(t *testing.T) {
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := alerting.New(ctx, "alerting", args())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const rules = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"
	if n := record.Count(resources, rules); n != 2 {
		t.Errorf("got %d objects of rules, want 2", n)
	}
	group := func(object string, i int) resource.PropertyMap {
		return resources[rules+" "+object]["spec"].ObjectValue()["groups"].ArrayValue()[i].ObjectValue()
	}
	for object, want := range map[string][]string{
		"alerting-service-orders": {"orders-objectives", "orders-alerts"}, "alerting-platform": {"objectives", "platform-alerts"},
	} {
		for i, name := range want {
			if got := group(object, i)["name"].StringValue(); got != name {
				t.Errorf("%s: group %d is %s, want %s", object, i, got, name)
			}
		}
	}
	first := group("alerting-service-orders", 1)["rules"].ArrayValue()[0].ObjectValue()
	record.Same(t, first["labels"].ObjectValue().Mappable(), map[string]any{"team": "checkout", "service": "orders", "severity": "page"})
	links := first["annotations"].ObjectValue()
	if got, want := links["runbook_url"].StringValue(), "https://git.example.com/docs/runbooks/availability-budget-burns-fast.md"; got != want {
		t.Errorf("the runbook is %s, want %s", got, want)
	}
	if got, want := links["dashboard_url"].StringValue(), "https://monitoring.example.com/d/platform-budget?var-service=orders"; got != want {
		t.Errorf("the dashboard is %s, want %s", got, want)
	}
	target := resources["kubernetes:external-secrets.io/v1:ExternalSecret alerting-receivers-secret"]["spec"].ObjectValue()["target"].ObjectValue()
	text := target["template"].ObjectValue()["data"].ObjectValue()["alertmanager.yaml"].StringValue()
	for _, part := range []string{"name: checkout-page", "name: platform-ticket", `index (fromJson .value) "checkout" "page"`} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	a := args()
	a.Services = map[string]alerting.Service{"orders": {Service: alert.Service{Name: "order", Team: "gone", Availability: 90, P99: -1}}}
	a.Platform, a.Links, a.Source, a.Notify.Owner, a.Tags = alert.Platform{}, alert.Links{Runbooks: "http://a"}, bridge.Source{}, "gone", nil
	err := a.Validate()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	lines := strings.Split(err.Error(), "\n")
	for _, path := range []string{
		"services.orders:", "services.orders.team:", "services.orders.availability:", "services.orders.p99:", "services.orders.tags.team:", "platform.team:",
		"platform.namespaces:", "platform.urgent:", "platform.placeholders:", "platform.collector:", "links.runbooks:", "links.dashboards:", "source:", "tags.team:", "notify: owner:",
	} {
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, path) }) {
			t.Errorf("%s is not named in\n%v", path, err)
		}
	}
}
