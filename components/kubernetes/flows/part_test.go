package flows_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/kubernetes/flows"
	"platform/components/network"
)

func part() flows.Part {
	way := network.At([]int{443}, "10.16.64.0/18")
	return flows.Part{
		Around: flows.Around{
			API:    cluster.API{Way: way, From: way.Ranges},
			Ways:   map[string]network.Way{"zone": network.OverInternet(443)},
			Inside: []netip.Prefix{netip.MustParsePrefix("10.16.0.0/16")},
		},
		Asked: []int{10250}, Metrics: []int{9402}, Together: []int{6379},
		Callers: []flows.Pods{{Namespace: "carrier", Ports: []int{15012}}}, Calls: []flows.Pods{{Namespace: "control", Ports: []int{15013}}},
	}
}

func guarded(t *testing.T, p flows.Part) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := flows.Guard(ctx, "part", pulumi.String("part").ToStringOutput(), p, owned, nil)
		return err
	})
}

func specOf(got record.Resources, direction string) any {
	made := got["kubernetes:networking.k8s.io/v1:NetworkPolicy part-"+direction]
	if made == nil {
		return nil
	}
	return made.Mappable()["spec"]
}

// A part reaches the API and what it says, and nobody reaches it but who must.
func TestAPartIsClosedButForWhatItNeeds(t *testing.T) {
	agent := values{"namespaceSelector": space("kube-system")["namespaceSelector"], "podSelector": values{"matchLabels": values{"app": "agent"}}}
	itself := values{"podSelector": values{}}
	direct := values{"from": []any{block("10.16.64.0/18")}, "ports": []any{port("TCP", 10250)}}
	through := values{"from": []any{agent}, "ports": []any{port("TCP", 10250)}}
	others := []any{
		values{"from": []any{space("observability")}, "ports": []any{port("TCP", 9402)}},
		values{"from": []any{itself}, "ports": []any{port("TCP", 6379)}},
		values{"from": []any{space("carrier")}, "ports": []any{port("TCP", 15012)}},
	}
	for name, test := range map[string]struct {
		change  func(*flows.Part)
		ingress []any
	}{
		"the API asks out of its ranges": {func(*flows.Part) {}, append([]any{direct}, others...)},
		"the API asks through pods": {func(p *flows.Part) {
			p.API.From, p.API.Agent = pulumi.StringArrayOutput{}, cluster.Label{Key: "app", Value: "agent"}
		}, append([]any{through}, others...)},
		"nobody comes": {func(p *flows.Part) { p.Asked, p.Metrics, p.Together, p.Callers = nil, nil, nil, nil }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := part()
			test.change(&p)
			got, err := guarded(t, p)
			if err != nil {
				t.Fatal(err)
			}
			record.Same(t, specOf(got, "default-deny"), values{"podSelector": values{}, "policyTypes": []any{"Ingress", "Egress"}})
			if test.ingress == nil {
				if spec := specOf(got, "ingress"); spec != nil {
					t.Errorf("somebody may come: %v", spec)
				}
			} else {
				record.Same(t, specOf(got, "ingress"), values{"podSelector": values{}, "policyTypes": []any{"Ingress"}, "ingress": test.ingress})
			}
			egress := []any{
				values{"to": []any{values{
					"namespaceSelector": space("kube-system")["namespaceSelector"], "podSelector": values{"matchLabels": values{"k8s-app": "kube-dns"}},
				}}, "ports": []any{port("TCP", 53), port("UDP", 53)}},
				values{"to": []any{block("10.16.64.0/18")}, "ports": []any{port("TCP", 443)}},
				values{"to": []any{values{"ipBlock": values{"cidr": "0.0.0.0/0", "except": []any{
					"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
				}}}}, "ports": []any{port("TCP", 443)}},
			}
			if len(p.Together) > 0 {
				egress = append(egress, values{"to": []any{itself}, "ports": []any{port("TCP", 6379)}})
			}
			egress = append(egress, values{"to": []any{space("control")}, "ports": []any{port("TCP", 15013)}})
			record.Same(t, specOf(got, "egress"), values{"podSelector": values{}, "policyTypes": []any{"Egress"}, "egress": egress})
		})
	}
}

func TestAPartWithoutAnAPIIsRefused(t *testing.T) {
	got, err := guarded(t, flows.Part{Asked: []int{10250}, Metrics: []int{0}, Calls: []flows.Pods{{Namespace: "control"}}})
	for _, want := range []string{"api.way: no way is known", "asked: value [10250]: whence", `metrics[0]: value "0"`, "calls.control.ports: value []: at least one is needed"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if len(got) != 0 {
		t.Errorf("registered: %v", got)
	}
}

// What goes between pods of a mesh goes through its tunnel; gossip does not, and whoever is outside of it is reached at his ports.
// Nodes have no address that every plugin knows.
func TestAPartInTheMeshGoesThroughItsTunnel(t *testing.T) {
	p := part()
	p.Asked, p.Metrics, p.Ways, p.Meshed, p.Gossip, p.Nodes = nil, nil, nil, true, []int{9094}, []int{9100}
	p.Callers = []flows.Pods{{"orders", []int{4317}, true}, {"outside", []int{4317}, false}, {"payments", []int{4318}, true}}
	p.Calls = []flows.Pods{{"control", []int{15013}, false}, {"orders", []int{9090}, true}, {"nodes", []int{15013}, false}, {"payments", []int{9090}, true}}
	got, err := guarded(t, p)
	if err != nil {
		t.Fatal(err)
	}
	peers := func(names ...string) []any {
		var out []any
		for _, name := range names {
			out = append(out, space(name))
		}
		return out
	}
	between := []any{port("TCP", 15008), port("UDP", 9094)}
	itself := []any{values{"podSelector": values{}}}
	record.Same(t, specOf(got, "ingress"), values{"podSelector": values{}, "policyTypes": []any{"Ingress"}, "ingress": []any{
		values{"from": itself, "ports": between},
		values{"from": peers("orders", "payments"), "ports": []any{port("TCP", 15008)}},
		values{"from": peers("outside"), "ports": []any{port("TCP", 4317)}},
		values{"from": []any{values{"ipBlock": values{"cidr": "169.254.7.127/32"}}}},
	}})
	egress := specOf(got, "egress").(values)["egress"].([]any)
	record.Same(t, values{"egress": egress[2:]}, values{"egress": []any{
		values{"to": itself, "ports": between},
		values{"to": peers("control", "nodes"), "ports": []any{port("TCP", 15013)}},
		values{"to": peers("orders", "payments"), "ports": []any{port("TCP", 15008)}},
		values{"ports": []any{port("TCP", 9100)}},
	}})
}
