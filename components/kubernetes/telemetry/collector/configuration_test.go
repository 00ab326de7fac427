package collector_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"platform/components/kubernetes/telemetry/collector"
)

var gateway = collector.Gateway{
	Environment: "dev-aws", Owner: "team", SharePercent: 10, SlowMs: 500, Peers: "peers.observability.svc", Logs: "http://loki:3100/otlp", Traces: "tempo:4317",
}.Configuration()

var agent = collector.Agent{Gateway: "collector.observability.svc:4317", Own: "observability-nodes_collector-agent"}.Configuration()

// faults are parts that a pipeline names and nobody defines, parts that nobody names, and an order that loses what it need not.
func faults(c collector.Configuration) []string {
	var out []string
	used := map[string]bool{}
	names := func(where string, of map[string]collector.Settings, all []string) {
		for _, name := range all {
			if _, defined := of[name]; !defined {
				out = append(out, where+" names "+name+", which is not defined")
			}
			used[where+name] = true
		}
	}
	names("extensions", c.Extensions, c.Service.Extensions)
	for _, name := range slices.Sorted(maps.Keys(c.Service.Pipelines)) {
		p := c.Service.Pipelines[name]
		names("receivers", c.Receivers, p.Receivers)
		names("processors", c.Processors, p.Processors)
		names("exporters", c.Exporters, p.Exporters)
		if len(p.Processors) == 0 || p.Processors[0] != "memory_limiter" {
			out = append(out, name+" does not begin with memory_limiter")
		}
		if i := slices.Index(p.Processors, "batch"); i >= 0 && i != len(p.Processors)-1 {
			out = append(out, name+" does not end with batch")
		}
	}
	for where, of := range map[string]map[string]collector.Settings{
		"extensions": c.Extensions, "receivers": c.Receivers, "processors": c.Processors, "exporters": c.Exporters,
	} {
		for name := range of {
			if !used[where+name] {
				out = append(out, where+" defines "+name+", which nobody names")
			}
		}
	}
	return out
}

func TestPipelinesAreWholeAndInOrder(t *testing.T) {
	for name, c := range map[string]collector.Configuration{"gateway": gateway, "agent": agent} {
		for _, fault := range faults(c) {
			t.Errorf("%s: %s", name, fault)
		}
	}
	wrong := collector.Configuration{
		Receivers: map[string]collector.Settings{"forgotten": {}},
		Service: collector.Service{Pipelines: map[string]collector.Pipeline{
			"logs": {Receivers: []string{"nobody"}, Processors: []string{"batch", "memory_limiter"}},
		}},
	}
	for _, want := range []string{
		"receivers names nobody, which is not defined", "receivers defines forgotten, which nobody names", "logs does not begin with memory_limiter",
		"logs does not end with batch",
	} {
		if !slices.Contains(faults(wrong), want) {
			t.Errorf("it is not found: %s", want)
		}
	}
}

// What is about persons is taken out before anything leaves a gateway, for another gateway too.
func TestNothingLeavesBeforeItIsCleaned(t *testing.T) {
	for name, p := range gateway.Service.Pipelines {
		if slices.Contains(p.Receivers, "otlp") && (!slices.Contains(p.Processors, "redaction") || !slices.Contains(p.Processors, "attributes/personal")) {
			t.Errorf("%s is not cleaned: %v", name, p.Processors)
		}
	}
}

func TestWhatIsMaskedIsPersonal(t *testing.T) {
	values, _ := gateway.Processors["redaction"]["blocked_values"].([]string)
	masked := func(text string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return regexp.MustCompile(v).MatchString(text) })
	}
	for _, text := range []string{
		"paid with 4111111111111111 today", "5500005555555559", "2223003122003222", "378282246310005", "6011111111111117", "to jane.doe@mail.example.com failed",
		"DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "eyJhbGciOi.eyJzdWIiOiIx.c2ln", "Authorization: Bearer abc.def",
	} {
		if !masked(text) {
			t.Errorf("it is not masked: %s", text)
		}
	}
	for _, text := range []string{"order 4711 of 12 parts", "took 12.5 ms", "GET /payments/7", "4f3b2a1c5d6e7f8091a2b3c4d5e6f708", "2026-11-26T21:00:00Z"} {
		if masked(text) {
			t.Errorf("it is masked: %s", text)
		}
	}
}

// A dollar would be read as the name of a variable (https://opentelemetry.io/docs/collector/configuration/#environment-variables).
func TestEqualConfigurationsAreEqualTexts(t *testing.T) {
	for _, c := range []collector.Configuration{gateway, agent} {
		one, err := c.Text()
		if err != nil {
			t.Fatal(err)
		}
		if other, _ := c.Text(); other != one || strings.Contains(one, "$") || len(one) < 500 {
			t.Errorf("got\n%s\nand\n%s", one, other)
		}
	}
}
