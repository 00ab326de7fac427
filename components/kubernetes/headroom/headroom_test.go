package headroom_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/kubernetes/headroom"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "headroom", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

func valid() headroom.Args {
	return headroom.Args{
		Rooms:    map[string]headroom.Room{"orders": {Pods: 21, MilliCPU: 500, MemoryMiB: 512, Tags: owned.With(tags.Service, "orders")}},
		Priority: "headroom", Tags: owned,
	}
}

func recorded(t *testing.T, args headroom.Args) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := headroom.New(ctx, "headroom", args)
		return err
	})
}

func TestPlaceholdersAreAsLargeAsThePodsThatWillCome(t *testing.T) {
	got, err := recorded(t, valid())
	if err != nil {
		t.Fatal(err)
	}
	labels := values{"app.kubernetes.io/name": "orders"}
	for key, value := range owned.With(tags.Service, "orders") {
		labels[key] = value
	}
	selector, size := values{"matchLabels": values{"app.kubernetes.io/name": "orders"}}, values{"cpu": "500m", "memory": "512Mi"}
	record.Exactly(t, got, "kubernetes:apps/v1:Deployment headroom-orders", values{
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": values{
			"name": "orders", "namespace": "headroom", "labels": labels, "annotations": values{"pulumi.com/skipAwait": "true"},
		},
		"spec": values{"replicas": 21, "selector": selector, "template": values{
			"metadata": values{"labels": labels},
			"spec": values{
				"priorityClassName": "headroom", "terminationGracePeriodSeconds": 0, "automountServiceAccountToken": false, "enableServiceLinks": false,
				"securityContext": values{"runAsNonRoot": true, "seccompProfile": values{"type": "RuntimeDefault"}},
				"topologySpreadConstraints": []any{values{
					"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": selector,
				}},
				"containers": []any{values{
					"name": "placeholder", "resources": values{"requests": size, "limits": size},
					"image": "registry.k8s.io/pause:3.10@sha256:ee6521f290b2168b6e0935a181d4cff9be1ac3f505666ef0e3c98fae8199917a",
					"securityContext": values{
						"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": values{"drop": []any{"ALL"}},
					},
				}},
			},
		}},
	})
	for _, key := range []string{
		"kubernetes:core/v1:Namespace headroom-namespace", "kubernetes:networking.k8s.io/v1:NetworkPolicy headroom-default-deny",
	} {
		if got[key] == nil {
			t.Errorf("%s is missing", key)
		}
	}
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	got, err := recorded(t, headroom.Args{Rooms: map[string]headroom.Room{"Orders": {}}, Tags: owned})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`priority: value "": a class is needed`, `rooms.Orders: value "Orders"`, `rooms.Orders.pods: value "0"`, `rooms.Orders.milliCPU: value "0"`,
		`rooms.Orders.memoryMiB: value "0"`, `rooms.Orders.tags.team: value ""`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if len(got) != 0 {
		t.Errorf("registered: %v", got)
	}
}
