package kubernetes_test

import (
	"testing"

	"platform/tests/cloud/controller"
)

func TestAPortOfTheNodesIsInRangeAndHadByOne(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{node()}})
	asks := func(name, typ string, port float64) error {
		return i.create(serviceType, values{
			"metadata": values{"name": name, "namespace": "shop"},
			"spec":     values{"type": typ, "ports": []any{values{"port": 443.0, "nodePort": port}}},
		})
	}
	if err := asks("door", "NodePort", 30043); err != nil {
		t.Fatal(err)
	}
	i.refused("the same port", asks("second", "NodePort", 30043), "Invalid", "provided port is already allocated")
	i.refused("the same port by another type", asks("second", "LoadBalancer", 30043), "Invalid", "provided port is already allocated")
	i.refused("a low port", asks("second", "NodePort", 443), "Invalid", "The range of valid ports is 30000-32767")
	i.refused("a high port", asks("second", "NodePort", 32768), "Invalid", "The range of valid ports is 30000-32767")
	i.refused("a type without", asks("second", "ClusterIP", 30044), "Invalid", "may not be used when `type` is")
	if err := i.delete(serviceType, "shop/door"); err != nil {
		t.Fatal(err)
	}
	if err := asks("second", "NodePort", 30043); err != nil {
		t.Errorf("a port that is free again: %v", err)
	}
}

// TestAProxyStartsWhenIstiodToldItsNamespaceWhomToBelieve, and not before.
func TestAProxyStartsWhenIstiodToldItsNamespaceWhomToBelieve(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{node()}})
	i.have(workloadType, values{
		"metadata": values{"name": "proxy", "namespace": "shop"},
		"spec": values{
			"selector": values{"matchLabels": values{"app": "proxy"}},
			"template": values{
				"metadata": values{"labels": values{"app": "proxy"}},
				"spec": values{
					"containers": []any{values{"name": "proxy", "image": "registry.example.com/proxy:1"}},
					"volumes":    []any{values{"name": "root", "configMap": values{"name": "istio-ca-root-cert"}}},
				},
			},
		},
	})
	if got := i.get(workloadType, "shop/proxy").Str(controller.Waits); got == "" {
		t.Error("it starts without istiod")
	}
	i.have(namespaceType, values{"metadata": values{"name": "istio-system"}})
	i.have(releaseType, values{
		"chart": "istiod", "name": "istiod", "namespace": "istio-system", "version": "1.31.0",
		"repositoryOpts": values{"repo": "https://istio-release.storage.googleapis.com/charts"},
		"values":         values{"global": values{"operatorManageWebhooks": true, "configValidation": false}},
	})
	if got := i.get(workloadType, "shop/proxy").Str(controller.Waits); got != "" {
		t.Errorf("it waits for %q", got)
	}
	i.have(namespaceType, values{"metadata": values{"name": "later"}})
	if i.get(configType, "later/istio-ca-root-cert") == nil {
		t.Error("a later namespace is told nothing")
	}
	if err := i.delete(namespaceType, "later"); err != nil {
		t.Errorf("what it was told keeps a namespace: %v", err)
	}
}
