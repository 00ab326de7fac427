package gcp_test

import (
	"slices"
	"strings"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
	"platform/tests/cloud/gcp"
	"platform/tests/cloud/trial"
)

const serviceType = "kubernetes:core/v1:Service"

// insideWorld is a cluster with a pool of three nodes, and what is inside it.
type insideWorld struct {
	*clusterWorld
	*trial.Cluster
	control, nodes *cloud.Object
}

func newInsideWorld(t *testing.T, change values) *insideWorld {
	t.Helper()
	w := &insideWorld{clusterWorld: newClusterWorld(t)}
	w.control = w.Have(clusterType, w.cluster(), change)
	w.nodes = w.Have(poolType, w.pool(w.control))
	w.Cluster = w.Enter(gcp.Controllers(), "https://"+w.control.Str("endpoint"))
	return w
}

func exposed(annotations values) values {
	return values{
		"metadata": values{"name": "front-door", "namespace": "shop", "annotations": annotations},
		"spec":     values{"type": "LoadBalancer", "ports": []any{values{"port": 443.0}}},
	}
}

// parts are what was made for an object, by type: how many, and of the rest what is shared by several.
func (w *insideWorld) parts(o *cloud.Object) map[string]int {
	out := map[string]int{}
	for _, typ := range []string{
		"compute:forwarding-rule", "compute:backend-service", "compute:target-pool", "compute:health-check", "compute:firewall",
		"compute:network-endpoint-group", "compute:url-map", "compute:target-proxy", "compute:ssl-certificate",
	} {
		for _, made := range w.All(typ) {
			switch {
			case made.Owner == o.Key():
				out[typ]++
			case made.Str("sharedBy") != "":
				out[typ+" shared"]++
			}
		}
	}
	return out
}

// rule is the forwarding rule of an object.
func (w *insideWorld) rule(o *cloud.Object) *cloud.Object {
	w.T.Helper()
	for _, r := range w.All("compute:forwarding-rule") {
		if r.Owner == o.Key() {
			return r
		}
	}
	w.T.Fatalf("%s has no forwarding rule", o)
	return nil
}

func TestAServiceGetsTheLoadBalancerThatItAsksFor(t *testing.T) {
	onBackend := map[string]int{
		"compute:forwarding-rule": 1, "compute:backend-service": 1, "compute:firewall": 1, "compute:network-endpoint-group": 3,
		"compute:health-check shared": 1, "compute:firewall shared": 1,
	}
	for _, test := range []struct {
		name              string
		annotations       values
		class             string
		scheme, finalizer string
		parts             map[string]int
	}{
		{"internal", values{"networking.gke.io/load-balancer-type": "Internal"}, "", "INTERNAL", "gke.networking.io/l4-ilb-v2", onBackend},
		{"internal, as it was said before", values{"cloud.google.com/load-balancer-type": "Internal"}, "", "INTERNAL", "gke.networking.io/l4-ilb-v2", onBackend},
		{"internal by class", nil, "networking.gke.io/l4-regional-internal", "INTERNAL", "gke.networking.io/l4-ilb-v2", onBackend},
		{"public", nil, "", "EXTERNAL", "service.kubernetes.io/load-balancer-cleanup", map[string]int{
			"compute:forwarding-rule": 1, "compute:target-pool": 1, "compute:firewall": 1, "compute:health-check shared": 1, "compute:firewall shared": 1,
		}},
		{"public on a backend service", values{"cloud.google.com/l4-rbs": "enabled"}, "", "EXTERNAL", "gke.networking.io/l4-netlb-v3", onBackend},
	} {
		w := newInsideWorld(t, nil)
		inputs := exposed(test.annotations)
		if test.class != "" {
			inputs["spec"].(values)["loadBalancerClass"] = test.class
		}
		made := w.Inside(serviceType, inputs)
		w.Want(test.name+": parts", w.parts(made), test.parts)
		rule := w.rule(made)
		w.Want(test.name+": scheme and finalizer", rule.Str("scheme")+" "+made.Str("finalizer"), test.scheme+" "+test.finalizer)
		w.Want(test.name+": address", made.Str("status.loadBalancer.ingress.0.ip"), rule.Str("address"))
		w.Want(test.name+": in the subnet", strings.HasPrefix(rule.Str("address"), "10.0."), test.scheme == "INTERNAL")
		w.Want(test.name+": labels", len(rule.Tags), 0)
		if err := w.Leave(made); err != nil {
			t.Fatal(err)
		}
		w.Want(test.name+": left", w.parts(made), map[string]int{})
	}
}

func TestNamesAreAsGKEWritesThem(t *testing.T) {
	w := newInsideWorld(t, nil)
	uid := w.control.Str("uid")
	made := w.Inside(serviceType, exposed(values{"networking.gke.io/load-balancer-type": "Internal"}))
	if name := w.rule(made).Str("name"); !strings.HasPrefix(name, "k8s2-tcp-"+uid+"-shop-front-door-") {
		t.Errorf("the forwarding rule is %q", name)
	}
	group := w.All("compute:network-endpoint-group")[0]
	if !strings.HasPrefix(group.Str("name"), "k8s2-"+uid+"-shop-front-door-") || group.Str("endpointType") != "GCE_VM_IP" {
		t.Errorf("the group is %v", group.Props)
	}
	w.Want("shared", w.names("compute:health-check"), []string{"k8s2-" + uid + "-l4-shared-hc"})
	long := w.Inside(serviceType, values{
		"metadata": values{"name": strings.Repeat("a", 60), "namespace": "shop", "annotations": values{"networking.gke.io/load-balancer-type": "Internal"}},
		"spec":     values{"type": "LoadBalancer", "ports": []any{values{"port": 443.0}}},
	})
	if name := w.rule(long).Str("name"); len(name) > 63 {
		t.Errorf("%q has %d characters", name, len(name))
	}
	if err := w.Leave(made); err != nil {
		t.Fatal(err)
	}
	w.Want("shared with the other", len(w.names("compute:health-check")), 1)
}

func TestAnIngressGetsAnApplicationLoadBalancer(t *testing.T) {
	ingress := func(class values) values {
		return values{
			"metadata": values{"name": "web", "namespace": "shop", "annotations": class},
			"spec": values{"rules": []any{values{"http": values{"paths": []any{values{
				"path": "/", "pathType": "Prefix", "backend": values{"service": values{"name": "web", "port": values{"number": 80.0}}},
			}}}}}},
		}
	}
	w := newInsideWorld(t, nil)
	w.Inside(serviceType, values{
		"metadata": values{"name": "web", "namespace": "shop"}, "spec": values{"ports": []any{values{"port": 80.0}}},
	})
	const typ = "kubernetes:networking.k8s.io/v1:Ingress"
	other := w.Inside(typ, ingress(values{"kubernetes.io/ingress.class": "nginx"}))
	w.Want("of another class", w.parts(other), map[string]int{})
	if err := w.Leave(other); err != nil {
		t.Fatal(err)
	}
	internal := w.Inside(typ, ingress(values{"kubernetes.io/ingress.class": "gce-internal"}))
	if got := internal.Str(controller.Waits); !strings.Contains(got, "REGIONAL_MANAGED_PROXY") {
		t.Errorf("without a subnet of proxies it waits for %q", got)
	}
	if err := w.Leave(internal); err != nil {
		t.Fatal(err)
	}
	w.Have("gcp:compute/subnetwork:Subnetwork", values{
		"name": "proxies", "network": w.network.ID, "region": region, "ipCidrRange": "10.3.0.0/24", "purpose": "REGIONAL_MANAGED_PROXY", "role": "ACTIVE",
	})
	whole := map[string]int{
		"compute:forwarding-rule": 1, "compute:target-proxy": 1, "compute:url-map": 1, "compute:backend-service": 1, "compute:health-check": 1,
		"compute:network-endpoint-group": 3, "compute:firewall shared": 1,
	}
	for scheme, class := range map[string]values{"INTERNAL_MANAGED": {"kubernetes.io/ingress.class": "gce-internal"}, "EXTERNAL": nil} {
		made := w.Inside(typ, ingress(class))
		w.Want(scheme+": parts", w.parts(made), whole)
		w.Want("scheme and finalizer", w.rule(made).Str("scheme")+" "+made.Str("finalizer"), scheme+" networking.gke.io/ingress-finalizer-V2")
		if err := w.Leave(made); err != nil {
			t.Fatal(err)
		}
		w.Want("left", w.parts(made), map[string]int{})
	}
}

func TestAMisspeltAnnotationIsRefused(t *testing.T) {
	w := newInsideWorld(t, nil)
	for _, annotations := range []values{
		{"networking.gke.io/load-balancer-tpye": "Internal"}, {"networking.gke.io/load-balancer-type": "internal"},
	} {
		if _, err := w.TryInside(serviceType, exposed(annotations)); !cloud.Refused(err, "UnknownAnnotation") {
			t.Errorf("%v: got %v", annotations, err)
		}
	}
}

func TestAServiceWaitsForWhatItsControllerLacks(t *testing.T) {
	w := newInsideWorld(t, values{"addonsConfig": values{"httpLoadBalancing": values{"disabled": true}}})
	made := w.Inside(serviceType, exposed(values{"networking.gke.io/load-balancer-type": "Internal"}))
	if got := made.Str(controller.Waits); !strings.Contains(got, "HttpLoadBalancing is switched off") {
		t.Errorf("it waits for %q", got)
	}
	w = newInsideWorld(t, nil)
	if err := w.Remove(w.nodes); err != nil {
		t.Fatal(err)
	}
	if got := w.Inside(serviceType, exposed(nil)).Str(controller.Waits); !strings.Contains(got, "no hosts") {
		t.Errorf("it waits for %q", got)
	}
}

// In the wrong order the load balancer stays, and holds what the network is made of.
func TestALoadBalancerOutlivesItsClusterAndHoldsTheNetwork(t *testing.T) {
	w := newInsideWorld(t, nil)
	made := w.Inside(serviceType, exposed(values{"networking.gke.io/load-balancer-type": "Internal"}))
	if err := w.Remove(w.control); err != nil {
		t.Fatal(err)
	}
	w.Want("Services", len(w.All(serviceType)), 0)
	w.Want("what outlives them", w.parts(made)["compute:network-endpoint-group"], 3)
	if err := w.Remove(w.subnet); !cloud.Refused(err, "DependencyViolation") || !strings.Contains(err.Error(), "compute:network-endpoint-group") {
		t.Errorf("the subnet goes: %v", err)
	}
	if err := w.Remove(w.network); !cloud.Refused(err, "DependencyViolation") || !strings.Contains(err.Error(), "compute:firewall") {
		t.Errorf("the network goes: %v", err)
	}
}

// claimed are the disks of claims.
func (w *insideWorld) claimed() []*cloud.Object {
	return slices.DeleteFunc(w.All("compute:disk"), func(d *cloud.Object) bool { return d.Str("claim") == "" })
}

func TestADiskIsLabelledEncryptedAndGoesWithItsClaim(t *testing.T) {
	w := newInsideWorld(t, nil)
	w.DefaultClass("pd.csi.storage.gke.io", values{"type": "pd-balanced", "disk-encryption-kms-key": w.key.ID, "labels": "team=shop,cost-centre=1000"})
	made := w.Database()
	disks := w.claimed()
	if len(disks) != 1 {
		t.Fatalf("disks: %v", disks)
	}
	claim := w.All("kubernetes:core/v1:PersistentVolumeClaim")[0]
	w.Want("labels", disks[0].Tags, map[string]string{
		"team": "shop", "cost-centre": "1000", "goog-gke-volume": "", "goog-k8s-cluster-name": "dev", "goog-k8s-cluster-location": region,
	})
	w.Want("disk", []any{disks[0].Str("name"), disks[0].Str("type"), disks[0].Str("kmsKeyName"), disks[0].Num("sizeGb"), disks[0].Str("zone")},
		[]any{"pvc-" + claim.Str("uid"), "pd-balanced", w.key.ID, 20, "europe-west3-a"})
	if err := w.Leave(made); err != nil {
		t.Fatal(err)
	}
	w.Want("after the StatefulSet", len(w.claimed()), 1)
	if err := w.Leave(claim); err != nil {
		t.Fatal(err)
	}
	w.Want("after the claim", len(w.claimed()), 0)
}

func TestADiskStaysWhenItsClusterGoesFirst(t *testing.T) {
	w := newInsideWorld(t, nil)
	w.DefaultClass("pd.csi.storage.gke.io", values{"type": "pd-ssd"})
	w.Database()
	if err := w.Remove(w.control); err != nil {
		t.Fatal(err)
	}
	w.Want("claims", len(w.All("kubernetes:core/v1:PersistentVolumeClaim")), 0)
	w.Want("disks", len(w.claimed()), 1)
}

func TestADiskThatCannotBeMadeIsWaitedFor(t *testing.T) {
	for want, parameters := range map[string]values{
		`invalid option "size"`:      {"size": "10"},
		`disk type "gp3"`:            {"type": "gp3"},
		`"Team=Shop" is not a label`: {"labels": "Team=Shop"},
		"has at least 500 GiB":       {"type": "pd-extreme"},
		"may not use the key":        {"disk-encryption-kms-key": "projects/p/locations/" + region + "/keyRings/r/cryptoKeys/other"},
		"is not in " + region:        {"disk-encryption-kms-key": "projects/p/locations/global/keyRings/r/cryptoKeys/other"},
	} {
		w := newInsideWorld(t, nil)
		w.DefaultClass("pd.csi.storage.gke.io", parameters)
		w.Database()
		if got := w.All("kubernetes:core/v1:PersistentVolumeClaim")[0].Str(controller.Waits); !strings.Contains(got, want) {
			t.Errorf("it waits for %q, want %q", got, want)
		}
	}
}

func TestGKEsAutoscalerGivesPodsTheirNodes(t *testing.T) {
	w := newInsideWorld(t, nil)
	big := w.Big(5, "5Gi")
	w.Want("machines", len(w.All("compute:instance")), 5)
	w.Want("disks", len(w.All("compute:disk")), 5)
	if err := w.Leave(big); err != nil {
		t.Fatal(err)
	}
	w.Want("machines without the pods", len(w.All("compute:instance")), 2)
	many := w.Big(6, "5Gi")
	if got := many.Str(controller.Waits); !strings.Contains(got, "0/5 nodes are available") {
		t.Errorf("it waits for %q", got)
	}
}
