package flows_test

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/kubernetes/flows"
	"platform/components/network"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "payments", tags.Project: "platform", tags.Service: "payments", tags.Environment: "dev",
	tags.CostCentre: "2000", tags.DataClass: "payment",
}

func valid() flows.Args {
	return flows.Args{
		Service: "payments", Namespace: pulumi.String("payments"), Calls: []string{"ledger"}, CalledBy: []string{"orders", "admin"}, Routed: true, Telemetry: true,
		Ways: map[string]network.Way{
			"database": network.At([]int{5432}, "10.16.192.0/21", "10.16.200.0/21"), "reach-internet": network.OverInternet(443, 587),
		},
		Inside: []netip.Prefix{netip.MustParsePrefix("10.16.0.0/16"), netip.MustParsePrefix("198.18.0.0/16")}, Tags: owned,
	}
}

func recorded(t *testing.T, args flows.Args) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		ready, err := flows.Open(ctx, "tenancy-payments", args, nil)
		if err == nil && len(ready) != 3 {
			t.Errorf("%d policies are ready, want 3", len(ready))
		}
		return err
	})
}

func space(name string) values {
	return values{"namespaceSelector": values{"matchLabels": values{"kubernetes.io/metadata.name": name}}}
}

func block(cidr string) values { return values{"ipBlock": values{"cidr": cidr}} }

func port(protocol string, number int) values { return values{"protocol": protocol, "port": number} }

func TestEveryPolicyIsExactlyThis(t *testing.T) {
	got, err := recorded(t, valid())
	if err != nil {
		t.Fatal(err)
	}
	labels := values{}
	for key, value := range owned {
		labels[key] = value
	}
	for name, spec := range map[string]values{
		"default-deny": {"podSelector": values{}, "policyTypes": []any{"Ingress", "Egress"}},
		"ingress": {
			"podSelector": values{}, "policyTypes": []any{"Ingress"}, "ingress": []any{
				values{"from": []any{space("admin"), space("ingress"), space("orders")}, "ports": []any{port("TCP", 8080)}},
				values{"from": []any{space("observability")}, "ports": []any{port("TCP", 9090)}},
			},
		},
		"egress": {
			"podSelector": values{}, "policyTypes": []any{"Egress"}, "egress": []any{
				values{"to": []any{values{
					"namespaceSelector": space("kube-system")["namespaceSelector"], "podSelector": values{"matchLabels": values{"k8s-app": "kube-dns"}},
				}}, "ports": []any{port("TCP", 53), port("UDP", 53)}},
				values{"to": []any{space("observability")}, "ports": []any{port("TCP", 4317), port("TCP", 4318)}},
				values{"to": []any{space("ledger")}, "ports": []any{port("TCP", 8080)}},
				values{"to": []any{block("10.16.192.0/21"), block("10.16.200.0/21")}, "ports": []any{port("TCP", 5432)}},
				values{"to": []any{values{"ipBlock": values{"cidr": "0.0.0.0/0", "except": []any{
					"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/16",
				}}}}, "ports": []any{port("TCP", 443), port("TCP", 587)}},
			},
		},
	} {
		record.Exactly(t, got, "kubernetes:networking.k8s.io/v1:NetworkPolicy tenancy-payments-"+name, values{
			"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
			"metadata": values{"name": name, "namespace": "payments", "labels": labels}, "spec": spec,
		})
	}
}

// Where nobody takes telemetry, nobody may be sent any.
func TestWithoutTelemetryNoWayLeadsToIt(t *testing.T) {
	args := valid()
	args.Telemetry = false
	got, err := recorded(t, args)
	if err != nil {
		t.Fatal(err)
	}
	out := got["kubernetes:networking.k8s.io/v1:NetworkPolicy tenancy-payments-egress"].Mappable()["spec"].(values)["egress"].([]any)
	if to := out[1].(values)["to"]; len(out) != 4 || !reflect.DeepEqual(to, normal([]any{space("ledger")})) {
		t.Errorf("ways out: %v", out)
	}
}

// In a mesh what goes from pod to pod goes through its tunnel, and what leaves the cluster as before.
func TestInAMeshPodsReachEachOtherThroughItsTunnelAlone(t *testing.T) {
	args := valid()
	args.Meshed = true
	got, err := recorded(t, args)
	if err != nil {
		t.Fatal(err)
	}
	tunnel := []any{port("TCP", 15008)}
	spec := func(name string) values {
		return got["kubernetes:networking.k8s.io/v1:NetworkPolicy tenancy-payments-"+name].Mappable()["spec"].(values)
	}
	want := []any{
		values{"from": []any{space("admin"), space("ingress"), space("orders")}, "ports": tunnel},
		values{"from": []any{space("observability")}, "ports": tunnel},
		values{"from": []any{block("169.254.7.127/32")}},
	}
	if in := spec("ingress")["ingress"]; !reflect.DeepEqual(in, normal(want)) {
		t.Errorf("who comes in: %v\nwant %v", in, want)
	}
	out := spec("egress")["egress"].([]any)
	for i, to := range map[int]values{1: space("observability"), 2: space("ledger")} {
		if rule := (values{"to": []any{to}, "ports": tunnel}); !reflect.DeepEqual(out[i], normal(rule)) {
			t.Errorf("a way out: %v\nwant %v", out[i], rule)
		}
	}
	if at := out[3].(values)["ports"]; !reflect.DeepEqual(at, normal([]any{port("TCP", 5432)})) {
		t.Errorf("to the database at %v", at)
	}
}

// normal is a value as the engine hands it out, with numbers of one kind.
func normal(v any) any {
	return resource.NewPropertyValue(v).Mappable()
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	args := valid()
	args.Service, args.Calls, args.CalledBy = "Payments", []string{"The Ledger"}, []string{"Payments"}
	args.Ways = map[string]network.Way{"all": {Internet: true, Ranges: network.At(nil).Ranges}, "no-port": network.At([]int{0}, "10.0.0.0/8")}
	args.Tags = owned.With(tags.Team, "")
	got, err := recorded(t, args)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`service: value "Payments"`, `calls[0]: value "The Ledger"`, `calledBy[0]: value "Payments"`, `ways.all.ports: value "[]": at least one`,
		`ways.all: value "all": either ranges or the internet`, `ways.no-port.ports[0]: value "0"`, `tags.team: value ""`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if len(got) != 0 {
		t.Errorf("registered: %v", got)
	}
}

// A rule without anybody would be one for everybody.
func TestAWayThatLeadsNowhereIsAnError(t *testing.T) {
	args := valid()
	args.Ways = map[string]network.Way{"queues": network.At([]int{443})}
	if _, err := recorded(t, args); err == nil || !strings.Contains(err.Error(), "way queues of service payments: no range is known") {
		t.Errorf("got %v, want the way without a range", err)
	}
}
