package karpenter_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/karpenter"
	"platform/components/network"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "nodes", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

func class(types ...string) cluster.NodeClass {
	return cluster.NodeClass{
		APIVersion: "cloud.example.com/v1", Kind: "MachineClass", Spec: pulumi.Map{"image": pulumi.String("pinned")}, Types: types, Cores: 4,
	}
}

func valid() karpenter.Args {
	way := network.At([]int{443}, "10.16.64.0/18")
	return karpenter.Args{
		Replicas: 2, Tags: owned,
		Cloud: cluster.Provisioner{
			Settings: pulumi.Map{"clusterName": pulumi.String("dev").ToStringOutput()},
			Classes:  map[string]cluster.NodeClass{"general": class("m.4"), "spot": class("m.4", "n.4")},
		},
		Pools: map[string]cluster.Pool{
			"general": {Size: cluster.Medium, Capacity: cluster.OnDemand, Max: 6, DiskGiB: 50},
			"spot":    {Size: cluster.Medium, Capacity: cluster.Spot, Max: 3, DiskGiB: 50},
		},
		Around: flows.Around{API: cluster.API{Way: way, From: way.Ranges}},
	}
}

func recorded(t *testing.T, args karpenter.Args) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		made, err := karpenter.New(ctx, "nodes", args)
		if err == nil && len(made.Pools) != len(args.Pools) {
			t.Errorf("%d pools are handed out, want %d", len(made.Pools), len(args.Pools))
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

func TestTheReleasesHaveExactlyTheseValues(t *testing.T) {
	got, err := recorded(t, valid())
	if err != nil {
		t.Fatal(err)
	}
	placed := got[chart.Token+" nodes-release"].Mappable()["values"].(values)
	if placed["nodeSelector"] == nil || placed["tolerations"] == nil {
		t.Errorf("it is not placed in the system pool: %v", placed)
	}
	record.Exactly(t, got, chart.Token+" nodes-release", values{
		"name": "karpenter", "chart": "oci://public.ecr.aws/karpenter/karpenter", "version": "1.14.1", "namespace": "karpenter",
		"createNamespace": false, "skipCrds": true, "atomic": true, "skipAwait": false, "cleanupOnFail": true, "timeout": 300, "maxHistory": 5,
		"compat": "true",
		"values": values{
			"nodeSelector": placed["nodeSelector"], "tolerations": placed["tolerations"], "additionalLabels": labels(), "podLabels": labels(),
			"serviceAccount": values{"name": "karpenter"}, "replicas": 2,
			"topologySpreadConstraints": []any{values{
				"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
				"labelSelector": values{"matchLabels": values{"app.kubernetes.io/name": "karpenter"}},
			}},
			"controller": values{
				"resources": values{"requests": values{"cpu": "250m", "memory": "1024Mi"}, "limits": values{"memory": "1024Mi"}},
				"metrics":   values{"port": 8080},
			},
			"settings": values{"clusterName": "dev"},
		},
	})
	// All nodes would go with the definitions.
	record.Exactly(t, got, chart.Token+" nodes-definitions", values{
		"name": "karpenter-crd", "chart": "oci://public.ecr.aws/karpenter/karpenter-crd", "version": "1.14.1", "namespace": "karpenter",
		"createNamespace": false, "atomic": true, "skipAwait": false, "cleanupOnFail": true, "timeout": 300, "maxHistory": 5, "compat": "true",
		"values": values{"additionalAnnotations": values{"helm.sh/resource-policy": "keep"}},
	})
}

func TestAPoolIsBoundedAndItsNodesAreRenewed(t *testing.T) {
	got, err := recorded(t, valid())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		cores         string
		capacity      string
		types, taints []any
		labels        values
	}{
		"general": {"24", "on-demand", []any{"m.4"}, nil, values{"platform/pool": "general"}},
		"spot": {
			"12", "spot", []any{"m.4", "n.4"}, []any{values{"key": "platform/spot", "value": "true", "effect": "NoSchedule"}},
			values{"platform/pool": "spot", "platform/spot": "true"},
		},
	} {
		node := values{
			"nodeClassRef": values{"group": "cloud.example.com", "kind": "MachineClass", "name": name},
			"requirements": []any{
				values{"key": "karpenter.sh/capacity-type", "operator": "In", "values": []any{want.capacity}},
				values{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": want.types},
			},
			"expireAfter": "336h", "terminationGracePeriod": "15m",
		}
		if want.taints != nil {
			node["taints"] = want.taints
		}
		record.Exactly(t, got, "kubernetes:karpenter.sh/v1:NodePool nodes-pool-"+name, values{
			"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": values{"name": name, "labels": labels()},
			"spec": values{
				"template":   values{"metadata": values{"labels": want.labels}, "spec": node},
				"disruption": values{"consolidationPolicy": "WhenEmptyOrUnderutilized", "consolidateAfter": "5m", "budgets": []any{values{"nodes": "33%"}}},
				"limits":     values{"cpu": want.cores},
			},
		})
		record.Exactly(t, got, "kubernetes:cloud.example.com/v1:MachineClass nodes-class-"+name, values{
			"apiVersion": "cloud.example.com/v1", "kind": "MachineClass", "metadata": values{"name": name, "labels": labels()},
			"spec": values{"image": "pinned"},
		})
	}
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	args := valid()
	args.Replicas, args.Around, args.Tags = 3, flows.Around{}, owned.With(tags.Team, "")
	args.Pools = map[string]cluster.Pool{
		"system": {System: true, Min: 1, Max: 1}, "other": {Max: 1}, "spot": {Min: 2}, "general": {Max: 1},
	}
	args.Cloud.Classes["general"] = class()
	got, err := recorded(t, args)
	for _, want := range []string{
		"replicas: value 3: 1 to 2 is allowed", "pools.system.system: value true", `pools.other: value "other": the cloud describes [general spot]`,
		"pools.spot.min: value 2: 0 is allowed", "pools.spot.max: value 0: at least 1", "cloud.classes.general: value [] with 4 cores",
		"api.way: no way is known", `tags.team: value ""`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	args = valid()
	args.Pools = nil
	if _, err := recorded(t, args); err == nil || !strings.Contains(err.Error(), "pools: none is given") {
		t.Errorf("got %v, want the pools that are missing", err)
	}
	if len(got) != 0 {
		t.Errorf("registered: %v", got)
	}
}
