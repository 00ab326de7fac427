package collector

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/fileprovider"
	"go.opentelemetry.io/collector/otelcol"

	"platform/components/kubernetes/telemetry/collector"
)

// judged is what the collector itself says of a configuration, without running it.
func judged(t *testing.T, text string) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "collector.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	made, err := otelcol.NewCollector(otelcol.CollectorSettings{
		BuildInfo: component.NewDefaultBuildInfo(), Factories: factories,
		ConfigProviderSettings: otelcol.ConfigProviderSettings{ResolverSettings: confmap.ResolverSettings{
			URIs: []string{"file:" + path}, ProviderFactories: []confmap.ProviderFactory{fileprovider.NewFactory()},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return made.DryRun(context.Background())
}

func texts(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, c := range map[string]collector.Configuration{
		"gateway": collector.Gateway{
			Environment: "dev-aws", Owner: "team", SharePercent: 10, SlowMs: 500, Peers: "collector-peers.observability.svc.cluster.local",
			Logs: "http://loki.observability.svc:3100/otlp", Traces: "tempo-intake.observability.svc:4327",
		}.Configuration(),
		"agent": collector.Agent{Gateway: "collector.observability.svc:4317", Own: "observability-nodes_collector-agent"}.Configuration(),
	} {
		text, err := c.Text()
		if err != nil {
			t.Fatal(err)
		}
		// The folder is the node's; here it would have to be there.
		out[name] = strings.ReplaceAll(text, collector.StateFolder, t.TempDir())
	}
	return out
}

func TestTheCollectorTakesWhatItIsTold(t *testing.T) {
	for name, text := range texts(t) {
		if err := judged(t, text); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
}

// What is planted must be found: else nothing was judged.
func TestTheCollectorRefusesMistakes(t *testing.T) {
	all := texts(t)
	for _, mistake := range []struct{ of, was, is, want string }{
		{"gateway", "decision_wait:", "decision_weight:", "decision_weight"},
		{"gateway", "action: hash", "action: hide", "hide"},
		{"gateway", "routing_key: traceID", "routing_key: trace", "trace"},
		{"gateway", "limit_percentage: 80", "limit_percentage: 180", "percentage"},
		{"gateway", "set(attributes[\"service.name\"]", "sett(attributes[\"service.name\"]", "sett"},
		{"agent", "start_at: beginning", "start_at: start", "start_at"},
		{"agent", "- filelog", "- filelogs", "filelogs"},
	} {
		text := strings.Replace(all[mistake.of], mistake.was, mistake.is, 1)
		if text == all[mistake.of] {
			t.Errorf("%q is not in\n%s", mistake.was, text)
			continue
		}
		if err := judged(t, text); err == nil || !strings.Contains(err.Error(), mistake.want) {
			t.Errorf("%s instead of %s: %v", mistake.is, mistake.was, err)
		}
	}
}
