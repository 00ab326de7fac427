package telemetry

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	policyv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/policy/v1"
	rbacv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/rbac/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/telemetry/collector"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

// fleet is all collectors. Their makers' chart is in no module that tests could read, so that they are plain objects.
type fleet struct {
	args   Args
	name   string
	parent pulumi.Resource
	after  []pulumi.Resource
}

// gateways take what services and agents send.
func (f fleet) gateways(ctx *pulumi.Context) ([]pulumi.Resource, error) {
	text, err := collector.Gateway{
		Environment: f.args.Environment, Owner: tags.Team, SharePercent: float64(f.args.SharePercent), SlowMs: f.args.SlowMs,
		Peers: peers + "." + workload.Observability + ".svc.cluster.local", Logs: "http://" + address(logs, logsPort) + "/otlp", Traces: address(intake, intakePort),
	}.Configuration().Text()
	if err != nil {
		return nil, err
	}
	namespace := f.args.Namespace
	about, err := f.about(ctx, gateway, namespace, text)
	if err != nil {
		return nil, err
	}
	may, err := f.looks(ctx, about)
	if err != nil {
		return nil, err
	}
	about = append(about, may...)
	chosen := pulumi.ToStringMap(map[string]string{nameLabel: gateway})
	found, err := corev1.NewService(ctx, f.name+"-"+gateway, &corev1.ServiceArgs{
		Metadata: f.args.metadata(gateway, namespace), Spec: corev1.ServiceSpecArgs{
			Selector: chosen, Ports: corev1.ServicePortArray{port("otlp-grpc", collector.GRPCPort), port("otlp-http", collector.HTTPPort)},
		},
	}, f.under()...)
	if err != nil {
		return nil, fmt.Errorf("service: %w", err)
	}
	// Each gateway is found by all, one that is not ready yet as well: which one has a trace must not change with that.
	known, err := corev1.NewService(ctx, f.name+"-"+peers, &corev1.ServiceArgs{
		Metadata: f.args.metadata(peers, namespace), Spec: corev1.ServiceSpecArgs{
			ClusterIP: pulumi.String("None"), Selector: chosen, Ports: corev1.ServicePortArray{port("otlp-grpc", collector.PeerPort)},
		},
	}, f.under()...)
	if err != nil {
		return nil, fmt.Errorf("service of peers: %w", err)
	}
	spare, err := policyv1.NewPodDisruptionBudget(ctx, f.name+"-"+gateway+"-budget", &policyv1.PodDisruptionBudgetArgs{
		Metadata: f.args.metadata(gateway, namespace),
		Spec:     policyv1.PodDisruptionBudgetSpecArgs{MaxUnavailable: pulumi.Int(1), Selector: metav1.LabelSelectorArgs{MatchLabels: chosen}},
	}, f.under()...)
	if err != nil {
		return nil, fmt.Errorf("budget: %w", err)
	}
	pods, err := appsv1.NewDeployment(ctx, f.name+"-"+gateway, &appsv1.DeploymentArgs{
		Metadata: f.args.metadata(gateway, namespace), Spec: appsv1.DeploymentSpecArgs{
			Replicas: pulumi.Int(f.args.Replicas), Selector: metav1.LabelSelectorArgs{MatchLabels: chosen}, Template: f.gatewayPods(sum(text)),
			Strategy: appsv1.DeploymentStrategyArgs{
				Type: pulumi.String("RollingUpdate"), RollingUpdate: appsv1.RollingUpdateDeploymentArgs{MaxSurge: pulumi.Int(1), MaxUnavailable: pulumi.Int(0)},
			},
		},
	}, f.under(append(about, found, known, spare)...)...)
	if err != nil {
		return nil, fmt.Errorf("pods: %w", err)
	}
	return []pulumi.Resource{found, pods}, nil
}

// agents read what containers write, on every node, in the namespace of what is a part of one.
func (f fleet) agents(ctx *pulumi.Context, after []pulumi.Resource) ([]pulumi.Resource, error) {
	text, err := collector.Agent{
		Gateway: address(gateway, collector.GRPCPort), Own: workload.ObservabilityNodes + "_" + agent,
	}.Configuration().Text()
	if err != nil {
		return nil, err
	}
	namespace := pulumi.String(workload.ObservabilityNodes)
	about, err := f.about(ctx, agent, namespace, text)
	if err != nil {
		return nil, err
	}
	pods, err := appsv1.NewDaemonSet(ctx, f.name+"-"+agent, &appsv1.DaemonSetArgs{
		Metadata: f.args.metadata(agent, namespace), Spec: appsv1.DaemonSetSpecArgs{
			Selector: metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(map[string]string{nameLabel: agent})}, Template: f.agentPods(sum(text)),
			UpdateStrategy: appsv1.DaemonSetUpdateStrategyArgs{
				Type: pulumi.String("RollingUpdate"), RollingUpdate: appsv1.RollingUpdateDaemonSetArgs{MaxUnavailable: pulumi.String("10%")},
			},
		},
	}, f.under(append(about, after...)...)...)
	if err != nil {
		return nil, fmt.Errorf("pods: %w", err)
	}
	return []pulumi.Resource{pods}, nil
}

// about makes the account of a collector and what it is told.
func (f fleet) about(ctx *pulumi.Context, who string, namespace pulumi.StringInput, text string) ([]pulumi.Resource, error) {
	account, err := corev1.NewServiceAccount(ctx, f.name+"-"+who, &corev1.ServiceAccountArgs{
		Metadata: f.args.metadata(who, namespace), AutomountServiceAccountToken: pulumi.Bool(false),
	}, f.under()...)
	if err != nil {
		return nil, fmt.Errorf("account: %w", err)
	}
	told, err := corev1.NewConfigMap(ctx, f.name+"-"+who, &corev1.ConfigMapArgs{
		Metadata: f.args.metadata(who, namespace), Data: pulumi.ToStringMap(map[string]string{configurationFile: text}),
	}, f.under()...)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return []pulumi.Resource{account, told}, nil
}

// looks lets gateways know which pod is which: names, owners and labels of all pods and namespaces, and nothing that they hold
// (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/processor/k8sattributesprocessor#role-based-access-control).
func (f fleet) looks(ctx *pulumi.Context, after []pulumi.Resource) ([]pulumi.Resource, error) {
	role := "telemetry-" + gateway
	may, err := rbacv1.NewClusterRole(ctx, f.name+"-"+gateway+"-role", &rbacv1.ClusterRoleArgs{
		Metadata: f.args.metadata(role, nil), Rules: rbacv1.PolicyRuleArray{
			rule("", "namespaces", "pods"), rule("apps", "replicasets"),
		},
	}, f.under()...)
	if err != nil {
		return nil, fmt.Errorf("role: %w", err)
	}
	given, err := rbacv1.NewClusterRoleBinding(ctx, f.name+"-"+gateway+"-binding", &rbacv1.ClusterRoleBindingArgs{
		Metadata: f.args.metadata(role, nil),
		RoleRef:  rbacv1.RoleRefArgs{ApiGroup: pulumi.String("rbac.authorization.k8s.io"), Kind: pulumi.String("ClusterRole"), Name: pulumi.String(role)},
		Subjects: rbacv1.SubjectArray{rbacv1.SubjectArgs{
			Kind: pulumi.String("ServiceAccount"), Name: pulumi.String(gateway), Namespace: pulumi.String(workload.Observability),
		}},
	}, f.under(append(after, may)...)...)
	if err != nil {
		return nil, fmt.Errorf("binding: %w", err)
	}
	return []pulumi.Resource{may, given}, nil
}

func rule(group string, resources ...string) rbacv1.PolicyRuleArgs {
	return rbacv1.PolicyRuleArgs{
		ApiGroups: pulumi.ToStringArray([]string{group}), Resources: pulumi.ToStringArray(resources),
		Verbs: pulumi.ToStringArray([]string{"get", "list", "watch"}),
	}
}

func (f fleet) under(after ...pulumi.Resource) []pulumi.ResourceOption {
	return []pulumi.ResourceOption{pulumi.Parent(f.parent), pulumi.DependsOn(append(after, f.after...))}
}

// metadata of an object; what is of the whole cluster has no namespace.
func (a Args) metadata(name string, namespace pulumi.StringInput) metav1.ObjectMetaArgs {
	out := metav1.ObjectMetaArgs{Name: pulumi.String(name), Labels: pulumi.ToStringMap(a.Tags.Merge(tags.Set{nameLabel: name}))}
	if namespace != nil {
		out.Namespace = namespace.ToStringOutput()
	}
	return out
}

func port(name string, number int) corev1.ServicePortArgs {
	return corev1.ServicePortArgs{Name: pulumi.String(name), Port: pulumi.Int(number), TargetPort: pulumi.Int(number), Protocol: pulumi.String("TCP")}
}

func sum(text string) string {
	digest := sha256.Sum256([]byte(text))
	return hex.EncodeToString(digest[:])
}
