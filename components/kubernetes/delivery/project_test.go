package delivery_test

import (
	"encoding/csv"
	"path"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"platform/components/internal/record"
)

const project = "kubernetes:argoproj.io/v1alpha1:AppProject delivery-project-"

func TestEveryProjectIsExactlyThis(t *testing.T) {
	got := whole(t)
	kinds := []any{
		values{"group": "", "kind": "ConfigMap"}, values{"group": "", "kind": "Service"}, values{"group": "apps", "kind": "Deployment"},
		values{"group": "batch", "kind": "CronJob"}, values{"group": "batch", "kind": "Job"},
	}
	to := func(namespace string) values {
		return values{"server": "https://kubernetes.default.svc", "namespace": namespace}
	}
	for team, destinations := range map[string][]any{"checkout": {to("orders")}, "payments": {to("ledger"), to("payments")}} {
		record.Exactly(t, got, project+team, values{
			"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": values{"name": team, "namespace": "delivery", "labels": labels()},
			"spec": values{
				"description": "Services of team " + team, "sourceRepos": []any{"https://git.example.com/" + team + "/deploy.git"},
				"destinations": destinations, "namespaceResourceWhitelist": kinds,
			},
		})
	}
	record.Exactly(t, got, project+"default", values{
		"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
		"metadata": values{
			"name": "default", "namespace": "delivery", "labels": labels(), "annotations": values{"pulumi.com/patchForce": "true"},
		},
		"spec": values{
			"description": "Nobody's: nothing is let through", "sourceRepos": []any{}, "destinations": []any{},
			"namespaceResourceBlacklist": []any{values{"group": "*", "kind": "*"}},
		},
	})
}

// admitted is what a project lets through, by Argo CD's own rules: a namespace and a repository must be listed, a kind of
// the cluster must be listed, and so must one of a namespace's if there is a list; nothing may be on a list of what is
// refused. All may be patterns
// (https://github.com/argoproj/argo-cd/blob/v3.5.2/pkg/apis/application/v1alpha1/app_project_types.go, IsDestinationPermitted,
// IsSourcePermitted and IsGroupKindNamePermitted).
type admitted struct{ spec resource.PropertyMap }

func glob(pattern, text string) bool {
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(text, "/", "\x00"))
	return err == nil && ok
}

func (a admitted) entries(list string) []resource.PropertyMap {
	var out []resource.PropertyMap
	if a.spec.HasValue(resource.PropertyKey(list)) {
		for _, v := range a.spec[resource.PropertyKey(list)].ArrayValue() {
			out = append(out, v.ObjectValue())
		}
	}
	return out
}

func (a admitted) namespace(name string) bool {
	for _, d := range a.entries("destinations") {
		if glob(d["server"].StringValue(), "https://kubernetes.default.svc") && glob(d["namespace"].StringValue(), name) {
			return true
		}
	}
	return false
}

func (a admitted) repository(url string) bool {
	for _, r := range a.spec["sourceRepos"].ArrayValue() {
		if glob(r.StringValue(), url) {
			return true
		}
	}
	return false
}

func (a admitted) listed(list, group, kind string) bool {
	for _, e := range a.entries(list) {
		if glob(e["group"].StringValue(), group) && glob(e["kind"].StringValue(), kind) {
			return true
		}
	}
	return false
}

func (a admitted) kind(group, kind string, namespaced bool) bool {
	if namespaced {
		open := len(a.entries("namespaceResourceWhitelist")) == 0
		return (open || a.listed("namespaceResourceWhitelist", group, kind)) && !a.listed("namespaceResourceBlacklist", group, kind)
	}
	return a.listed("clusterResourceWhitelist", group, kind) && !a.listed("clusterResourceBlacklist", group, kind)
}

func TestEachTeamReachesOnlyWhatIsItsOwn(t *testing.T) {
	got, args := whole(t), valid()
	for team := range args.Teams {
		lets := admitted{got[project+team]["spec"].ObjectValue()}
		for service, entry := range args.Services {
			if lets.namespace(service) != (entry.Team == team) {
				t.Errorf("project %s lets through to %s: %v, and it is of %s", team, service, !(entry.Team == team), entry.Team)
			}
		}
		for _, space := range []string{"delivery", "kube-system", "default", "payments-2", ""} {
			if lets.namespace(space) {
				t.Errorf("project %s lets through to %q", team, space)
			}
		}
		for other, entry := range args.Teams {
			if lets.repository(entry.Repository) != (other == team) {
				t.Errorf("project %s takes the repository of %s", team, other)
			}
		}
		for _, refused := range []struct {
			group, kind string
			namespaced  bool
		}{
			{"", "Namespace", false}, {"rbac.authorization.k8s.io", "ClusterRole", false}, {"rbac.authorization.k8s.io", "ClusterRoleBinding", false},
			{"apiextensions.k8s.io", "CustomResourceDefinition", false}, {"rbac.authorization.k8s.io", "Role", true},
			{"rbac.authorization.k8s.io", "RoleBinding", true}, {"", "ResourceQuota", true}, {"", "LimitRange", true}, {"", "ServiceAccount", true},
			{"", "Secret", true}, {"networking.k8s.io", "NetworkPolicy", true}, {"networking.k8s.io", "Ingress", true},
			{"autoscaling", "HorizontalPodAutoscaler", true}, {"policy", "PodDisruptionBudget", true}, {"external-secrets.io", "SecretStore", true},
			{"external-secrets.io", "ExternalSecret", true}, {"argoproj.io", "Application", true}, {"argoproj.io", "AppProject", true},
		} {
			if lets.kind(refused.group, refused.kind, refused.namespaced) {
				t.Errorf("project %s lets through a %s", team, refused.kind)
			}
		}
		for _, needed := range [][2]string{{"apps", "Deployment"}, {"", "Service"}, {"", "ConfigMap"}, {"batch", "Job"}, {"batch", "CronJob"}} {
			if !lets.kind(needed[0], needed[1], true) {
				t.Errorf("project %s refuses a %s", team, needed[1])
			}
		}
	}
	nobodys := admitted{got[project+"default"]["spec"].ObjectValue()}
	if nobodys.namespace("payments") || nobodys.repository("https://git.example.com/payments/deploy.git") || nobodys.kind("apps", "Deployment", true) {
		t.Error("the default project lets something through")
	}
}

// may evaluates the table of who may do what as Argo CD does
// (https://github.com/argoproj/argo-cd/blob/v3.5.2/assets/model.conf, with globs).
func may(t *testing.T, table, group, kind, action, object string) bool {
	t.Helper()
	roles, allowed := map[string]bool{}, false
	var rules [][]string
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		reader := csv.NewReader(strings.NewReader(line))
		reader.TrimLeadingSpace = true
		fields, err := reader.Read()
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if fields[0] == "g" && fields[1] == group {
			roles[fields[2]] = true
		}
		if fields[0] == "p" {
			rules = append(rules, fields[1:])
		}
	}
	for _, r := range rules {
		if roles[r[0]] && glob(r[1], kind) && glob(r[2], action) && glob(r[3], object) {
			allowed = r[4] == "allow"
		}
	}
	return allowed
}

func TestPeopleSeeTheirOwnProjectAndChangeNothingInIt(t *testing.T) {
	rbac := whole(t)[release]["values"].ObjectValue()["configs"].ObjectValue()["rbac"].ObjectValue()
	table := rbac["policy.csv"].StringValue()
	if got := rbac["policy.default"].StringValue(); got != "" {
		t.Errorf("who is in no group is %q", got)
	}
	for _, test := range []struct {
		reason, group, kind, action, object string
		want                                bool
	}{
		{"its own", "checkout@example.com", "applications", "get", "checkout/orders", true},
		{"deliver again", "checkout@example.com", "applications", "sync", "checkout/orders", true},
		{"a name with a comma", "payments, and others", "applications", "sync", "payments/ledger", true},
		{"another's", "checkout@example.com", "applications", "get", "payments/ledger", false},
		{"part of a name", "payments", "applications", "get", "payments/ledger", false},
		{"what should run is in Git", "checkout@example.com", "applications", "update", "checkout/orders", false},
		{"nor is it removed here", "checkout@example.com", "applications", "delete", "checkout/orders", false},
		{"nobody runs commands", "operators@example.com", "exec", "create", "checkout/orders", false},
		{"nobody overrides Git", "checkout@example.com", "applications", "override", "checkout/orders", false},
		{"operators see all", "operators@example.com", "applications", "get", "payments/ledger", true},
		{"operators change nothing", "operators@example.com", "projects", "update", "payments", false},
		{"nobody's group", "visitors@example.com", "applications", "get", "checkout/orders", false},
	} {
		if got := may(t, table, test.group, test.kind, test.action, test.object); got != test.want {
			t.Errorf("%s: %s may %s %s %s: %v", test.reason, test.group, test.action, test.kind, test.object, got)
		}
	}
}
