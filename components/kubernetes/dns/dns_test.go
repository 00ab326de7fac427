package dns_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/dns"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/system"
	"platform/components/network"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "dns", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

// around is a cluster whose API answers and asks at one range.
func around() flows.Around {
	way := network.At([]int{443}, "10.16.64.0/18")
	return flows.Around{API: cluster.API{Way: way, From: way.Ranges}}
}

func whole() dns.Args {
	return dns.Args{
		Domain: "dev.example.com", Owner: "dev",
		Publisher:   pulumi.Map{"provider": pulumi.Map{"name": pulumi.String("cloud")}, "extraArgs": pulumi.Map{"zone-id-filter": pulumi.String("z")}},
		Annotations: pulumi.StringMap{"who": pulumi.String("me").ToStringOutput()}, Labels: map[string]string{"use": "true"}, Around: around(), Tags: owned,
	}
}

func build(t *testing.T, args dns.Args) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		made, err := dns.New(ctx, "dns", args)
		if err == nil && made.Release == nil {
			t.Error("the release is not handed out")
		}
		return err
	})
}

func TestNamesOfTheZoneAreTheEnvironmentsOwn(t *testing.T) {
	resources, err := build(t, whole())
	if err != nil {
		t.Fatal(err)
	}
	labels, pods := values{}, values{"use": "true"}
	for key, value := range owned {
		labels[key], pods[key] = value, value
	}
	var tolerations []any
	for _, each := range system.Pool().Tolerations {
		tolerations = append(tolerations, values{"key": each.Key, "operator": each.Operator, "effect": each.Effect})
	}
	record.Exactly(t, resources, "kubernetes:helm.sh/v3:Release dns-release", values{
		"name": "external-dns", "chart": "external-dns", "version": chart.ExternalDNS.Version, "namespace": "external-dns",
		"repositoryOpts":  values{"repo": "https://kubernetes-sigs.github.io/external-dns/"},
		"createNamespace": false,
		"values": values{
			"nodeSelector": values{"platform/system": "true"}, "tolerations": tolerations,
			"commonLabels": labels, "podLabels": pods,
			"serviceAccount": values{"name": "external-dns", "annotations": values{"who": "me"}},
			"resources":      values{"requests": values{"cpu": "20m", "memory": "64Mi"}, "limits": values{"memory": "64Mi"}},
			"sources":        []any{"service", "ingress"}, "policy": "sync", "registry": "txt", "txtOwnerId": "dev",
			"domainFilters": []any{"dev.example.com"}, "logFormat": "json",
			// the cloud's
			"provider": values{"name": "cloud"}, "extraArgs": values{"zone-id-filter": "z"},
		},
		"atomic": true, "skipAwait": false, "cleanupOnFail": true, "timeout": 300, "maxHistory": 5, "compat": "true",
	})
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	resources, err := build(t, dns.Args{Publisher: pulumi.Map{"policy": pulumi.String("upsert-only")}})
	for _, want := range []string{
		`domain: value ""`, `owner: value ""`, "publisher: value [policy]: the cloud's provider is needed",
		"publisher.policy: this value is the same on every cloud", `tags.team: value ""`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if len(resources) != 0 {
		t.Errorf("registered: %v", resources)
	}
}
