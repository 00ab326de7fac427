package kubernetes_test

import (
	"maps"
	"strings"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	quotaType    = "kubernetes:core/v1:ResourceQuota"
	limitsType   = "kubernetes:core/v1:LimitRange"
	podType      = "kubernetes:core/v1:Pod"
	priorityType = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
	bindingType  = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
)

// guarded is a cluster whose namespace shop has a standard, limits and quotas as a service's has.
func guarded(t *testing.T) *inside {
	t.Helper()
	p, store, c := clusterOf(t, &fake{pools: []controller.Pool{node()}})
	i := &inside{t: t, p: p, store: store, c: c}
	i.have(namespaceType, values{"metadata": values{"name": "shop", "labels": values{
		"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "latest",
	}}})
	in := func(name string) values { return values{"name": name, "namespace": "shop"} }
	i.have(limitsType, values{"metadata": in("service"), "spec": values{"limits": []any{values{
		"type": "Container", "defaultRequest": values{"cpu": "100m", "memory": "64Mi"},
		"default": values{"cpu": "400m", "memory": "64Mi"}, "max": values{"cpu": "400m", "memory": "64Mi"},
	}}}})
	i.have(quotaType, values{"metadata": in("service"), "spec": values{"hard": values{
		"pods": "2", "requests.cpu": "200m", "limits.cpu": "800m", "services.loadbalancers": "0", "persistentvolumeclaims": "0",
	}}})
	i.have(quotaType, values{"metadata": in("critical"), "spec": values{"hard": values{"pods": "0"}, "scopeSelector": values{
		"matchExpressions": []any{values{"scopeName": "PriorityClass", "operator": "In", "values": []any{"system-cluster-critical"}}},
	}}})
	i.have(priorityType, values{"metadata": values{"name": "service"}, "value": 1000.0})
	return i
}

// restricted is a pod that asks for nothing that a service does not need.
func restricted() values {
	return values{
		"securityContext": values{"runAsNonRoot": true, "seccompProfile": values{"type": "RuntimeDefault"}},
		"containers": []any{values{
			"name": "main", "image": "registry.example.com/main:1",
			"securityContext": values{"allowPrivilegeEscalation": false, "capabilities": values{"drop": []any{"ALL"}}},
		}},
	}
}

func container(spec values) values { return spec["containers"].([]any)[0].(values) }

func TestAdmissionRefusesWhatANamespaceDoesNotAllow(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(spec values)
		want   string // of the refusal; "" admits
	}{
		{"a restricted pod", func(values) {}, ""},
		{"a known priority", func(s values) { s["priorityClassName"] = "service" }, ""},
		{
			"a pod that may gain privileges", func(s values) { delete(container(s), "securityContext") },
			`violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false`,
		},
		{
			"a pod that may be root", func(s values) { delete(s, "securityContext") },
			`violates PodSecurity "restricted:latest": runAsNonRoot != true`,
		},
		{"a part of the node", func(s values) { s["hostNetwork"] = true }, "host namespaces (hostNetwork=true)"},
		{"an unknown priority", func(s values) { s["priorityClassName"] = "utmost" }, "no PriorityClass with name utmost was found"},
		{
			"the priority of the cluster's own parts", func(s values) { s["priorityClassName"] = "system-cluster-critical" },
			"exceeded quota: critical, requested: pods=1, used: pods=0, limited: pods=0",
		},
		{
			"more than a container may have", func(s values) { container(s)["resources"] = values{"limits": values{"memory": "1Gi"}} },
			"maximum memory usage per Container is 64Mi, but limit is 1Gi",
		},
		{
			"more than is left", func(s values) { container(s)["resources"] = values{"requests": values{"cpu": "300m"}} },
			"exceeded quota: service, requested: requests.cpu=300m, used: requests.cpu=0, limited: requests.cpu=200m",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			i := guarded(t)
			spec := restricted()
			test.change(spec)
			err := i.create(podType, values{"metadata": values{"name": "one", "namespace": "shop"}, "spec": maps.Clone(spec)})
			deployed := values{"metadata": values{"name": "some", "namespace": "shop"}, "spec": values{
				"replicas": 1.0, "selector": values{"matchLabels": values{"app": "x"}},
				"template": values{"metadata": values{"labels": values{"app": "x"}}, "spec": spec},
			}}
			if test.want == "" {
				if err != nil {
					t.Errorf("the pod is refused: %v", err)
				}
				i.have(workloadType, deployed)
				i.want("the Deployment waits", i.get(workloadType, "shop/some").Str(controller.Waits), "")
				return
			}
			i.refused("the pod", err, "Forbidden", test.want)
			i.want("what is left of it", i.ids(podType), "")
			i.have(workloadType, deployed)
			if got := i.get(workloadType, "shop/some").Str(controller.Waits); !strings.HasPrefix(got, `Error creating: pods "some-" is forbidden: `) || !strings.Contains(got, test.want) {
				t.Errorf("the Deployment waits for %q, want %q", got, test.want)
			}
		})
	}
}

func TestAQuotaCountsWhatIsThere(t *testing.T) {
	i := guarded(t)
	deployed := workload("some", "", 3)
	deployed["spec"].(values)["template"].(values)["spec"] = restricted()
	i.have(workloadType, deployed)
	i.want("the third pod", i.get(workloadType, "shop/some").Str(controller.Waits),
		`Error creating: pods "some-" is forbidden: exceeded quota: service, requested: limits.cpu=400m,pods=1,requests.cpu=100m, `+
			`used: limits.cpu=800m,pods=2,requests.cpu=200m, limited: limits.cpu=800m,pods=2,requests.cpu=200m`)
	i.refused("a load balancer", i.create(serviceType, balanced("front")), "Forbidden",
		`services "front" is forbidden: exceeded quota: service, requested: services.loadbalancers=1`)
	i.refused("a claim", i.create(claimType, claim("data")), "Forbidden", "persistentvolumeclaims=1")
	s := set("db", 1)
	s["spec"].(values)["template"].(values)["spec"] = restricted()
	if err := i.delete(workloadType, "shop/some"); err != nil {
		t.Fatal(err)
	}
	i.have(setType, s)
	if got := i.get(setType, "shop/db").Str(controller.Waits); !strings.Contains(got, `persistentvolumeclaims "data-db-0" is forbidden`) {
		t.Errorf("the StatefulSet waits for %q, want its claim", got)
	}
}

func TestAPodMustSayWhatAQuotaCounts(t *testing.T) {
	i := guarded(t)
	if err := i.delete(limitsType, "shop/service"); err != nil {
		t.Fatal(err)
	}
	i.refused("a pod that says nothing", i.create(podType, values{"metadata": values{"name": "one", "namespace": "shop"}, "spec": restricted()}),
		"Forbidden", "failed quota: service: must specify limits.cpu")
}

func TestAClaimOfAnUnknownClassWaits(t *testing.T) {
	i := in(t, &fake{pools: []controller.Pool{node()}})
	misspelt := claim("data")
	misspelt["spec"].(values)["storageClassName"] = "encryptd"
	i.have(claimType, misspelt)
	i.want("the claim", i.get(claimType, "shop/data").Str(controller.Waits), `storageclass.storage.k8s.io "encryptd" not found`)
}

func TestABindingOfAMissingRoleWaits(t *testing.T) {
	i := in(t, &fake{})
	bound := func(name, kind, role string) values {
		return values{
			"metadata": values{"name": name, "namespace": "shop"},
			"roleRef":  values{"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role},
			"subjects": []any{values{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "people"}},
		}
	}
	i.have(bindingType, bound("views", "ClusterRole", "view"))
	i.have(bindingType, bound("operates", "Role", "operate"))
	i.want("of Kubernetes' own role", i.get(bindingType, "shop/views").Str(controller.Waits), "")
	i.want("of a role that is not there", i.get(bindingType, "shop/operates").Str(controller.Waits), `roles.rbac.authorization.k8s.io "operate" not found`)
	i.have("kubernetes:rbac.authorization.k8s.io/v1:Role", values{"metadata": values{"name": "operate", "namespace": "shop"}})
	i.want("when it is there", i.get(bindingType, "shop/operates").Str(controller.Waits), "")
}

func TestAFieldThatCannotBeChangedIsRefused(t *testing.T) {
	i := guarded(t)
	update := func(change values) error {
		return i.store.Update("update", func(tx *cloud.Tx) error {
			o := tx.Get(priorityType, "dev/service")
			inputs := maps.Clone(o.Inputs)
			maps.Copy(inputs, change)
			return i.p.Update(tx, i.c, o, inputs)
		})
	}
	i.refused("the value of a class", update(values{"value": 1.0}), "Invalid", `PriorityClass "service" is invalid: value: Forbidden: field is immutable`)
	if err := update(values{"description": "another"}); err != nil {
		t.Errorf("its description: %v", err)
	}
}

func TestTheProviderReplacesOnlyWhatItKnowsToBeFixed(t *testing.T) {
	p, _, _ := cluster(t)
	for _, test := range []struct {
		typ, path string
		replace   bool
	}{
		{workloadType, "selector", true}, {workloadType, "replicas", false}, {setType, "serviceName", true}, {quotaType, "hard", false},
	} {
		result, err := p.Diff(cloud.DiffRequest{
			Type: test.typ, Old: values{"spec": values{test.path: "a"}}, New: values{"spec": values{test.path: "b"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Changes) != 1 || result.Changes[0].Replace != test.replace {
			t.Errorf("%s of %s: got %v, want replace %v", test.path, test.typ, result.Changes, test.replace)
		}
	}
}
