package delivery

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	rbacv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/rbac/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// deliverable are the kinds that a team may bring, with what RBAC calls them. All else in a namespace is the
// platform's: who may do what there, how much it may use, whom it may talk to, its account, its secrets and its scaling.
var deliverable = []struct{ group, kind, resource string }{
	{"", "ConfigMap", "configmaps"},
	{"", "Service", "services"},
	{"apps", "Deployment", "deployments"},
	{"batch", "CronJob", "cronjobs"},
	{"batch", "Job", "jobs"},
}

// brought are the kinds that come of those.
var brought = []struct{ group, kind, resource string }{
	{"", "Pod", "pods"},
	{"apps", "ReplicaSet", "replicasets"},
}

// groupKind names a kind.
type groupKind struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
}

func deliverableKinds() []groupKind {
	var out []groupKind
	for _, d := range deliverable {
		out = append(out, groupKind{d.group, d.kind})
	}
	return out
}

// inclusions are the only kinds that Argo CD looks at
// (https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#resource-exclusioninclusion).
func inclusions() string {
	kinds := map[string][]string{}
	for _, d := range append(slices.Clone(deliverable), brought...) {
		kinds[d.group] = append(kinds[d.group], d.kind)
	}
	var b strings.Builder
	for _, group := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(&b, "- apiGroups: [%q]\n  kinds: [%s]\n  clusters: [\"*\"]\n", group, strings.Join(kinds[group], ", "))
	}
	return b.String()
}

// reading is what Argo CD may read in the whole cluster: the kinds that it looks at, and what is told of them.
func reading() []rule {
	out := ruled(append(slices.Clone(deliverable), brought...), "get", "list", "watch")
	return append(out, rule{[]string{""}, []string{"events"}, []string{"list", "watch"}})
}

func ruled(kinds []struct{ group, kind, resource string }, verbs ...string) []rule {
	resources := map[string][]string{}
	for _, d := range kinds {
		resources[d.group] = append(resources[d.group], d.resource)
	}
	var out []rule
	for _, group := range slices.Sorted(maps.Keys(resources)) {
		out = append(out, rule{[]string{group}, resources[group], verbs})
	}
	return out
}

// deliverRole is what Argo CD may do in a service's namespace.
const deliverRole = "platform-deliver"

// access lets the two parts that write do so in the namespaces of services, and nowhere else. Their role in the cluster
// reads; so a project that let too much through would still meet the cluster's own refusal.
func (a Args) access(ctx *pulumi.Context, name string, parent pulumi.Resource) ([]pulumi.Resource, error) {
	rules := rbacv1.PolicyRuleArray{}
	for _, r := range ruled(deliverable, "create", "update", "patch", "delete") {
		rules = append(rules, rbacv1.PolicyRuleArgs{
			ApiGroups: pulumi.ToStringArray(r.APIGroups), Resources: pulumi.ToStringArray(r.Resources), Verbs: pulumi.ToStringArray(r.Verbs),
		})
	}
	role, err := rbacv1.NewClusterRole(ctx, name+"-deliver", &rbacv1.ClusterRoleArgs{
		Metadata: metav1.ObjectMetaArgs{Name: pulumi.String(deliverRole), Labels: pulumi.ToStringMap(a.Tags)}, Rules: rules,
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("role: %w", err)
	}
	var made []pulumi.Resource
	for _, service := range slices.Sorted(maps.Keys(a.Services)) {
		binding, err := rbacv1.NewRoleBinding(ctx, name+"-deliver-"+service, &rbacv1.RoleBindingArgs{
			Metadata: metav1.ObjectMetaArgs{
				Name: pulumi.String(deliverRole), Namespace: a.Services[service].Namespace, Labels: pulumi.ToStringMap(a.Tags),
			},
			RoleRef: rbacv1.RoleRefArgs{
				ApiGroup: pulumi.String("rbac.authorization.k8s.io"), Kind: pulumi.String("ClusterRole"), Name: role.Metadata.Name().Elem(),
			},
			Subjects: rbacv1.SubjectArray{subject(controllerAccount), subject(serverAccount)},
		}, pulumi.Parent(parent))
		if err != nil {
			return nil, fmt.Errorf("binding for service %s: %w", service, err)
		}
		made = append(made, binding)
	}
	return made, nil
}

func subject(account string) rbacv1.SubjectArgs {
	return rbacv1.SubjectArgs{Kind: pulumi.String("ServiceAccount"), Name: pulumi.String(account), Namespace: pulumi.String(Namespace)}
}

// What people may do with what is delivered, as Argo CD's table names it
// (https://argo-cd.readthedocs.io/en/stable/operator-manual/rbac/): they see it, have it delivered again and restart it.
// What should run is in Git, so nobody changes, makes or removes an application here.
var actions = []struct{ resource, action string }{
	{"applications", "get"},
	{"applications", "sync"},
	{"applications", "action/apps/Deployment/restart"},
	{"logs", "get"},
}

// rbac is who may do what: each team in its own project, the operators in all, and nobody else anything.
func (a Args) rbac() map[string]string {
	var b strings.Builder
	role := func(name, project, object string, groups []string) {
		if len(groups) == 0 {
			return
		}
		for _, may := range actions {
			fmt.Fprintf(&b, "p, role:%s, %s, %s, %s/*, allow\n", name, may.resource, may.action, object)
		}
		fmt.Fprintf(&b, "p, role:%s, projects, get, %s, allow\n", name, project)
		for _, group := range groups {
			fmt.Fprintf(&b, "g, %q, role:%s\n", group, name)
		}
	}
	for _, team := range slices.Sorted(maps.Keys(a.Teams)) {
		role("team-"+team, team, team, a.Teams[team].Groups)
	}
	role("operators", "*", "*", a.Operators)
	return map[string]string{"policy.default": "", "policy.csv": b.String(), "scopes": "[groups]"}
}
