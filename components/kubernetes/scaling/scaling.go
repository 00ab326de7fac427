package scaling

import (
	"fmt"

	autoscalingv2 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/autoscaling/v2"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	policyv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/policy/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/workload"
)

// Set validates the arguments and makes the autoscaler and the disruption budget of a service, as part of its place.
func Set(ctx *pulumi.Context, name string, args Args, place pulumi.Resource) error {
	if err := args.Validate(); err != nil {
		return fmt.Errorf("scaling of %s: %w", name, err)
	}
	if _, err := policyv1.NewPodDisruptionBudget(ctx, name+"-budget", args.budget(), pulumi.Parent(place)); err != nil {
		return fmt.Errorf("scaling of %s: disruption budget: %w", name, err)
	}
	if len(args.Queues) > 0 {
		if err := args.byQueues(ctx, name, place); err != nil {
			return fmt.Errorf("scaling of %s: %w", name, err)
		}
		return nil
	}
	if _, err := autoscalingv2.NewHorizontalPodAutoscaler(ctx, name+"-autoscaler", args.autoscaler(), pulumi.Parent(place)); err != nil {
		return fmt.Errorf("scaling of %s: autoscaler: %w", name, err)
	}
	return nil
}

func (a Args) metadata() metav1.ObjectMetaArgs {
	return metav1.ObjectMetaArgs{Name: pulumi.String(a.Service), Namespace: a.Namespace.ToStringOutput(), Labels: pulumi.ToStringMap(a.Tags)}
}

// budget lets nodes be emptied a quarter of the pods at a time. The share is rounded up, so that one pod alone does
// not keep its node for ever; and pods that do not serve anyway keep none
// (https://kubernetes.io/docs/tasks/run-application/configure-pdb/#rounding-logic-when-specifying-percentages).
func (a Args) budget() *policyv1.PodDisruptionBudgetArgs {
	return &policyv1.PodDisruptionBudgetArgs{
		Metadata: a.metadata(),
		Spec: policyv1.PodDisruptionBudgetSpecArgs{
			MaxUnavailable: pulumi.String("25%"), UnhealthyPodEvictionPolicy: pulumi.String("AlwaysAllow"),
			Selector: metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(map[string]string{workload.Label: a.Service})},
		},
	}
}

// behavior is how fast pods come and go, in the words of the API. Whatever it is that is measured, they rise at once and
// fall slowly (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior).
type behavior struct {
	ScaleUp   rules `json:"scaleUp"`
	ScaleDown rules `json:"scaleDown"`
}

type rules struct {
	StabilizationWindowSeconds int      `json:"stabilizationWindowSeconds"`
	SelectPolicy               string   `json:"selectPolicy"`
	Policies                   []policy `json:"policies"`
}

type policy struct {
	Type          string `json:"type"`
	Value         int    `json:"value"`
	PeriodSeconds int    `json:"periodSeconds"`
}

func (a Args) behavior() behavior {
	in := func(window, percent, seconds int) rules {
		return rules{window, "Max", []policy{{"Percent", percent, seconds}}}
	}
	return behavior{in(0, a.rise(), int(workload.Look.Seconds())), in(downSeconds, downPercent, 60)}
}

const (
	// downSeconds is how long load must stay low before pods go: longer than the pauses between peaks.
	downSeconds = 300
	// downPercent of the pods go in a minute, so that a wrong step down can be taken back.
	downPercent = 10
)

// autoscaler holds the use of CPU.
func (a Args) autoscaler() *autoscalingv2.HorizontalPodAutoscalerArgs {
	rules := func(r rules) autoscalingv2.HPAScalingRulesArgs {
		policies := autoscalingv2.HPAScalingPolicyArray{}
		for _, p := range r.Policies {
			policies = append(policies, autoscalingv2.HPAScalingPolicyArgs{
				Type: pulumi.String(p.Type), Value: pulumi.Int(p.Value), PeriodSeconds: pulumi.Int(p.PeriodSeconds),
			})
		}
		return autoscalingv2.HPAScalingRulesArgs{
			StabilizationWindowSeconds: pulumi.Int(r.StabilizationWindowSeconds), SelectPolicy: pulumi.String(r.SelectPolicy), Policies: policies,
		}
	}
	b := a.behavior()
	return &autoscalingv2.HorizontalPodAutoscalerArgs{
		Metadata: a.metadata(),
		Spec: autoscalingv2.HorizontalPodAutoscalerSpecArgs{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReferenceArgs{
				ApiVersion: pulumi.String("apps/v1"), Kind: pulumi.String("Deployment"), Name: pulumi.String(a.Service),
			},
			MinReplicas: pulumi.Int(a.Min), MaxReplicas: pulumi.Int(a.Max),
			Metrics: autoscalingv2.MetricSpecArray{autoscalingv2.MetricSpecArgs{
				Type: pulumi.String("Resource"),
				Resource: autoscalingv2.ResourceMetricSourceArgs{
					Name:   pulumi.String("cpu"),
					Target: autoscalingv2.MetricTargetArgs{Type: pulumi.String("Utilization"), AverageUtilization: pulumi.Int(a.CPU)},
				},
			}},
			Behavior: autoscalingv2.HorizontalPodAutoscalerBehaviorArgs{ScaleUp: rules(b.ScaleUp), ScaleDown: rules(b.ScaleDown)},
		},
	}
}
