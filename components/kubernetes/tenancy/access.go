package tenancy

import (
	"fmt"

	rbacv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/rbac/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	rbacGroup = "rbac.authorization.k8s.io"
	// viewRole is Kubernetes' own: it sees all but secrets and roles
	// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles).
	viewRole = "view"
	// operateRole is what a team may do besides.
	operateRole = "operate"
)

// operations put right what runs without changing what should run: that is in Git. To look into a pod, by exec,
// attach or port-forward, would be a way to its data and past the flows that are allowed, and is nobody's.
var operations = []struct{ group, resource, verb string }{
	{"", "pods", "delete"}, // a new one takes its place
	{"", "pods/eviction", "create"},
	{"batch", "jobs", "delete"},
}

// access lets the team's people see what is in the namespace and put it right. Nobody else gets anything here.
func access(ctx *pulumi.Context, name string, namespace pulumi.StringOutput, args Args, parent pulumi.Resource) error {
	if args.Group == "" {
		return nil
	}
	if _, err := rbacv1.NewRole(ctx, name+"-"+operateRole, operateArgs(namespace, args), pulumi.Parent(parent)); err != nil {
		return fmt.Errorf("role: %w", err)
	}
	for _, bound := range []struct{ kind, role string }{{"ClusterRole", viewRole}, {"Role", operateRole}} {
		if _, err := rbacv1.NewRoleBinding(ctx, name+"-team-"+bound.role, bindingArgs(namespace, bound.kind, bound.role, args), pulumi.Parent(parent)); err != nil {
			return fmt.Errorf("binding of %s: %w", bound.role, err)
		}
	}
	return nil
}

func operateArgs(namespace pulumi.StringOutput, args Args) *rbacv1.RoleArgs {
	rules := rbacv1.PolicyRuleArray{}
	for _, o := range operations {
		rules = append(rules, rbacv1.PolicyRuleArgs{
			ApiGroups: pulumi.ToStringArray([]string{o.group}), Resources: pulumi.ToStringArray([]string{o.resource}),
			Verbs: pulumi.ToStringArray([]string{o.verb}),
		})
	}
	return &rbacv1.RoleArgs{Metadata: inside(namespace, operateRole, args.Tags), Rules: rules}
}

func bindingArgs(namespace pulumi.StringOutput, kind, role string, args Args) *rbacv1.RoleBindingArgs {
	return &rbacv1.RoleBindingArgs{
		Metadata: inside(namespace, "team-"+role, args.Tags),
		RoleRef:  rbacv1.RoleRefArgs{ApiGroup: pulumi.String(rbacGroup), Kind: pulumi.String(kind), Name: pulumi.String(role)},
		Subjects: rbacv1.SubjectArray{rbacv1.SubjectArgs{
			ApiGroup: pulumi.String(rbacGroup), Kind: pulumi.String("Group"), Name: pulumi.String(args.Group),
		}},
	}
}
