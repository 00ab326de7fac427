package certificates_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/system"
	"platform/components/network"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "certificates", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

// around is a cluster whose API answers and asks at one range.
func around() flows.Around {
	way := network.At([]int{443}, "10.16.64.0/18")
	return flows.Around{API: cluster.API{Way: way, From: way.Ranges}}
}

func public() *certificates.Authority {
	return &certificates.Authority{
		Server: "https://acme.example.com/directory", Email: "platform@example.com", Domain: "dev.example.com",
		Solver:      pulumi.Map{"cloud": pulumi.Map{"zone": pulumi.String("z")}},
		Annotations: pulumi.StringMap{"who": pulumi.String("me").ToStringOutput()}, Labels: map[string]string{"use": "true"},
	}
}

func build(t *testing.T, args certificates.Args) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		made, err := certificates.New(ctx, "certificates", args)
		if err != nil {
			return err
		}
		issuers := []string{"internal"}
		if args.Public != nil {
			issuers = append(issuers, "public")
		}
		if !slices.Equal(made.Issuers, issuers) || len(made.Ready) != len(issuers)+3 { // the chart, the seed, the authority
			t.Errorf("issuers are %v, %d resources are ready", made.Issuers, len(made.Ready))
		}
		return nil
	})
}

func labels() values {
	out := values{}
	for key, value := range owned {
		out[key] = value
	}
	return out
}

func placement() values {
	var tolerations []any
	for _, each := range system.Pool().Tolerations {
		tolerations = append(tolerations, values{"key": each.Key, "operator": each.Operator, "effect": each.Effect})
	}
	return values{"nodeSelector": values{"platform/system": "true"}, "tolerations": tolerations}
}

func room(cpu, memory string) values {
	return values{"requests": values{"cpu": cpu, "memory": memory}, "limits": values{"memory": memory}}
}

func part(component string, replicas int, cpu, memory string) values {
	out := values{
		"replicaCount": replicas, "resources": room(cpu, memory), "podDisruptionBudget": values{"enabled": replicas > 1},
		"topologySpreadConstraints": []any{values{
			"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway",
			"labelSelector": values{"matchLabels": values{"app.kubernetes.io/instance": "cert-manager", "app.kubernetes.io/component": component}},
		}},
	}
	maps.Copy(out, placement())
	return out
}

func released(resources record.Resources) resource.PropertyMap {
	return resources["kubernetes:helm.sh/v3:Release certificates-release"]
}

func TestTheChartHasRoomAndAPlace(t *testing.T) {
	for _, replicas := range []int{1, 3} {
		resources, err := build(t, certificates.Args{Around: around(), Replicas: replicas, Tags: owned})
		if err != nil {
			t.Fatal(err)
		}
		check := placement()
		check["resources"] = room("10m", "32Mi")
		want := values{
			"global":         values{"commonLabels": labels(), "leaderElection": values{"namespace": "cert-manager"}},
			"crds":           values{"enabled": true, "keep": true},
			"serviceAccount": values{"name": "cert-manager"},
			"webhook":        part("webhook", replicas, "20m", "64Mi"), "cainjector": part("cainjector", replicas, "50m", "128Mi"),
			"startupapicheck": check, "dns01RecursiveNameserversOnly": true,
		}
		maps.Copy(want, part("controller", replicas, "50m", "128Mi"))
		record.Exactly(t, resources, "kubernetes:helm.sh/v3:Release certificates-release", values{
			"name": "cert-manager", "chart": "cert-manager", "version": "v1.21.2", "namespace": "cert-manager",
			"repositoryOpts":  values{"repo": "https://charts.jetstack.io"},
			"createNamespace": false, "values": want,
			"atomic": true, "skipAwait": false, "cleanupOnFail": true, "timeout": 300, "maxHistory": 5, "compat": "true",
		})
		if n := record.Count(resources, "kubernetes:cert-manager.io/v1:ClusterIssuer"); n != 1 {
			t.Errorf("%d issuers for the cluster, want the cluster's own alone", n)
		}
	}
}

func TestTheAuthorityIsSealedInItsNamespaceAndSignsForAll(t *testing.T) {
	resources, err := build(t, certificates.Args{Around: around(), Replicas: 1, Tags: owned})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, resources, "kubernetes:cert-manager.io/v1:Issuer certificates-seed", values{
		"apiVersion": "cert-manager.io/v1", "kind": "Issuer", "metadata": values{"name": "seed", "namespace": "cert-manager", "labels": labels()},
		"spec": values{"selfSigned": values{}},
	})
	record.Exactly(t, resources, "kubernetes:cert-manager.io/v1:Certificate certificates-authority", values{
		"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": values{"name": "authority", "namespace": "cert-manager", "labels": labels()},
		"spec": values{
			"isCA": true, "commonName": "platform authority", "secretName": "authority", "duration": "87600h", "renewBefore": "8760h",
			"privateKey": values{"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
			"issuerRef":  values{"group": "cert-manager.io", "kind": "Issuer", "name": "seed"},
		},
	})
	record.Exactly(t, resources, "kubernetes:cert-manager.io/v1:ClusterIssuer certificates-internal", values{
		"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": values{"name": "internal", "labels": labels()},
		"spec": values{"ca": values{"secretName": "authority"}},
	})
}

func TestAPublicAuthoritySignsForTheZoneAlone(t *testing.T) {
	resources, err := build(t, certificates.Args{Around: around(), Replicas: 1, Public: public(), Tags: owned})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, resources, "kubernetes:cert-manager.io/v1:ClusterIssuer certificates-public", values{
		"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": values{"name": "public", "labels": labels()},
		"spec": values{"acme": values{
			"server": "https://acme.example.com/directory", "email": "platform@example.com",
			"privateKeySecretRef": values{"name": "public-account"},
			"solvers": []any{values{
				"selector": values{"dnsZones": []any{"dev.example.com"}}, "dns01": values{"cloud": values{"zone": "z"}},
			}},
		}},
	})
	of := released(resources)["values"].ObjectValue()
	account := resource.NewPropertyValue(values{"name": "cert-manager", "annotations": values{"who": "me"}})
	if got := of["serviceAccount"]; !got.DeepEquals(account) {
		t.Errorf("the account is %v, want %v", got, account)
	}
	if got := of["podLabels"]; !got.DeepEquals(resource.NewPropertyValue(values{"use": "true"})) {
		t.Errorf("the pods bear %v", got)
	}
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	resources, err := build(t, certificates.Args{Around: around(), Replicas: 9, Public: &certificates.Authority{Server: "http://acme.example.com"}})
	for _, want := range []string{
		"replicas: value 9: 1 to 5 is allowed", `public.server: value "http://acme.example.com": an https address is allowed`,
		`public.email: value ""`, `public.domain: value ""`, "public.solver: value []", `tags.team: value ""`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if len(resources) != 0 {
		t.Errorf("registered: %v", resources)
	}
}
