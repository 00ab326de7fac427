package kubernetes_test

import (
	"testing"

	"platform/tests/cloud/controller"
)

// watching is a release of Prometheus' operator, with one Prometheus on a volume.
func watching(memory string) values {
	off := values{"enabled": false}
	return values{
		"chart": "kube-prometheus-stack", "name": "watch", "namespace": "shop", "version": "88.6.1",
		"repositoryOpts": values{"repo": "https://prometheus-community.github.io/helm-charts"},
		"values": values{
			"fullnameOverride": "watch", "grafana": off, "nodeExporter": off, "kubeStateMetrics": off, "alertmanager": off, "kubeControllerManager": off,
			"kubeScheduler": off, "kubeEtcd": off, "kubeProxy": off, "coreDns": off,
			"prometheusOperator": values{"tls": off, "admissionWebhooks": off},
			"prometheus": values{"prometheusSpec": values{
				"replicas": 2.0, "resources": values{"requests": values{"memory": memory}},
				"persistentVolumeClaimRetentionPolicy": values{"whenDeleted": "Delete"},
				"storageSpec": values{"volumeClaimTemplate": values{"spec": values{
					"accessModes": []any{"ReadWriteOnce"}, "resources": values{"requests": values{"storage": "20Gi"}},
				}}},
			}},
		},
	}
}

// What the operator makes of a Prometheus needs room and volumes as anything else does, and goes with it.
func TestAnOperatorRunsWhatItsKindsAskFor(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{roomy()}})
	i.have(classType, values{
		"metadata": values{"name": "disks", "annotations": values{"storageclass.kubernetes.io/is-default-class": "true"}}, "provisioner": "fake",
	})
	i.have(releaseType, watching("1Gi"))
	i.want("what is run", i.ids(setType), "shop/prometheus-watch-prometheus")
	i.want("its volumes", i.ids("fake:disk"), "shop-prometheus-watch-prometheus-db-prometheus-watch-prometheus-0 shop-prometheus-watch-prometheus-db-prometheus-watch-prometheus-1")
	i.want("it waits", i.waits(setType, "shop/prometheus-watch-prometheus"), "")
	template := i.get(setType, "shop/prometheus-watch-prometheus")
	containers, _ := template.Value("spec.template.spec.containers").([]any)
	var images []string
	for _, each := range containers {
		image, _ := each.(values)["image"].(string)
		images = append(images, image)
	}
	if len(images) != 2 || images[0] != "quay.io/prometheus/prometheus:v3.14.0-distroless" || images[1] != "quay.io/prometheus-operator/prometheus-config-reloader:v0.93.1" {
		t.Errorf("images: %v", images)
	}
	if err := i.delete(releaseType, "shop/watch"); err != nil {
		t.Fatal(err)
	}
	i.want("what is run afterwards", i.ids(setType), "")
	i.want("volumes afterwards", i.ids("fake:disk"), "")
}

func TestAPrometheusThatIsTooLargeWaits(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{roomy()}})
	i.have(releaseType, watching("64Gi"))
	if i.waits(setType, "shop/prometheus-watch-prometheus") == "" {
		t.Error("a pod of 64 GiB found room on nodes of 4")
	}
}

// A Prometheus that nobody runs is seen: it waits.
func TestAPrometheusWithoutAnOperatorWaits(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{roomy()}})
	i.have(releaseType, values{
		"chart": "prometheus-operator-crds", "name": "crds", "namespace": "shop", "version": "31.0.1",
		"repositoryOpts": values{"repo": "https://prometheus-community.github.io/helm-charts"}, "values": values{},
	})
	i.have("kubernetes:monitoring.coreos.com/v1:Prometheus", values{
		"metadata": values{"name": "alone", "namespace": "shop"}, "spec": values{"replicas": 1.0},
	})
	i.want("without an operator", i.waits("kubernetes:monitoring.coreos.com/v1:Prometheus", "shop/alone"), "no operator makes its pods")
	i.refused("a misspelt kind of thing", i.create("kubernetes:monitoring.coreos.com/v1:PodMonitor", values{
		"metadata": values{"name": "wrong", "namespace": "shop"}, "spec": values{"selector": values{}, "podMetricsEndpoints": []any{values{"relabelings": "x"}}},
	}), "Invalid", "relabelings")
}
