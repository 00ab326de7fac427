package main

import (
	"net/url"
	"strings"
)

// told is what the platform tells a service, by what it is about. Secrets are known by name alone: their values are for the
// service's own use.
type told struct {
	Environment string            `json:"environment"`
	Cloud       string            `json:"cloud"`
	Region      string            `json:"region"`
	Identity    string            `json:"identity"`
	Queues      map[string]string `json:"queues,omitempty"`
	Topics      map[string]string `json:"topics,omitempty"`
	Services    map[string]string `json:"services,omitempty"`
	Database    *database         `json:"database,omitempty"`
	Documents   string            `json:"documents,omitempty"`
	Secrets     map[string]bool   `json:"secrets,omitempty"` // whether there is a value
	Telemetry   *telemetry        `json:"telemetry,omitempty"`
}

// telemetry is what an SDK of OpenTelemetry reads by itself.
type telemetry struct {
	Endpoint   string            `json:"endpoint"`
	Protocol   string            `json:"protocol"`
	Service    string            `json:"service"`
	Attributes map[string]string `json:"attributes"`
}

type database struct {
	Host string `json:"host"`
	Port string `json:"port"`
	Name string `json:"name"`
	User string `json:"user"`
}

// toldBy reads the variables of the environment. Names are as the catalogue writes them.
func toldBy(environment []string) told {
	t := told{Queues: map[string]string{}, Topics: map[string]string{}, Services: map[string]string{}, Secrets: map[string]bool{}}
	db, sent := database{}, telemetry{}
	for _, variable := range environment {
		key, value, _ := strings.Cut(variable, "=")
		switch key {
		case "ENVIRONMENT":
			t.Environment = value
		case "CLOUD":
			t.Cloud = value
		case "REGION":
			t.Region = value
		case "IDENTITY":
			t.Identity = value
		case "DATABASE_HOST":
			db.Host = value
		case "DATABASE_PORT":
			db.Port = value
		case "DATABASE_NAME":
			db.Name = value
		case "DATABASE_USER":
			db.User = value
		case "DOCUMENTS_TABLE":
			t.Documents = value
		case "OTEL_EXPORTER_OTLP_ENDPOINT":
			sent.Endpoint = value
		case "OTEL_EXPORTER_OTLP_PROTOCOL":
			sent.Protocol = value
		case "OTEL_SERVICE_NAME":
			sent.Service = value
		case "OTEL_RESOURCE_ATTRIBUTES":
			sent.Attributes = attributes(value)
		}
		if event, is := between(key, "QUEUE_", "_URL"); is {
			t.Queues[event] = value
		}
		if event, is := between(key, "TOPIC_", ""); is {
			t.Topics[event] = value
		}
		if service, is := between(key, "SERVICE_", "_URL"); is {
			t.Services[service] = value
		}
		if secret, is := between(key, "SECRET_", ""); is {
			t.Secrets[secret] = value != ""
		}
	}
	if db != (database{}) {
		t.Database = &db
	}
	if sent.Endpoint+sent.Protocol+sent.Service != "" || sent.Attributes != nil {
		t.Telemetry = &sent
	}
	return t
}

// attributes are those of a text of pairs; what is no pair counts as one without a value.
func attributes(text string) map[string]string {
	out := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(pair, "=")
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		out[name] = value
	}
	return out
}

// between is the name that stands between two parts of a key, as the catalogue writes it.
func between(key, before, after string) (name string, is bool) {
	rest, is := strings.CutPrefix(key, before)
	name, ends := strings.CutSuffix(rest, after)
	return strings.ToLower(strings.ReplaceAll(name, "_", "-")), is && ends && name != ""
}

// missing is what a service cannot do without: who it is, and whatever it is told in part.
func (t told) missing() []string {
	var out []string
	need := func(what, value string) {
		if value == "" {
			out = append(out, what)
		}
	}
	need("identity", t.Identity)
	need("environment", t.Environment)
	if t.Database != nil {
		need("database host", t.Database.Host)
		need("database port", t.Database.Port)
		need("database name", t.Database.Name)
		need("database user", t.Database.User)
	}
	if t.Telemetry != nil {
		need("endpoint of telemetry", t.Telemetry.Endpoint)
		need("protocol of telemetry", t.Telemetry.Protocol)
		need("name in telemetry", t.Telemetry.Service)
		for name, value := range t.Telemetry.Attributes {
			need("attribute "+name+" of telemetry", value)
		}
	}
	for _, addresses := range []map[string]string{t.Queues, t.Topics, t.Services} {
		for name, address := range addresses {
			need("address of "+name, address)
		}
	}
	for name, there := range t.Secrets {
		if !there {
			need("secret "+name, "")
		}
	}
	return out
}
