package kubernetes_test

import (
	"strings"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const certificateType = "kubernetes:cert-manager.io/v1:Certificate"

func certManager(more values) values {
	given := values{"crds": values{"enabled": true, "keep": false}}
	for key, value := range more {
		given[key] = value
	}
	return values{
		"chart": "cert-manager", "name": "cert-manager", "namespace": "shop", "version": "v1.21.2",
		"repositoryOpts": values{"repo": "https://charts.jetstack.io"}, "values": given,
	}
}

func certificate(secret any) values {
	return values{
		"metadata": values{"name": "front", "namespace": "shop"},
		"spec":     values{"secretName": secret, "issuerRef": values{"name": "internal"}, "dnsNames": []any{"front.shop"}},
	}
}

// roomy is a pool whose node has room for a chart.
func roomy() controller.Pool {
	pool := node()
	pool.Pods = 20
	return pool
}

// waits is why an object waits; "" if it does not or is not there.
func (i *inside) waits(typ, id string) string {
	reason := ""
	_ = i.store.View(func(t *cloud.Tx) error {
		if o := t.Get(typ, "dev/"+id); o != nil {
			reason = o.Str(controller.Waits)
		}
		return nil
	})
	return reason
}

func TestAReleaseMakesWhatItsChartMakes(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{roomy()}})
	i.refused("before the chart", i.create(certificateType, certificate("front-tls")), "NoMatch", `no matches for kind "Certificate"`)
	i.have(releaseType, certManager(nil))
	i.want("its workloads", i.ids(workloadType), "shop/cert-manager-cainjector shop/cert-manager shop/cert-manager-webhook")
	i.want("it waits", i.waits(releaseType, "shop/cert-manager"), "")
	i.refused("against the chart's own schema", i.create(certificateType, certificate(7.0)), "Invalid", "secretName")
	i.have(certificateType, certificate("front-tls"))
	if err := i.delete(releaseType, "shop/cert-manager"); err != nil {
		t.Fatal(err)
	}
	i.want("after it, its workloads", i.ids(workloadType), "")
	i.want("after it, what it defined", i.ids(definitionType), "")
	i.want("after it, what was of such a kind", i.ids(certificateType), "")
}

func TestAReleaseIsCheckedBeforeAnythingIsMade(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{roomy()}})
	wrong := certManager(values{"replicas": 2.0, "webhook": values{"replicaCont": 2.0}})
	wrong["version"], wrong["repositoryOpts"] = "v1.0.0", values{"repo": "https://charts.example.com"}
	err := i.create(releaseType, wrong)
	for _, want := range []string{"version", "v1.0.0", "repositoryOpts.repo", "values.replicas", "values.webhook.replicaCont", "has no such value"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	if err := i.create(releaseType, certManager(values{"replicaCount": "two"})); err == nil || !strings.Contains(err.Error(), "replicaCount") {
		t.Errorf("a value of the wrong type: %v", err)
	}
	if err := i.create(releaseType, certManager(values{"resources": values{"requests": values{"cpu": true}}})); err == nil ||
		!strings.Contains(err.Error(), "Deployment cert-manager that the API refuses") {
		t.Errorf("a value of which the chart makes what the API refuses: %v", err)
	}
	i.want("made", i.ids(workloadType), "")
}

func TestWhatAChartRunsIsAdmittedLikeEverythingElse(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{roomy()}})
	i.have(namespaceType, values{"metadata": values{"name": "strict", "labels": values{"pod-security.kubernetes.io/enforce": "restricted"}}})
	loose := certManager(values{"securityContext": values{"runAsNonRoot": false}, "startupapicheck": values{"enabled": false}})
	loose["namespace"] = "strict"
	i.have(releaseType, loose)
	if reason := i.waits(releaseType, "strict/cert-manager"); !strings.Contains(reason, `violates PodSecurity "restricted:latest"`) {
		t.Errorf("the release waits for %q", reason)
	}
	if err := i.delete(releaseType, "strict/cert-manager"); err != nil {
		t.Fatal(err)
	}
	large := certManager(values{"resources": values{"requests": values{"cpu": "64"}}})
	i.have(releaseType, large)
	if reason := i.waits(releaseType, "shop/cert-manager"); !strings.Contains(reason, "nodes are available") {
		t.Errorf("the release waits for %q", reason)
	}
}

func TestWhatAChartHoldsGoesBeforeIt(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{node()}})
	keda := func() values {
		return values{
			"chart": "keda", "name": "keda", "namespace": "shop", "version": "2.20.2",
			"repositoryOpts": values{"repo": "https://kedacore.github.io/charts"}, "values": values{"webhooks": values{"enabled": false}},
		}
	}
	const scaledType = "kubernetes:keda.sh/v1alpha1:ScaledObject"
	scaled := func() values {
		return values{
			"metadata": values{"name": "front", "namespace": "shop"},
			"spec":     values{"scaleTargetRef": values{"name": "front"}, "triggers": []any{values{"type": "cpu", "metadata": values{"value": "70"}}}},
		}
	}
	i.have(releaseType, keda())
	i.have(scaledType, scaled())
	if err := i.delete(scaledType, "shop/front"); err != nil {
		t.Errorf("while its controller runs: %v", err)
	}
	i.have(scaledType, scaled())
	if err := i.delete(releaseType, "shop/keda"); err == nil || !strings.Contains(err.Error(), "finalizer.keda.sh") {
		t.Errorf("the release goes before what it holds: %v", err)
	}
}
