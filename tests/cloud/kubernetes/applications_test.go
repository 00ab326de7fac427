package kubernetes_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	setsType        = "kubernetes:argoproj.io/v1alpha1:ApplicationSet"
	applicationType = "kubernetes:argoproj.io/v1alpha1:Application"
	projectType     = "kubernetes:argoproj.io/v1alpha1:AppProject"
	secretType      = "kubernetes:core/v1:Secret"
	accountType     = "kubernetes:core/v1:ServiceAccount"
	clusterRoleType = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
	scalerType      = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
	repository      = "https://git.example.com/shop/deploy.git"
)

const manifests = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      serviceAccountName: shop
      containers: [{name: shop, image: registry.example.com/shop:1, envFrom: [{configMapRef: {name: platform}}]}]
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 8080}]}
`

// delivery is a cluster with Argo CD, a project of a team and a place for its service.
type delivery struct {
	*inside
	fake *fake
}

func read(verbs ...any) values {
	return values{"enabled": true, "rules": []any{values{"apiGroups": []any{"apps"}, "resources": []any{"deployments"}, "verbs": verbs}}}
}

// delivers makes all that a delivery needs but what is left out, by its name.
func delivers(t *testing.T, text string, without ...string) delivery {
	t.Helper()
	pool := controller.Pool{Name: "general", Min: 1, Max: 3, Size: 1, MilliCPU: 16000, MemoryMiB: 32768, Pods: 110}
	f := &fake{pools: []controller.Pool{pool}}
	d := delivery{in(t, f), f}
	d.repository(text)
	left := func(name string) bool { return slices.Contains(without, name) }
	in := func(namespace, name string) values { return values{"namespace": namespace, "name": name} }
	have := func(name, typ string, inputs values) {
		if !left(name) {
			d.have(typ, inputs)
		}
	}
	have("", namespaceType, values{"metadata": values{"name": "delivery"}})
	have("", releaseType, values{
		"chart": "argo-cd", "name": "argocd", "namespace": "delivery", "version": "10.8.0",
		"repositoryOpts": values{"repo": "https://argoproj.github.io/argo-helm"},
		"values": values{
			"fullnameOverride": "argocd", "controller": values{"clusterRoleRules": read("get", "list", "watch")},
			"server": values{"clusterRoleRules": read("get", "list", "watch")},
		},
	})
	metadata := in("delivery", "git")
	metadata["labels"] = values{"argocd.argoproj.io/secret-type": "repo-creds"}
	have("credentials", secretType, values{"metadata": metadata, "stringData": values{"url": "https://git.example.com/", "password": "x"}})
	have("", clusterRoleType, values{"metadata": values{"name": "deliver"}, "rules": []any{values{
		"apiGroups": []any{"", "apps"}, "resources": []any{"services", "deployments", "configmaps"}, "verbs": []any{"create", "patch", "delete"},
	}}})
	have("binding", bindingType, values{
		"metadata": in("shop", "deliver"), "roleRef": values{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "deliver"},
		"subjects": []any{values{"kind": "ServiceAccount", "namespace": "delivery", "name": "argocd-application-controller"}},
	})
	have("account", accountType, values{"metadata": in("shop", "shop")})
	have("values", configType, values{"metadata": in("shop", "platform"), "data": values{"IDENTITY": "me"}})
	spec := values{"namespaceResourceWhitelist": []any{
		values{"group": "apps", "kind": "Deployment"}, values{"group": "", "kind": "Service"}, values{"group": "", "kind": "ConfigMap"},
	}}
	if !left("source") {
		spec["sourceRepos"] = []any{repository}
	}
	if !left("destination") {
		spec["destinations"] = []any{values{"server": "https://kubernetes.default.svc", "namespace": "shop"}}
	}
	have("project", projectType, values{"metadata": in("delivery", "shop"), "spec": spec})
	return d
}

func (d delivery) repository(text string) {
	d.p.Repositories = map[string]fs.FS{repository: fstest.MapFS{"shop/dev/all.yaml": &fstest.MapFile{Data: []byte(text)}}}
}

// sets is a set of applications, one for each of some services.
func sets(path string, services ...string) values {
	elements := []any{}
	for _, name := range services {
		elements = append(elements, values{"service": name, "path": path})
	}
	return values{"metadata": values{"namespace": "delivery", "name": "services"}, "spec": values{
		"goTemplate": true, "goTemplateOptions": []any{"missingkey=error"}, "syncPolicy": values{"applicationsSync": "sync"},
		"generators": []any{values{"list": values{"elements": elements}}},
		"template": values{
			"metadata": values{"name": "{{ .service }}", "finalizers": []any{"resources-finalizer.argocd.argoproj.io"}},
			"spec": values{
				"project": "shop", "source": values{"repoURL": repository, "path": "{{ .path }}", "targetRevision": "HEAD"},
				"destination":       values{"server": "https://kubernetes.default.svc", "namespace": "shop"},
				"syncPolicy":        values{"automated": values{"prune": true, "selfHeal": true}, "syncOptions": []any{"ServerSideApply=true"}},
				"ignoreDifferences": []any{values{"group": "apps", "kind": "Deployment", "jsonPointers": []any{"/spec/replicas"}}},
			},
		},
	}}
}

// set changes the set of applications.
func (d delivery) set(inputs values) error {
	inputs["apiVersion"], inputs["kind"] = "argoproj.io/v1alpha1", "ApplicationSet"
	return d.store.Update("update", func(t *cloud.Tx) error { return d.p.Update(t, d.c, t.Get(setsType, "dev/delivery/services"), inputs) })
}

func (d delivery) sets(inputs values) {
	d.t.Helper()
	if err := d.set(inputs); err != nil {
		d.t.Fatal(err)
	}
}

func TestArgoCDBringsWhatGitSaysAndTakesItAlong(t *testing.T) {
	d := delivers(t, manifests)
	d.have(setsType, sets("shop/dev", "shop"))
	d.want("the set waits", d.waits(setsType, "delivery/services"), "")
	d.want("the application waits", d.waits(applicationType, "delivery/shop"), "")
	d.want("it is", d.get(applicationType, "delivery/shop").Str("sync"), "Synced")
	d.want("the pods wait", d.waits(workloadType, "shop/shop"), "")
	d.want("what tracks them", d.get(workloadType, "shop/shop").Str("metadata.annotations."+"argocd.argoproj.io/tracking-id"), "shop:apps/Deployment:shop/shop")

	d.have(scalerType, values{"metadata": values{"namespace": "shop", "name": "shop"}, "spec": values{
		"minReplicas": 3.0, "maxReplicas": 5.0, "scaleTargetRef": values{"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"},
	}})
	if n := d.get(workloadType, "shop/shop").Num("spec.replicas"); n != 3 {
		t.Errorf("%v pods run, and the scaler says 3", n)
	}
	if err := d.store.Update("by hand", func(t *cloud.Tx) error {
		t.Remove(cloud.Key{Type: serviceType, ID: "dev/shop/shop"})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	d.sets(sets("shop/dev", "shop"))
	if d.get(serviceType, "shop/shop") == nil {
		t.Error("what somebody took away by hand is not back")
	}
	if n := d.get(workloadType, "shop/shop").Num("spec.replicas"); n != 3 {
		t.Errorf("Git undoes the scaler: %v pods", n)
	}
	d.repository(strings.Split(manifests, "---")[0])
	d.sets(sets("shop/dev", "shop"))
	if d.get(serviceType, "shop/shop") != nil {
		t.Error("what is no longer in Git is there")
	}
	d.sets(sets("shop/dev"))
	d.want("applications of no element", d.ids(applicationType), "")
	if d.get(workloadType, "shop/shop") != nil {
		t.Error("what an application brought outlives it")
	}
	d.sets(sets("shop/dev", "shop"))
	if err := d.delete(setsType, "delivery/services"); err != nil {
		t.Fatal(err)
	}
	d.want("applications without their set", d.ids(applicationType), "")
	if d.get(workloadType, "shop/shop") != nil {
		t.Error("what a set's applications brought outlives it")
	}
}

func TestWithoutArgoCDNothingTakesAlongWhatItBrought(t *testing.T) {
	d := delivers(t, manifests)
	d.have(setsType, sets("shop/dev", "shop"))
	if err := d.delete(releaseType, "delivery/argocd"); err != nil {
		t.Fatal(err)
	}
	d.refused("the set, after Argo CD", d.delete(setsType, "delivery/services"), "Timeout", "resources-finalizer.argocd.argoproj.io")
	d.want("applications", d.ids(applicationType), "delivery/shop")
	if d.get(workloadType, "shop/shop") == nil {
		t.Error("what the application brought is gone")
	}
	d.refused("the service's namespace does not wait, the delivery's does", d.delete(namespaceType, "delivery"), "Timeout", "resources-finalizer")
	if err := d.delete(namespaceType, "shop"); err != nil {
		t.Errorf("the namespace of what was brought: %v", err)
	}
	if d.get(workloadType, "shop/shop") != nil {
		t.Error("what was brought outlives its namespace")
	}
}

func TestArgoCDRefusesInItsOwnWords(t *testing.T) {
	for name, test := range map[string]struct {
		without []string
		text    string
		path    string
		want    string
	}{
		"no project":     {without: []string{"project"}, want: "InvalidSpecError: Application referencing project shop which does not exist"},
		"no credentials": {without: []string{"credentials"}, want: "ComparisonError: failed to list refs: authentication required: " + repository},
		"another's repository": {
			without: []string{"source"}, want: "InvalidSpecError: application repo " + repository + " is not permitted in project 'shop'",
		},
		"another's namespace": {
			without: []string{"destination"},
			want:    "application destination server 'https://kubernetes.default.svc' and namespace 'shop' do not match any of the allowed destinations in project 'shop'",
		},
		"another's namespace in a manifest": {
			text: strings.ReplaceAll(manifests, "metadata: {name: shop}", "metadata: {name: shop, namespace: delivery}"), want: "namespace delivery is not permitted in project 'shop'",
		},
		"a kind that is not let through": {
			text: "apiVersion: v1\nkind: Secret\nmetadata: {name: shop}\n", want: "resource :Secret is not permitted in project shop",
		},
		"a kind of the cluster": {
			text: "apiVersion: v1\nkind: Namespace\nmetadata: {name: more}\n", want: "resource :Namespace is not permitted in project shop",
		},
		"no folder":         {path: "shop/prod", want: "ComparisonError: shop/prod: app path does not exist"},
		"what is no object": {text: "a: [b\n", want: `Failed to unmarshal "all.yaml"`},
		"a misspelt field":  {text: strings.ReplaceAll(manifests, "selector: {app", "selectors: {app"), want: "selectors"},
		"an account that may only read": {
			without: []string{"binding"},
			want: `deployments.apps is forbidden: User "system:serviceaccount:delivery:argocd-application-controller" cannot create resource "deployments" ` +
				`in API group "apps" in the namespace "shop"`,
		},
		"what is the platform's": {
			text: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: platform}\n", want: "shop/platform is the platform's own",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if test.text == "" {
				test.text = manifests
			}
			if test.path == "" {
				test.path = "shop/dev"
			}
			d := delivers(t, test.text, test.without...)
			d.have(setsType, sets(test.path, "shop"))
			if got := d.waits(applicationType, "delivery/shop"); !strings.Contains(got, test.want) {
				t.Errorf("the application waits for %q, want %q", got, test.want)
			}
			if d.get(workloadType, "shop/shop") != nil || d.get(serviceType, "shop/shop") != nil {
				t.Error("something was brought")
			}
		})
	}
}

func TestPodsNeedWhatTheyName(t *testing.T) {
	d := delivers(t, manifests, "account", "values")
	d.have(setsType, sets("shop/dev", "shop"))
	d.want("without an account", d.waits(workloadType, "shop/shop"),
		`Error creating: pods "shop-" is forbidden: error looking up service account shop/shop: serviceaccount "shop" not found`)
	d.have(accountType, values{"metadata": values{"namespace": "shop", "name": "shop"}})
	d.want("without values", d.waits(workloadType, "shop/shop"), `CreateContainerConfigError: configmap "platform" not found`)
	d.have(configType, values{"metadata": values{"namespace": "shop", "name": "platform"}, "data": values{"IDENTITY": "me"}})
	d.want("with all", d.waits(workloadType, "shop/shop"), "")
	if err := d.delete(configType, "shop/platform"); err != nil {
		t.Fatal(err)
	}
	d.want("without values again", d.waits(workloadType, "shop/shop"), `CreateContainerConfigError: configmap "platform" not found`)
}

func TestASetThatCannotBeFilledMakesNothing(t *testing.T) {
	d := delivers(t, manifests)
	wrong := sets("shop/dev", "shop")
	wrong["spec"].(values)["template"].(values)["metadata"].(values)["name"] = "{{ .name }}"
	d.have(setsType, wrong)
	if got := d.waits(setsType, "delivery/services"); !strings.Contains(got, `map has no entry for key "name"`) {
		t.Errorf("the set waits for %q", got)
	}
	d.want("applications", d.ids(applicationType), "")
	d.sets(sets("shop/dev", "shop", "shop"))
	d.want("two of a name", d.waits(setsType, "delivery/services"), "ApplicationSet services contains applications with duplicate name: shop")
	git := sets("shop/dev")
	git["spec"].(values)["generators"] = []any{values{"git": values{"repoURL": repository, "revision": "HEAD", "directories": []any{values{"path": "*"}}}}}
	if err := d.set(git); err == nil || !strings.Contains(err.Error(), `unknown field "git", which is not simulated`) {
		t.Errorf("a generator that is not known: %v", err)
	}
}
