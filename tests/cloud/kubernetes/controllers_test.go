package kubernetes_test

import (
	"fmt"
	"strings"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
	"platform/tests/cloud/kubernetes"
)

const (
	namespaceType = "kubernetes:core/v1:Namespace"
	serviceType   = "kubernetes:core/v1:Service"
	claimType     = "kubernetes:core/v1:PersistentVolumeClaim"
	volumeType    = "kubernetes:core/v1:PersistentVolume"
	classType     = "kubernetes:storage.k8s.io/v1:StorageClass"
	setType       = "kubernetes:apps/v1:StatefulSet"
	workloadType  = "kubernetes:apps/v1:Deployment"
	configType    = "kubernetes:core/v1:ConfigMap"
	releaseType   = "kubernetes:helm.sh/v3:Release"
)

// inside is a cluster in which a test makes and deletes objects.
type inside struct {
	t     *testing.T
	p     *kubernetes.Package
	store *cloud.Store
	c     cloud.Config
	n     int
}

func in(t *testing.T, f *fake) *inside {
	t.Helper()
	p, store, c := clusterOf(t, f)
	i := &inside{t: t, p: p, store: store, c: c}
	i.have(namespaceType, values{"metadata": values{"name": "shop"}})
	return i
}

func (i *inside) create(typ string, inputs values) (err error) {
	i.n++
	urn := fmt.Sprintf("urn:pulumi:test::test::%s::thing%d", typ, i.n)
	set, failures := i.p.Check(i.c, cloud.CheckRequest{Type: typ, URN: urn, Name: "thing", New: inputs})
	if len(failures) > 0 {
		return fmt.Errorf("%v", failures)
	}
	for k, v := range set {
		inputs[k] = v
	}
	return i.store.Update(urn, func(t *cloud.Tx) error {
		_, err := i.p.Create(t, i.c, typ, urn, inputs)
		return err
	})
}

func (i *inside) have(typ string, inputs values) {
	i.t.Helper()
	if err := i.create(typ, inputs); err != nil {
		i.t.Fatal(err)
	}
}

func (i *inside) delete(typ, id string) error {
	return i.store.Update("delete", func(t *cloud.Tx) error { return i.p.Delete(t, i.c, t.Get(typ, "dev/"+id)) })
}

// ids lists what is there of a type, by id without the cluster.
func (i *inside) ids(typ string) string {
	var out []string
	_ = i.store.View(func(t *cloud.Tx) error {
		for _, o := range t.Find(typ, nil) {
			out = append(out, strings.TrimPrefix(o.ID, "dev/"))
		}
		return nil
	})
	return strings.Join(out, " ")
}

func (i *inside) get(typ, id string) (out *cloud.Object) {
	_ = i.store.View(func(t *cloud.Tx) error {
		out = t.Get(typ, "dev/"+id)
		return nil
	})
	return out
}

func (i *inside) want(what, got, want string) {
	i.t.Helper()
	if got != want {
		i.t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func (i *inside) refused(what string, err error, code string, parts ...string) {
	i.t.Helper()
	if !cloud.Refused(err, code) {
		i.t.Errorf("%s: got %v, want %s", what, err, code)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			i.t.Errorf("%s: %q does not say %q", what, err, part)
		}
	}
}

func balanced(name string) values {
	return values{
		"metadata": values{"name": name, "namespace": "shop"},
		"spec":     values{"type": "LoadBalancer", "ports": []any{values{"port": 443.0}}},
	}
}

func TestAServiceIsExposedWhileItLives(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{node()}})
	i.have(serviceType, balanced("front"))
	i.want("balancer", i.ids("fake:balancer"), "front")
	made := i.get(serviceType, "shop/front")
	if got := made.Str("status.loadBalancer.ingress.0.ip"); got != "198.18.0.1" {
		t.Errorf("the status says %q", got)
	}
	if err := i.delete(serviceType, "shop/front"); err != nil {
		t.Fatal(err)
	}
	i.want("balancers after the Service", i.ids("fake:balancer"), "")
}

func TestAChangeOfWhatIsExposedIsFollowed(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{node()}})
	i.have(serviceType, balanced("front"))
	update := func(change func(values)) {
		inputs := balanced("front")
		inputs["apiVersion"], inputs["kind"] = "v1", "Service"
		change(inputs)
		if err := i.store.Update("update", func(tx *cloud.Tx) error {
			return i.p.Update(tx, i.c, tx.Get(serviceType, "dev/shop/front"), inputs)
		}); err != nil {
			t.Fatal(err)
		}
	}
	made := func() (out *cloud.Object) {
		_ = i.store.View(func(tx *cloud.Tx) error {
			out = tx.Get("fake:balancer", "front")
			return nil
		})
		return out
	}
	first := made()
	update(func(s values) { s["metadata"].(values)["labels"] = values{"team": "shop"} })
	if made().Seq != first.Seq {
		t.Error("a label makes another balancer")
	}
	if i.get(serviceType, "shop/front").Str("status.loadBalancer.ingress.0.ip") == "" {
		t.Error("a label takes the status away")
	}
	update(func(s values) { s["spec"].(values)["ports"] = []any{values{"port": 443.0, "nodePort": 30001.0}} })
	if got := made().Num("port"); got != 30001 {
		t.Errorf("the balancer leads to %v", got)
	}
	update(func(s values) { s["spec"].(values)["type"] = "ClusterIP" })
	i.want("without exposure", i.ids("fake:balancer"), "")
}

func TestAServiceWhoseControllerIsGoneHangs(t *testing.T) {
	f := &fake{pools: []controller.Pool{node()}}
	i := in(t, f)
	i.have(serviceType, balanced("front"))
	i.have(configType, values{"metadata": values{"name": "settings", "namespace": "shop"}})
	f.missing = true
	i.refused("the Service", i.delete(serviceType, "shop/front"), "Timeout",
		"finalizers might be preventing deletion (fake/balancer)", "timed out waiting for the condition")
	i.refused("its namespace", i.delete(namespaceType, "shop"), "Timeout",
		"Some resources are remaining: services. has 1 resource instances",
		"Some content in the namespace has finalizers remaining: fake/balancer in 1 resource instances")
	i.want("what is left", i.ids(serviceType)+i.ids("fake:balancer"), "shop/frontfront")
	i.want("what nothing kept", i.ids(configType), "")
	i.refused("something new", i.create(configType, values{"metadata": values{"name": "late", "namespace": "shop"}}), "Forbidden",
		"because it is being terminated")
	f.missing = false
	if err := i.delete(namespaceType, "shop"); err != nil {
		t.Fatal(err)
	}
	i.want("in the end", i.ids(namespaceType)+i.ids(serviceType)+i.ids("fake:balancer"), "")
}

func TestAServiceWaitsForItsController(t *testing.T) {
	f := &fake{missing: true}
	i := in(t, f)
	i.have(serviceType, balanced("front"))
	i.want("it waits", i.get(serviceType, "shop/front").Str(controller.Waits), "no controller")
	f.missing = false
	i.have(serviceType, balanced("second"))
	i.want("balancers", i.ids("fake:balancer"), "front second")
	i.want("it waits no more", i.get(serviceType, "shop/front").Str(controller.Waits), "")
}

// A cluster takes with it what lived in it; what its controllers made in the cloud stays.
func TestAClusterLeavesBehindWhatItsControllersMade(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{node()}})
	i.have(serviceType, balanced("front"))
	i.have(classType, class("fast", "Delete"))
	i.have(setType, set("db", 1))
	if err := i.store.Update("end", func(tx *cloud.Tx) error {
		controller.End(tx, i.c.Cluster)
		tx.Remove(i.c.Cluster)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	i.want("in the cluster", i.ids(serviceType)+i.ids(claimType)+i.ids(volumeType)+i.ids(namespaceType), "")
	i.want("in the cloud", i.ids("fake:balancer")+" "+i.ids("fake:disk"), "front shop-data-db-0")
}

func class(name, policy string) values {
	return values{
		"metadata":    values{"name": name, "annotations": values{"storageclass.kubernetes.io/is-default-class": "true"}},
		"provisioner": "fake", "reclaimPolicy": policy, "volumeBindingMode": "WaitForFirstConsumer",
	}
}

func claim(name string) values {
	return values{
		"metadata": values{"name": name, "namespace": "shop"},
		"spec":     values{"accessModes": []any{"ReadWriteOnce"}, "resources": values{"requests": values{"storage": "10Gi"}}},
	}
}

func template(claim string) values {
	spec := values{"containers": []any{values{"name": "main", "image": "registry.example.com/main:1"}}}
	if claim != "" {
		spec["volumes"] = []any{values{"name": "data", "persistentVolumeClaim": values{"claimName": claim}}}
	}
	return values{"metadata": values{"labels": values{"app": "x"}}, "spec": spec}
}

func set(name string, replicas float64) values {
	return values{
		"metadata": values{"name": name, "namespace": "shop"},
		"spec": values{
			"serviceName": name, "replicas": replicas, "selector": values{"matchLabels": values{"app": "x"}}, "template": template(""),
			"volumeClaimTemplates": []any{values{"metadata": values{"name": "data"}, "spec": claim("")["spec"]}},
		},
	}
}

func workload(name, claim string, replicas float64) values {
	return values{
		"metadata": values{"name": name, "namespace": "shop"},
		"spec":     values{"replicas": replicas, "selector": values{"matchLabels": values{"app": "x"}}, "template": template(claim)},
	}
}

func TestAClaimIsBoundWhenAPodUsesIt(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{node()}})
	i.have(classType, class("fast", "Delete"))
	i.have(claimType, claim("data"))
	i.want("before a pod", i.ids("fake:disk")+i.get(claimType, "shop/data").Str(controller.Waits), "")
	i.have(workloadType, workload("shop", "data", 1))
	i.want("with a pod", i.ids("fake:disk"), "shop-data")
	i.refused("the claim in use", i.delete(claimType, "shop/data"), "Timeout", "(kubernetes.io/pvc-protection)")
	if err := i.delete(workloadType, "shop/shop"); err != nil {
		t.Fatal(err)
	}
	if err := i.delete(claimType, "shop/data"); err != nil {
		t.Fatal(err)
	}
	i.want("after the claim", i.ids("fake:disk")+i.ids(volumeType), "")
}

func TestAVolumeStaysWhenItsDriverIsGoneOrItIsRetained(t *testing.T) {
	f := &fake{pools: []controller.Pool{node()}}
	i := in(t, f)
	i.have(classType, class("fast", "Delete"))
	i.have(setType, set("db", 2))
	if err := i.delete(setType, "shop/db"); err != nil {
		t.Fatal(err)
	}
	i.want("claims outlive their StatefulSet", i.ids(claimType), "shop/data-db-0 shop/data-db-1")
	f.missing = true
	if err := i.delete(claimType, "shop/data-db-0"); err != nil {
		t.Fatal(err)
	}
	i.want("without its driver", i.ids("fake:disk"), "shop-data-db-0 shop-data-db-1")
	f.missing = false
	if err := i.delete(namespaceType, "shop"); err != nil {
		t.Fatal(err)
	}
	i.have(namespaceType, values{"metadata": values{"name": "shop"}})
	i.have(claimType, claim("another")) // wakes the driver
	i.want("when it is back", i.ids("fake:disk"), "")

	i.have(classType, class("kept", "Retain"))
	kept := claim("kept")
	kept["spec"].(values)["storageClassName"] = "kept"
	i.have(claimType, kept)
	i.have(workloadType, workload("user", "kept", 1))
	if err := i.delete(namespaceType, "shop"); err != nil {
		t.Fatal(err)
	}
	i.want("a retained one", i.ids("fake:disk"), "shop-kept")
}

func TestAStatefulSetMayTakeItsClaimsWithIt(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{node()}})
	i.have(classType, class("fast", "Delete"))
	s := set("db", 2)
	s["spec"].(values)["persistentVolumeClaimRetentionPolicy"] = values{"whenDeleted": "Delete"}
	i.have(setType, s)
	i.want("claims", i.ids("fake:disk"), "shop-data-db-0 shop-data-db-1")
	if err := i.delete(setType, "shop/db"); err != nil {
		t.Fatal(err)
	}
	i.want("left", i.ids(claimType)+i.ids("fake:disk"), "")
}

func TestWhoScalesAPoolMakesTheNodesThatPodsNeed(t *testing.T) {
	f := &fake{pools: []controller.Pool{node()}}
	i := in(t, f)
	asking := workload("big", "", 3)
	asking["spec"].(values)["template"].(values)["spec"].(values)["containers"].([]any)[0].(values)["resources"] =
		values{"requests": values{"cpu": "1500m", "memory": "1Gi"}}
	i.have(workloadType, asking)
	i.want("without anybody who scales", i.get(workloadType, "shop/big").Str(controller.Waits),
		"0/1 nodes are available: none has 1500m CPU and 1024 MiB left for a pod that may run there")
	f.pools[0].Scales = true
	i.have(classType, class("fast", "Delete")) // which wakes the controllers
	if f.pools[0].Size != 3 {
		t.Errorf("the pool has %d nodes, want one for each pod", f.pools[0].Size)
	}
	i.want("with it", i.get(workloadType, "shop/big").Str(controller.Waits), "")
	if err := i.delete(workloadType, "shop/big"); err != nil {
		t.Fatal(err)
	}
	if f.pools[0].Size != 1 {
		t.Errorf("the pool has %d nodes, want its minimum", f.pools[0].Size)
	}
}

func TestAPodGoesWhereItIsAllowed(t *testing.T) {
	spot := node()
	spot.Name, spot.Labels, spot.Taints = "spot", map[string]string{"pool": "spot"}, []controller.Taint{{Key: "spot", Value: "true", Effect: "NoSchedule"}}
	i := in(t, &fake{pools: []controller.Pool{spot}})
	i.have(workloadType, workload("plain", "", 1))
	if i.get(workloadType, "shop/plain").Str(controller.Waits) == "" {
		t.Error("a pod without a toleration is on a tainted node")
	}
	tolerant := workload("tolerant", "", 1)
	spec := tolerant["spec"].(values)["template"].(values)["spec"].(values)
	spec["tolerations"] = []any{values{"key": "spot", "operator": "Equal", "value": "true", "effect": "NoSchedule"}}
	spec["nodeSelector"] = values{"pool": "spot"}
	i.have(workloadType, tolerant)
	i.want("a tolerant one", i.get(workloadType, "shop/tolerant").Str(controller.Waits), "")
}
