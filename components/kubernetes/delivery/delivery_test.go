package delivery_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/delivery"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/system"
	"platform/components/network"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "delivery", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

// around is a cluster whose API answers and asks at one range.
func around() flows.Around {
	way := network.At([]int{443}, "10.16.64.0/18")
	return flows.Around{API: cluster.API{Way: way, From: way.Ranges}}
}

func labels() values {
	out := values{}
	for key, value := range owned {
		out[key] = value
	}
	return out
}

func from(key string) bridge.Source {
	return bridge.Source{Store: pulumi.Map{"vault": pulumi.Map{"account": pulumi.String("secrets")}}, Key: pulumi.String(key)}
}

func space(name string) pulumi.StringInput { return pulumi.String(name).ToStringOutput() }

func valid() delivery.Args {
	return delivery.Args{
		Environment: "dev", Folder: "dev", Host: "delivery.dev.example.com", Replicas: 2, SelfHeal: true,
		SSO:       delivery.SSO{Issuer: "https://login.example.com/", ClientID: "delivery", Scopes: []string{"openid", "groups"}, Secret: from("dev-sso")},
		Git:       delivery.Git{URL: "https://git.example.com/", Username: "platform", Secret: from("dev-git")},
		Operators: []string{"operators@example.com"},
		Teams: map[string]delivery.Team{
			"checkout": {Groups: []string{"checkout@example.com"}, Repository: "https://git.example.com/checkout/deploy.git"},
			"payments": {Groups: []string{"payments, and others"}, Repository: "https://git.example.com/payments/deploy.git"},
		},
		Services: map[string]delivery.Service{
			"orders":   {Team: "checkout", Namespace: space("orders")},
			"ledger":   {Team: "payments", Namespace: space("ledger")},
			"payments": {Team: "payments", Namespace: space("payments")},
		},
		Annotations: pulumi.StringMap{"identity": pulumi.String("delivery")}, Around: around(), Tags: owned,
	}
}

func recorded(t *testing.T, change func(*delivery.Args)) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		controller := &pulumi.ResourceState{}
		if err := ctx.RegisterComponentResourceV2("test:release:Release", "controller-of-secrets", pulumi.Map{}, controller); err != nil {
			return err
		}
		args := valid()
		args.After = []pulumi.Resource{controller}
		change(&args)
		made, err := delivery.New(ctx, "delivery", args)
		if err == nil && made.Applications == nil {
			t.Error("the applications are not handed out")
		}
		return err
	})
}

func whole(t *testing.T) record.Resources {
	t.Helper()
	got, err := recorded(t, func(*delivery.Args) {})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

const (
	release     = chart.Token + " delivery-release"
	application = "kubernetes:argoproj.io/v1alpha1:ApplicationSet delivery-services"
)

func asks(cpu, memory string) values {
	return values{"requests": values{"cpu": cpu, "memory": memory}, "limits": values{"memory": memory}}
}

func rule(group string, resources []any, verbs ...any) values {
	return values{"apiGroups": []any{group}, "resources": resources, "verbs": verbs}
}

// tolerations are those of the system pool.
func tolerations() []any {
	var out []any
	for _, t := range system.Pool().Tolerations {
		out = append(out, values{"key": t.Key, "operator": t.Operator, "effect": t.Effect})
	}
	return out
}

func TestArgoCDIsReleasedWithExactlyTheseValues(t *testing.T) {
	reading := func(more ...any) values {
		return values{"enabled": true, "rules": append([]any{
			rule("", []any{"configmaps", "services", "pods"}, "get", "list", "watch"),
			rule("apps", []any{"deployments", "replicasets"}, "get", "list", "watch"),
			rule("batch", []any{"cronjobs", "jobs"}, "get", "list", "watch"),
			rule("", []any{"events"}, "list", "watch"),
		}, more...)}
	}
	one := values{"enabled": true, "maxUnavailable": 1}
	record.Exactly(t, whole(t), release, values{
		"name": "argocd", "chart": "argo-cd", "version": chart.ArgoCD.Version, "repositoryOpts": values{"repo": chart.ArgoCD.Repository},
		"namespace": "delivery", "createNamespace": false, "atomic": true, "skipAwait": false, "cleanupOnFail": true, "timeout": 600,
		"maxHistory": 5, "compat": "true",
		"values": values{
			"fullnameOverride": "argocd",
			"global": values{
				"domain": "delivery.dev.example.com", "additionalLabels": labels(), "podLabels": labels(),
				"networkPolicy": values{"create": false}, "nodeSelector": values{"platform/system": "true"},
				"tolerations": tolerations(),
			},
			"configs": values{
				"cm": values{
					"admin.enabled": false, "users.anonymous.enabled": false, "exec.enabled": false,
					"oidc.config": "name: SSO\nissuer: \"https://login.example.com/\"\nclientID: \"delivery\"\nclientSecret: $sso:clientSecret\n" +
						"requestedScopes: [\"openid\", \"groups\"]\n",
					"resource.inclusions": "- apiGroups: [\"\"]\n  kinds: [ConfigMap, Service, Pod]\n  clusters: [\"*\"]\n" +
						"- apiGroups: [\"apps\"]\n  kinds: [Deployment, ReplicaSet]\n  clusters: [\"*\"]\n" +
						"- apiGroups: [\"batch\"]\n  kinds: [CronJob, Job]\n  clusters: [\"*\"]\n",
					"resource.respectRBAC": "normal", "application.resourceTrackingMethod": "annotation",
				},
				"params": values{"server.insecure": false},
				"rbac": values{"policy.default": "", "scopes": "[groups]", "policy.csv": `p, role:team-checkout, applications, get, checkout/*, allow
p, role:team-checkout, applications, sync, checkout/*, allow
p, role:team-checkout, applications, action/apps/Deployment/restart, checkout/*, allow
p, role:team-checkout, logs, get, checkout/*, allow
p, role:team-checkout, projects, get, checkout, allow
g, "checkout@example.com", role:team-checkout
p, role:team-payments, applications, get, payments/*, allow
p, role:team-payments, applications, sync, payments/*, allow
p, role:team-payments, applications, action/apps/Deployment/restart, payments/*, allow
p, role:team-payments, logs, get, payments/*, allow
p, role:team-payments, projects, get, payments, allow
g, "payments, and others", role:team-payments
p, role:operators, applications, get, */*, allow
p, role:operators, applications, sync, */*, allow
p, role:operators, applications, action/apps/Deployment/restart, */*, allow
p, role:operators, logs, get, */*, allow
p, role:operators, projects, get, *, allow
g, "operators@example.com", role:operators
`},
			},
			"controller": values{
				"replicas": 1, "resources": asks("250m", "768Mi"), "serviceAccount": values{"name": "argocd-application-controller"},
				"clusterRoleRules": reading(), "metrics": values{"enabled": true},
			},
			"server": values{
				"replicas": 2, "pdb": one, "resources": asks("50m", "192Mi"), "serviceAccount": values{"name": "argocd-server"},
				"clusterRoleRules": reading(rule("", []any{"pods/log"}, "get")),
			},
			"repoServer": values{
				"replicas": 2, "pdb": one, "resources": asks("100m", "384Mi"), "automountServiceAccountToken": false,
				"copyutil": values{"resources": asks("10m", "64Mi")},
			},
			"applicationSet":  values{"replicas": 2, "pdb": one, "resources": asks("50m", "192Mi")},
			"redis":           values{"resources": asks("50m", "128Mi"), "automountServiceAccountToken": false},
			"redisSecretInit": values{"resources": asks("10m", "64Mi")},
			"dex":             values{"enabled": false}, "notifications": values{"enabled": false},
		},
	})
}

func TestASingleReplicaIsKeptFromNoDrain(t *testing.T) {
	got, err := recorded(t, func(a *delivery.Args) { a.Replicas = 1 })
	if err != nil {
		t.Fatal(err)
	}
	server := got[release]["values"].ObjectValue()["server"].ObjectValue()
	if server["replicas"].NumberValue() != 1 || server.HasValue("pdb") {
		t.Errorf("the server is %v", server)
	}
}

func TestItsSecretsAreReferences(t *testing.T) {
	got := whole(t)
	record.Exactly(t, got, "kubernetes:core/v1:ServiceAccount delivery-account", values{
		"apiVersion": "v1", "kind": "ServiceAccount", "automountServiceAccountToken": false,
		"metadata": values{"name": "secrets", "namespace": "delivery", "labels": labels(), "annotations": values{"identity": "delivery"}},
	})
	for name, want := range map[string]struct {
		label, value string
		data         values
	}{
		"sso": {"app.kubernetes.io/part-of", "argocd", values{"clientSecret": "{{ .value }}"}},
		"git": {"argocd.argoproj.io/secret-type", "repo-creds", values{
			"type": "git", "url": "https://git.example.com/", "username": "platform", "password": "{{ .value }}",
		}},
	} {
		found := labels()
		found[want.label] = want.value
		metadata := values{"name": name, "namespace": "delivery", "labels": labels()}
		record.Exactly(t, got, "kubernetes:external-secrets.io/v1:SecretStore delivery-"+name+"-store", values{
			"apiVersion": "external-secrets.io/v1", "kind": "SecretStore", "metadata": metadata,
			"spec": values{"provider": values{"vault": values{"account": "secrets"}}},
		})
		record.Exactly(t, got, "kubernetes:external-secrets.io/v1:ExternalSecret delivery-"+name+"-secret", values{
			"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": metadata,
			"spec": values{
				"refreshInterval": "1h0m0s", "secretStoreRef": values{"kind": "SecretStore", "name": name},
				"target": values{
					"name": name, "creationPolicy": "Owner", "deletionPolicy": "Retain",
					"template": values{"engineVersion": "v2", "metadata": values{"labels": found}, "data": want.data},
				},
				"data": []any{values{"secretKey": "value", "remoteRef": values{"key": "dev-" + name}}},
			},
		})
	}
}

func TestEachServiceIsAnApplicationOutOfGit(t *testing.T) {
	got := whole(t)
	element := func(service, team string) values {
		return values{
			"service": service, "team": team, "namespace": service, "repository": "https://git.example.com/" + team + "/deploy.git",
			"path": service + "/dev",
		}
	}
	record.Exactly(t, got, application, values{
		"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet",
		"metadata": values{"name": "services", "namespace": "delivery", "labels": labels()},
		"spec": values{
			"goTemplate": true, "goTemplateOptions": []any{"missingkey=error"}, "syncPolicy": values{"applicationsSync": "sync"},
			"generators": []any{values{"list": values{"elements": []any{
				element("ledger", "payments"), element("orders", "checkout"), element("payments", "payments"),
			}}}},
			"template": values{
				"metadata": values{
					"name": "{{ .service }}", "finalizers": []any{"resources-finalizer.argocd.argoproj.io"},
					"labels": values{"team": "{{ .team }}", "service": "{{ .service }}", "environment": "dev"},
				},
				"spec": values{
					"project":     "{{ .team }}",
					"source":      values{"repoURL": "{{ .repository }}", "path": "{{ .path }}", "targetRevision": "HEAD"},
					"destination": values{"server": "https://kubernetes.default.svc", "namespace": "{{ .namespace }}"},
					"syncPolicy": values{
						"automated":   values{"prune": true, "selfHeal": true},
						"syncOptions": []any{"CreateNamespace=false", "FailOnSharedResource=true", "RespectIgnoreDifferences=true", "ServerSideApply=true"},
						"retry":       values{"limit": 5, "backoff": values{"duration": "5s", "factor": 2, "maxDuration": "3m"}},
					},
					"ignoreDifferences": []any{values{"group": "apps", "kind": "Deployment", "jsonPointers": []any{"/spec/replicas"}}},
				},
			},
		},
	})
}

func TestWithoutSelfHealingADifferenceStays(t *testing.T) {
	got, err := recorded(t, func(a *delivery.Args) { a.SelfHeal = false })
	if err != nil {
		t.Fatal(err)
	}
	policy := got[application]["spec"].ObjectValue()["template"].ObjectValue()["spec"].ObjectValue()["syncPolicy"].ObjectValue()
	if policy.HasValue("automated") || policy.HasValue("retry") {
		t.Errorf("the policy is %v", policy)
	}
}

func TestArgoCDWritesInServicesNamespacesAlone(t *testing.T) {
	got := whole(t)
	const may = "platform-deliver"
	writes := []any{"create", "update", "patch", "delete"}
	record.Exactly(t, got, "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole delivery-deliver", values{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": values{"name": may, "labels": labels()},
		"rules": []any{
			rule("", []any{"configmaps", "services"}, writes...), rule("apps", []any{"deployments"}, writes...), rule("batch", []any{"cronjobs", "jobs"}, writes...),
		},
	})
	subject := func(name string) values {
		return values{"kind": "ServiceAccount", "name": name, "namespace": "delivery"}
	}
	for _, service := range []string{"ledger", "orders", "payments"} {
		record.Exactly(t, got, "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding delivery-deliver-"+service, values{
			"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
			"metadata": values{"name": may, "namespace": service, "labels": labels()},
			"roleRef":  values{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": may},
			"subjects": []any{subject("argocd-application-controller"), subject("argocd-server")},
		})
	}
	if n := record.Count(got, "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"); n != 3 {
		t.Errorf("%d bindings, want 3", n)
	}
	if n := record.Count(got, "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"); n != 0 {
		t.Errorf("%d bindings in the whole cluster", n)
	}
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	got, err := recorded(t, func(a *delivery.Args) {
		a.Environment, a.Host, a.Replicas, a.After, a.Tags = "Dev", "Delivery", 0, nil, owned.With(tags.Team, "")
		a.SSO, a.Git = delivery.SSO{Issuer: "http://login.example.com"}, delivery.Git{URL: "https://git.example.com"}
		a.Operators = []string{"a\"\ng, everybody"}
		a.Teams = map[string]delivery.Team{
			"a": {Repository: "https://git.example.com/a.git", Groups: []string{""}}, "b": {Repository: "https://git.example.com/a.git"},
			"c": {Repository: "https://git.example.com*"}, "d": {Repository: "https://other.example.com/d.git"}, "default": {Repository: "https://git.example.com/e.git"},
		}
		a.Services = map[string]delivery.Service{"Web": {Team: "nobody"}}
	})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`environment: value "Dev"`, `host: value "Delivery"`, `replicas: value "0"`, `sso.issuer: value "http://login.example.com"`, `sso.clientID: value ""`,
		`sso.scopes: value "[]"`, "sso.secret: a store", `git.url: value "https://git.example.com"`, `git.username: value ""`, "git.secret: a store",
		"operators[0]: value", `teams.a.groups[0]: value ""`, `teams.b.repository: value "https://git.example.com/a.git": a repository is of one team`,
		`teams.c.repository: value "https://git.example.com*"`, `teams.d.repository: value "https://other.example.com/d.git"`, `teams: value "default"`,
		`services: value "Web"`, `services.Web.team: value "nobody"`, "services.Web.namespace: none", "after: none is given", `tags.team: value ""`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if record.Count(got, "kubernetes:core/v1:Namespace")+record.Count(got, chart.Token) != 0 {
		t.Errorf("registered: %v", got)
	}
}
