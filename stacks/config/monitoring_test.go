package config_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"platform/stacks/config"
	"platform/stacks/platform"
)

// monitored is the file of development with something else about its monitoring.
func monitored(t *testing.T, said string) (config.Settings, error) {
	t.Helper()
	raw, err := os.ReadFile("../Pulumi.dev-aws.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	from, to := strings.Index(text, "    monitoring:\n"), strings.Index(text, "    delivery:\n")
	return config.FromFile(fstest.MapFS{"Pulumi.dev-aws.yaml": {Data: []byte(text[:from] + said + text[to:])}}, "dev-aws", platform.Offers)
}

const lookedAt = `alerts: {runbooks: "https://runbooks.example.com"}, sso: {clientID: monitoring, authorizeURL: "https://a.example.com", tokenURL: "https://a.example.com", profileURL: "https://a.example.com"}`

func TestFaultsOfMonitoringAreAllNamed(t *testing.T) {
	_, err := monitored(t, `    monitoring:
      replicas: 4
      retentionDays: 91
      storageGiB: 9
      memoryMiB: 100
      sso: {authorizeURL: "http://login.example.com", scopes: ["a b"]}
`)
	for _, want := range []string{
		`monitoring.replicas: value "4": 1 to 3 is allowed`, `monitoring.retentionDays: value "91": 1 to 90 is allowed`,
		`monitoring.storageGiB: value "9": 10 to 2000 is allowed`, `monitoring.memoryMiB: value "100": 512 to 65536 is allowed`,
		"monitoring.sso.clientID: ", `monitoring.sso.authorizeURL: value "http://login.example.com": an https URL is allowed`,
		"monitoring.sso.tokenURL: ", "monitoring.sso.profileURL: ", `monitoring.sso.scopes[0]: value "a b": one word`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if _, err := monitored(t, "    monitoring: {kind: zabbix}\n"); err == nil || !strings.Contains(err.Error(), `monitoring.kind: value "zabbix": one of [prometheus datadog none] is allowed`) {
		t.Errorf("another kind: %v", err)
	}
}

// What is for one who watches is refused where another does, and what Datadog is sent lies where the environment's data may.
func TestWhoWatchesIsToldWhatIsForItAndNothingElse(t *testing.T) {
	for _, test := range []struct {
		name, said string
		want       []string
	}{
		{"all of the other's", `kind: datadog, replicas: 2, retentionDays: 7, storageGiB: 20, memoryMiB: 1024, sso: {clientID: a}, datadog: {site: datadoghq.com, replicas: 4}`, []string{
			`monitoring.replicas: value "2": nothing is allowed: datadog watches, and not prometheus`, "monitoring.retentionDays: ", "monitoring.storageGiB: ",
			"monitoring.memoryMiB: ", "monitoring.sso: ", `monitoring.datadog.replicas: value "4": 1 to 3 is allowed`,
			`monitoring.datadog.site: value "datadoghq.com": one of [datadoghq.eu] is allowed`, "monitoring.alerts.runbooks: ",
		}},
		{"nothing", `kind: datadog`, []string{`monitoring.datadog.site: one of [datadoghq.eu] is allowed`}},
		{"a site beside Prometheus", lookedAt + `, datadog: {site: datadoghq.eu}`, []string{`monitoring.datadog: value "datadoghq.eu": nothing is allowed: prometheus watches, and not datadog`}},
	} {
		_, err := monitored(t, "    monitoring: {"+test.said+"}\n")
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in\n%v", test.name, want, err)
			}
		}
	}
	s, err := monitored(t, `    monitoring: {kind: datadog, datadog: {site: datadoghq.eu}, alerts: {runbooks: "https://runbooks.example.com"}}`+"\n")
	if err != nil {
		t.Fatal(err)
	}
	if m := s.Monitoring; m.Datadog.Replicas != 2 || m.Replicas != 0 || m.StorageGiB != 0 || len(m.SSO.Scopes) != 0 {
		t.Errorf("completed: %+v", m)
	}
}

// Who says nothing is watched, and has to say who may look; who wants nobody to watch says so.
func TestAnEnvironmentIsWatchedUnlessItSaysOtherwise(t *testing.T) {
	if _, err := monitored(t, ""); err == nil || !strings.Contains(err.Error(), "monitoring.sso.clientID: ") {
		t.Errorf("without a word: %v", err)
	}
	s, err := monitored(t, "    monitoring: {"+lookedAt+"}\n")
	if err != nil {
		t.Fatal(err)
	}
	m := s.Monitoring
	if m.Kind != "prometheus" || m.Replicas != 2 || m.RetentionDays != 15 || m.StorageGiB != 50 || m.MemoryMiB != 2048 || len(m.SSO.Scopes) != 4 {
		t.Errorf("completed: %+v", m)
	}
	if s, err = monitored(t, "    monitoring: {kind: none}\n"); err != nil || s.Monitoring.Kind != "none" {
		t.Errorf("nobody watches: %+v %v", s.Monitoring, err)
	}
}

func TestTelemetryIsTakenUnlessAFileSaysOtherwise(t *testing.T) {
	s, err := monitored(t, "    monitoring: {"+lookedAt+"}\n")
	if err != nil {
		t.Fatal(err)
	}
	want := config.Telemetry{
		Kind: "opentelemetry", Replicas: 1, LogDays: 30, TraceDays: 7, SharePercent: 10, SlowMs: 500, StorageGiB: 20, MemoryMiB: 1024,
	}
	if s.Monitoring.Telemetry != want {
		t.Errorf("completed: %+v, want %+v", s.Monitoring.Telemetry, want)
	}
	if s, err = monitored(t, "    monitoring: {"+lookedAt+", telemetry: {kind: none}}\n"); err != nil || s.Monitoring.Telemetry != (config.Telemetry{Kind: "none"}) {
		t.Errorf("nobody takes any: %+v %v", s.Monitoring.Telemetry, err)
	}
	if s, err = monitored(t, "    monitoring: {kind: none}\n"); err != nil || s.Monitoring.Telemetry != (config.Telemetry{}) {
		t.Errorf("nobody watches: %+v %v", s.Monitoring.Telemetry, err)
	}
}

func TestFaultsOfTelemetryAreAllNamed(t *testing.T) {
	_, err := monitored(t, "    monitoring: {"+lookedAt+`, telemetry: {replicas: 2, logDays: 4000, traceDays: 91, sharePercent: 101, slowMs: 5, storageGiB: 9, memoryMiB: 100}}
`)
	for _, want := range []string{
		`monitoring.telemetry.replicas: value "2": one of [1 3] is allowed`, `monitoring.telemetry.logDays: value "4000": 1 to 3653 is allowed`,
		`monitoring.telemetry.traceDays: value "91": 1 to 90 is allowed`, `monitoring.telemetry.sharePercent: value "101": 1 to 100 is allowed`,
		`monitoring.telemetry.slowMs: value "5": 10 to 60000 is allowed`, `monitoring.telemetry.storageGiB: value "9"`, `monitoring.telemetry.memoryMiB: value "100"`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	for said, want := range map[string]string{
		"{kind: jaeger}": `monitoring.telemetry.kind: value "jaeger": one of [opentelemetry none] is allowed`, "{kind: none, logDays: 7}": "nothing but the kind is allowed",
		"{days: 7}": "monitoring.telemetry.days",
	} {
		if _, err := monitored(t, "    monitoring: {"+lookedAt+", telemetry: "+said+"}\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q is not in\n%v", said, want, err)
		}
	}
}
