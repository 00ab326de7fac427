package keda_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/identity"
	"platform/components/internal/record"
	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/keda"
	"platform/components/network"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "keda", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

// around is a cluster whose API answers and asks at one range.
func around() flows.Around {
	way := network.At([]int{443}, "10.16.64.0/18")
	return flows.Around{API: cluster.API{Way: way, From: way.Ranges}}
}

func valid() keda.Args {
	return keda.Args{
		Replicas: 2, Around: around(), Tags: owned,
		Identity: identity.Outputs{
			Principal:   pulumi.String("observer").ToStringOutput(),
			Annotations: pulumi.StringMap{"identity.example.com/id": pulumi.String("id")},
			PodLabels:   map[string]string{"identity.example.com/use": "true"},
		},
	}
}

func recorded(t *testing.T, args keda.Args) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		made, err := keda.New(ctx, "keda", args)
		if err == nil && made.Release == nil {
			t.Error("the release is not handed out")
		}
		return err
	})
}

func spread(app string) []any {
	return []any{values{
		"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
		"labelSelector": values{"matchLabels": values{"app": app}},
	}}
}

func TestTheReleaseHasExactlyTheseValues(t *testing.T) {
	got, err := recorded(t, valid())
	if err != nil {
		t.Fatal(err)
	}
	labels := values{}
	for key, value := range owned {
		labels[key] = value
	}
	size := values{"requests": values{"cpu": "100m", "memory": "100Mi"}, "limits": values{"cpu": "1", "memory": "1000Mi"}}
	closed, one := values{"restrict": values{"secret": true}}, values{"maxUnavailable": 1}
	placed := got[chart.Token+" keda-release"].Mappable()["values"].(values)
	if placed["nodeSelector"] == nil || placed["tolerations"] == nil {
		t.Errorf("it is not placed in the system pool: %v", placed)
	}
	record.Exactly(t, got, chart.Token+" keda-release", values{
		"name": "keda", "chart": "keda", "version": "2.20.2", "repositoryOpts": values{"repo": "https://kedacore.github.io/charts"},
		"namespace": "keda", "createNamespace": false, "atomic": true, "skipAwait": false, "cleanupOnFail": true, "timeout": 300, "maxHistory": 5,
		"compat": "true",
		"values": values{
			"nodeSelector": placed["nodeSelector"], "tolerations": placed["tolerations"],
			"image": values{"pullPolicy": "IfNotPresent"}, "additionalLabels": labels,
			"podLabels": values{"keda": values{"identity.example.com/use": "true"}},
			"serviceAccount": values{"operator": values{
				"name": "keda-operator", "annotations": values{"identity.example.com/id": "id"},
			}},
			"operator": values{"replicaCount": 2}, "metricsServer": values{"replicaCount": 2}, "webhooks": values{"enabled": false},
			"podDisruptionBudget": values{"operator": one, "metricServer": one},
			"topologySpreadConstraints": values{
				"operator": spread("keda-operator"), "metricsServer": spread("keda-operator-metrics-apiserver"),
			},
			"resources":          values{"operator": size, "metricServer": size},
			"permissions":        values{"operator": closed, "metricServer": closed},
			"rbac":               values{"enabledCustomScaledRefKinds": false, "aggregateToDefaultRoles": true},
			"service":            values{"portHttpsTarget": 10250},
			"prometheus":         values{"operator": values{"enabled": true}, "metricServer": values{"enabled": true}},
			"enableServiceLinks": false,
		},
	})
	if space := got["kubernetes:core/v1:Namespace keda-namespace"].Mappable()["metadata"].(values); space["name"] != "keda" ||
		space["labels"].(values)["pod-security.kubernetes.io/enforce"] != "restricted" {
		t.Errorf("the namespace is %v", space)
	}
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	for replicas, want := range map[int]string{0: "replicas: value 0: 1 to 2 is allowed", 3: "replicas: value 3: 1 to 2 is allowed"} {
		got, err := recorded(t, keda.Args{Replicas: replicas})
		for _, fault := range []string{want, `identity.principal: value "": an identity is needed`, `tags.team: value ""`} {
			if err == nil || !strings.Contains(err.Error(), fault) {
				t.Errorf("%q is not in\n%v", fault, err)
			}
		}
		if len(got) != 0 {
			t.Errorf("registered: %v", got)
		}
	}
}
