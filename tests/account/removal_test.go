//go:build !aws && !azure && !gcp

package account

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"platform/stacks/lifecycle/inventory"
	"platform/tests/cloud"
)

// holding is a simulated cloud with a few hidden things.
func holding(t *testing.T, objects ...cloud.Object) *cloud.Cloud {
	t.Helper()
	c := filled(t, 0)
	if err := c.Meddle(func(tx *cloud.Tx) error {
		for _, o := range objects {
			o.Hidden = true
			tx.Mint(o)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

// removing is one removal, and what is said if it is refused.
type removing struct{ kind, id, refused string }

func remove(t *testing.T, i inventory.Inventory, steps []removing) {
	t.Helper()
	remover, ok := i.(inventory.Remover)
	if !ok {
		t.Fatal("it removes nothing")
	}
	for _, s := range steps {
		err := remover.Remove(context.Background(), inventory.Item{Type: s.kind, ID: s.id})
		if (err != nil) != (s.refused != "") || err != nil && !strings.Contains(err.Error(), s.refused) {
			t.Errorf("%s: %v, want %q", s.id, err, s.refused)
		}
	}
}

func TestWhatIsInUseIsNotRemovedFromAWS(t *testing.T) {
	const arn = "arn:aws:ec2:eu-central-1:111122223333:"
	const balancer = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/net/a/1"
	const targets = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/a/1"
	service := cloud.Key{Type: "kubernetes:core/v1:Service", ID: "dev/a"}
	group := cloud.Key{Type: "ec2:security-group", ID: "sg-1"}
	c := holding(t,
		cloud.Object{Type: "ec2:instance", ID: "i-1"},
		cloud.Object{Type: "ec2:volume", ID: "vol-1", Props: map[string]any{"instance": "i-1"}},
		cloud.Object{Type: "ec2:network-interface", ID: "eni-1", Props: map[string]any{"instance": "i-1"}, Holds: []cloud.Key{group}},
		cloud.Object{Type: group.Type, ID: group.ID},
		cloud.Object{Type: "elb:load-balancer", ID: balancer, Owner: service},
		cloud.Object{Type: "elb:listener", ID: strings.Replace(balancer, ":loadbalancer/", ":listener/", 1) + "/443", Owner: service},
		cloud.Object{Type: "elb:target-group", ID: targets, Owner: service},
	)
	server := httptest.NewServer(AWS(c, "111122223333", "eu-central-1", true))
	defer server.Close()
	remove(t, inventory.AWS(Credentials(server.URL, "eu-central-1")), []removing{
		{"ec2:volume", arn + "volume/vol-1", "VolumeInUse"},
		{"ec2:security-group", arn + "security-group/sg-1", "DependencyViolation"},
		{"elasticloadbalancing:targetgroup", targets, "ResourceInUse"},
		{"ec2:subnet", arn + "subnet/subnet-1", "not of a type that is removed here"},
		{"ec2:instance", arn + "instance/i-1", ""},
		{"ec2:volume", arn + "volume/vol-1", ""}, // it went with its machine
		{"ec2:security-group", arn + "security-group/sg-1", ""},
		{"elasticloadbalancing:loadbalancer", balancer, ""},
		{"elasticloadbalancing:targetgroup", targets, ""},
	})
	for _, o := range c.Inventory() {
		if o.Type != "logs:log-group" && o.Lingers == 0 {
			t.Errorf("left: %s", o)
		}
	}
}

func TestWhatIsInUseIsNotRemovedFromGoogleCloud(t *testing.T) {
	const in, name = "projects/p/regions/r/", "k8s2-a771a0c2-ingress-mobile-1629aa57"
	const full = "//compute.googleapis.com/"
	service := cloud.Key{Type: "kubernetes:core/v1:Service", ID: "projects/p/locations/r/clusters/dev/ingress/mobile"}
	of := func(typ, id string, props map[string]any) cloud.Object {
		return cloud.Object{Type: "compute:" + typ, ID: in + id, Owner: service, Props: props}
	}
	cluster := "projects/p/locations/r/clusters/dev"
	c := holding(t,
		of("forwarding-rule", "forwardingRules/"+name, map[string]any{"for": "Service ingress/mobile", "cluster": cluster}),
		of("backend-service", "backendServices/"+name, map[string]any{"for": "Service ingress/mobile"}),
		of("network-endpoint-group", "networkEndpointGroups/"+name, map[string]any{"for": "Service ingress/mobile"}),
		cloud.Object{Type: "compute:health-check", ID: in + "healthChecks/k8s2-hc", Props: map[string]any{"sharedBy": cluster}},
	)
	server := httptest.NewServer(GCP(c, "p"))
	defer server.Close()
	i := inventory.GCP("p", server.URL, server.URL, server.Client(), func(context.Context) (*http.Client, error) { return server.Client(), nil })
	const used = "already being used"
	remove(t, i, []removing{
		{"compute.googleapis.com/HealthCheck", full + in + "healthChecks/k8s2-hc", used},
		{"compute.googleapis.com/NetworkEndpointGroup", full + in + "networkEndpointGroups/" + name, used},
		{"compute.googleapis.com/BackendService", full + in + "backendServices/" + name, used},
		{"compute.googleapis.com/Disk", full + "projects/other/zones/z/disks/a", "the credentials are of project p"},
		{"compute.googleapis.com/Network", full + "projects/p/global/networks/a", "not of a type that is removed here"},
		{"compute.googleapis.com/ForwardingRule", full + in + "forwardingRules/" + name, ""},
		{"compute.googleapis.com/BackendService", full + in + "backendServices/" + name, ""},
		{"compute.googleapis.com/NetworkEndpointGroup", full + in + "networkEndpointGroups/" + name, ""},
		{"compute.googleapis.com/HealthCheck", full + in + "healthChecks/k8s2-hc", ""},
		{"compute.googleapis.com/HealthCheck", full + in + "healthChecks/k8s2-hc", ""}, // gone already
	})
	for _, o := range c.Inventory() {
		if strings.HasPrefix(o.Type, "compute:") {
			t.Errorf("left: %s", o)
		}
	}
}
