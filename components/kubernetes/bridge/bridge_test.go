package bridge_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "payments", tags.Project: "platform", tags.Service: "payments", tags.Environment: "dev",
	tags.CostCentre: "2000", tags.DataClass: "payment",
}

func store(vault string) pulumi.Map {
	return pulumi.Map{"vault": pulumi.Map{"url": pulumi.String(vault).ToStringOutput(), "account": pulumi.String("payments")}}
}

func valid(ctx *pulumi.Context) (bridge.Args, error) {
	release := &pulumi.ResourceState{}
	err := ctx.RegisterComponentResourceV2("test:release:Release", "release", pulumi.Map{}, release)
	return bridge.Args{
		Service: "payments", Namespace: pulumi.String("payments").ToStringOutput(),
		Values: map[string]pulumi.StringInput{
			bridge.Key("queue", "order-placed", "url"): pulumi.String("https://queue").ToStringOutput(), "DATABASE_PORT": pulumi.String("5432"),
		},
		Secrets: map[string]bridge.Source{"card-network": {Store: store("https://vault"), Key: pulumi.String("dev-card-network").ToStringOutput()}},
		After:   []pulumi.Resource{release}, Tags: owned,
	}, err
}

func recorded(t *testing.T, change func(*bridge.Args)) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		args, err := valid(ctx)
		if err != nil {
			return err
		}
		change(&args)
		ready, err := bridge.Tell(ctx, "tenancy-payments", args, nil)
		if err == nil && len(ready) != 1+len(args.Secrets) {
			t.Errorf("%d objects are ready, want the values and each secret", len(ready))
		}
		return err
	})
}

func labels() values {
	out := values{}
	for key, value := range owned {
		out[key] = value
	}
	return out
}

func TestAServiceIsToldExactlyThis(t *testing.T) {
	got, err := recorded(t, func(*bridge.Args) {})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, got, "kubernetes:core/v1:ConfigMap tenancy-payments-values", values{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": values{"name": "platform", "namespace": "payments", "labels": labels()},
		"data": values{"QUEUE_ORDER_PLACED_URL": "https://queue", "DATABASE_PORT": "5432"},
	})
	metadata := values{"name": "card-network", "namespace": "payments", "labels": labels()}
	record.Exactly(t, got, "kubernetes:external-secrets.io/v1:SecretStore tenancy-payments-card-network-store", values{
		"apiVersion": "external-secrets.io/v1", "kind": "SecretStore", "metadata": metadata,
		"spec": values{"provider": values{"vault": values{"url": "https://vault", "account": "payments"}}},
	})
	record.Exactly(t, got, "kubernetes:external-secrets.io/v1:ExternalSecret tenancy-payments-card-network-secret", values{
		"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": metadata,
		"spec": values{
			"refreshInterval": "1h0m0s", "secretStoreRef": values{"kind": "SecretStore", "name": "card-network"},
			"target": values{"name": "card-network", "creationPolicy": "Owner", "deletionPolicy": "Retain"},
			"data":   []any{values{"secretKey": "value", "remoteRef": values{"key": "dev-card-network"}}},
		},
	})
}

// The variables are those of the specification, and the service's identity there is the catalogue's.
func TestAServiceIsToldWhereItsTelemetryGoes(t *testing.T) {
	got, err := recorded(t, func(a *bridge.Args) {
		a.Telemetry = workload.Telemetry{Endpoint: "http://collector.observability.svc:4318", Protocol: workload.OverHTTP}
	})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, got, "kubernetes:core/v1:ConfigMap tenancy-payments-values", values{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": values{"name": "platform", "namespace": "payments", "labels": labels()},
		"data": values{
			"QUEUE_ORDER_PLACED_URL": "https://queue", "DATABASE_PORT": "5432",
			"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.observability.svc:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
			"OTEL_SERVICE_NAME":        "payments",
			"OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=dev,service.namespace=payments,team=payments",
			"OTEL_METRICS_EXPORTER":    "prometheus", "OTEL_EXPORTER_PROMETHEUS_HOST": "0.0.0.0", "OTEL_EXPORTER_PROMETHEUS_PORT": "9090",
		},
	})
}

func TestFaultsOfTelemetryAreNamed(t *testing.T) {
	_, err := recorded(t, func(a *bridge.Args) {
		a.Telemetry = workload.Telemetry{Endpoint: "collector", Protocol: "carrier-pigeon"}
		a.Values["OTEL_SERVICE_NAME"] = pulumi.String("somebody else")
	})
	for _, want := range []string{
		`telemetry.endpoint: value "collector": the URL of a host`, `telemetry.protocol: value "carrier-pigeon": one of [grpc http/protobuf]`,
		`values: value "OTEL_SERVICE_NAME": another key is allowed`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
}

func TestAServiceWithoutSecretsNeedsNoStore(t *testing.T) {
	got, err := recorded(t, func(a *bridge.Args) { a.Secrets, a.After = nil, nil })
	if err != nil {
		t.Fatal(err)
	}
	if n := record.Count(got, "kubernetes:external-secrets.io/v1:SecretStore"); n != 0 {
		t.Errorf("%d stores are made", n)
	}
}

func TestAPartOfThePlatformGivesItsSecretAForm(t *testing.T) {
	got, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := bridge.Fetch(ctx, "git", bridge.Secret{
			Name: "git", Namespace: pulumi.String("delivery"), Source: bridge.Source{Store: store("v"), Key: pulumi.String("k")},
			Template: map[string]string{"password": "{{ .value }}"}, Labels: tags.Set{"found-by": "this"}, Tags: owned,
		}, nil, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all := labels()
	all["found-by"] = "this"
	record.Exactly(t, got, "kubernetes:external-secrets.io/v1:ExternalSecret git-secret", values{
		"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret",
		"metadata": values{"name": "git", "namespace": "delivery", "labels": labels()},
		"spec": values{
			"refreshInterval": "1h0m0s", "secretStoreRef": values{"kind": "SecretStore", "name": "git"},
			"target": values{
				"name": "git", "creationPolicy": "Owner", "deletionPolicy": "Retain",
				"template": values{"engineVersion": "v2", "metadata": values{"labels": all}, "data": values{"password": "{{ .value }}"}},
			},
			"data": []any{values{"secretKey": "value", "remoteRef": values{"key": "k"}}},
		},
	})
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	got, err := recorded(t, func(a *bridge.Args) {
		a.Service, a.Namespace, a.After, a.Tags = "Payments", nil, nil, owned.With(tags.Team, "")
		a.Values = map[string]pulumi.StringInput{"queue-url": pulumi.String("hidden"), "EMPTY": nil}
		a.Secrets = map[string]bridge.Source{"API key": {}}
	})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`service: value "Payments"`, "namespace: none is given", `values: value "queue-url"`, "values.EMPTY: none is given", `secrets: value "API key"`,
		"secrets.API key.store: 0 providers", "secrets.API key.key: none is given", "after: none is given", `tags.team: value ""`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hidden") {
		t.Errorf("a value is in\n%v", err)
	}
	if record.Count(got, "kubernetes:core/v1:ConfigMap") != 0 {
		t.Errorf("registered: %v", got)
	}
}
