package kubernetes_test

import (
	"testing"

	"platform/tests/cloud/controller"
)

const (
	agentType     = "kubernetes:datadoghq.com/v2alpha1:DatadogAgent"
	objectiveType = "kubernetes:datadoghq.com/v1alpha1:DatadogSLO"
	keysType      = "kubernetes:core/v1:Secret"
)

// datadogs is a release of Datadog's operator, with its keys in a Secret.
func datadogs() values {
	return values{
		"chart": "datadog-operator", "name": "datadog-operator", "namespace": "shop", "version": "2.25.1", "repositoryOpts": values{"repo": "https://helm.datadoghq.com"},
		"values": values{
			"apiKeyExistingSecret": "keys", "appKeyExistingSecret": "keys", "datadogSLO": values{"enabled": true}, "resources": values{"requests": values{"memory": "64Mi"}},
			"datadogCRDs": values{"crds": values{"datadogSLOs": true}},
		},
	}
}

func objective(name, numerator string) values {
	return values{
		"metadata": values{"name": name, "namespace": "shop", "annotations": values{"pulumi.com/waitFor": "jsonpath={.status.id}"}},
		"spec": values{
			"name": name, "type": "metric", "timeframe": "30d", "targetThreshold": "99.9", "query": values{"numerator": numerator, "denominator": "sum:a{*}.as_count()"},
		},
	}
}

// What is said to Datadog waits for whoever takes it there, for his keys, and for what Datadog says to it.
func TestDatadogIsAskedByItsOperator(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{roomy()}})
	const good = "sum:a{b:c}.as_count()"
	i.refused("before its definition", i.create(objectiveType, objective("a", good)), "NoMatch", "DatadogSLO")
	i.have(releaseType, datadogs())
	i.refused("without keys", i.create(objectiveType, objective("a", good)), "Timeout", "empty API key and/or App key")
	i.have(keysType, values{"metadata": values{"name": "keys", "namespace": "shop"}, "stringData": values{"api-key": "x", "app-key": "y"}})
	i.have(objectiveType, objective("b", good))
	if id := i.get(objectiveType, "shop/b").Str("status.id"); id == "" {
		t.Error("nobody says what Datadog calls it")
	}
	i.refused("a query that Datadog does not read", i.create(objectiveType, objective("c", "avg:a{*}")), "Timeout", "a sum of counts is allowed")
	i.refused("a property that the kind does not have", i.create(objectiveType, values{
		"metadata": values{"name": "d", "namespace": "shop"}, "spec": values{"name": "d", "type": "metric", "timeframe": "30d", "targetThreshold": "99.9", "goal": 1.0},
	}), "Invalid", "goal")
}

// Agents go with what asks for them, and one of each kind is on each node, or as many as are asked for.
func TestAgentsAreMadeAsTheyAreAskedFor(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{roomy()}})
	i.have(releaseType, datadogs())
	i.have(agentType, values{
		"metadata": values{"name": "datadog", "namespace": "shop"}, "spec": values{
			"global":   values{"registry": "registry.datadoghq.com", "credentials": values{"apiSecret": values{"secretName": "keys"}}},
			"features": values{"otlp": values{"receiver": values{"protocols": values{"http": values{"enabled": true, "endpoint": "0.0.0.0:4318"}}}}},
			"override": values{
				"nodeAgent":    values{"image": values{"name": "agent", "tag": "7.81.2"}},
				"clusterAgent": values{"image": values{"name": "cluster-agent", "tag": "7.81.2"}, "replicas": 2.0, "createPodDisruptionBudget": true},
			},
		},
	})
	i.want("on nodes", i.ids("kubernetes:apps/v1:DaemonSet"), "shop/datadog-agent")
	i.want("its ways", i.ids("kubernetes:core/v1:Service"), "shop/datadog-cluster-agent shop/datadog-agent")
	i.want("its budget", i.ids("kubernetes:policy/v1:PodDisruptionBudget"), "shop/datadog-cluster-agent-pdb")
	if got := i.get("kubernetes:apps/v1:Deployment", "shop/datadog-cluster-agent").Num("spec.replicas"); got != 2 {
		t.Errorf("%g agents of the cluster, want 2", got)
	}
	if err := i.delete(agentType, "shop/datadog"); err != nil {
		t.Fatal(err)
	}
	i.want("on nodes afterwards", i.ids("kubernetes:apps/v1:DaemonSet"), "")
}
