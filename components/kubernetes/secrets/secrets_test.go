package secrets_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/secrets"
	"platform/components/kubernetes/system"
	"platform/components/network"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "secrets", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

// around is a cluster whose API answers and asks at one range.
func around() flows.Around {
	way := network.At([]int{443}, "10.16.64.0/18")
	return flows.Around{API: cluster.API{Way: way, From: way.Ranges}}
}

func build(t *testing.T, args secrets.Args) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		made, err := secrets.New(ctx, "secrets", args)
		if err == nil && made.Release == nil {
			t.Error("the release is not handed out")
		}
		return err
	})
}

// tolerations are the system pool's.
func tolerations() []any {
	var out []any
	for _, each := range system.Pool().Tolerations {
		out = append(out, values{"key": each.Key, "operator": each.Operator, "effect": each.Effect})
	}
	return out
}

// part is what each of the chart's deployments gets.
func part(name string, replicas int, cpu, memory string) values {
	return values{
		"nodeSelector": values{"platform/system": "true"},
		"tolerations":  tolerations(), "replicaCount": replicas,
		"resources":           values{"requests": values{"cpu": cpu, "memory": memory}, "limits": values{"memory": memory}},
		"podDisruptionBudget": values{"enabled": replicas > 1, "minAvailable": 1},
		"topologySpreadConstraints": []any{values{
			"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
			"labelSelector": values{"matchLabels": values{"app.kubernetes.io/name": name}},
		}},
	}
}

func TestStoresAreANamespacesOwn(t *testing.T) {
	for _, replicas := range []int{1, 2} {
		resources, err := build(t, secrets.Args{Around: around(), Replicas: replicas, Tags: owned})
		if err != nil {
			t.Fatal(err)
		}
		labels := values{}
		for key, value := range owned {
			labels[key] = value
		}
		want := values{
			"commonLabels": labels, "installCRDs": true, "leaderElect": true,
			"crds": values{
				"createClusterExternalSecret": false, "createClusterSecretStore": false, "createClusterGenerator": false,
				"createClusterPushSecret": false, "createPushSecret": false,
			},
			"processClusterStore": false, "processClusterExternalSecret": false, "processClusterGenerator": false,
			"processClusterPushSecret": false, "processPushSecret": false, "openshiftFinalizers": false,
			"rbac":           values{"aggregateToView": true, "aggregateToEdit": false, "servicebindings": values{"create": false}},
			"webhook":        part("external-secrets-webhook", replicas, "20m", "64Mi"),
			"certController": part("external-secrets-cert-controller", 1, "20m", "128Mi"),
		}
		maps.Copy(want, part("external-secrets", replicas, "50m", "128Mi"))
		record.Exactly(t, resources, "kubernetes:helm.sh/v3:Release secrets-release", values{
			"name": "external-secrets", "chart": "external-secrets", "version": "1.3.1", "namespace": "external-secrets",
			"repositoryOpts":  values{"repo": "https://charts.external-secrets.io"},
			"createNamespace": false, "values": want,
			"atomic": true, "skipAwait": false, "cleanupOnFail": true, "timeout": 300, "maxHistory": 5, "compat": "true",
		})
		space := resources["kubernetes:core/v1:Namespace secrets-namespace"]
		if space == nil || !strings.Contains(space["metadata"].String(), "restricted") {
			t.Errorf("the namespace is not restricted: %v", space)
		}
	}
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	resources, err := build(t, secrets.Args{})
	for _, want := range []string{"replicas: value 0: 1 to 5 is allowed", `tags.team: value ""`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if len(resources) != 0 {
		t.Errorf("registered: %v", resources)
	}
}
