package scaling

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/custom"
)

const (
	eventAPI = "keda.sh/v1alpha1"
	// observer is the name of how a service's queues are read, in its namespace.
	observer = "queues"
	// scaledLabel is set by the autoscaler if it is missing, and would show as a change that nobody made
	// (https://github.com/kedacore/keda/blob/v2.20.2/controllers/keda/scaledobject_controller.go).
	scaledLabel = "scaledobject.keda.sh/name"
)

// scaledObject is what of one the platform sets (https://keda.sh/docs/2.20/reference/scaledobject-spec/). There is no
// cooldown, no interval and no fallback: the first two count only between no pod and one, where a service has at least
// one, and while a queue cannot be asked the pods stay as many as they are.
type scaledObject struct {
	ScaleTargetRef  target    `json:"scaleTargetRef"`
	MinReplicaCount int       `json:"minReplicaCount"`
	MaxReplicaCount int       `json:"maxReplicaCount"`
	Advanced        advanced  `json:"advanced"`
	Triggers        []trigger `json:"triggers"`
}

type target struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
}

type advanced struct {
	Autoscaler struct {
		Name     string   `json:"name"`
		Behavior behavior `json:"behavior"`
	} `json:"horizontalPodAutoscalerConfig"`
}

type trigger struct {
	Type              string           `json:"type"`
	Name              string           `json:"name"`
	MetricType        string           `json:"metricType"`
	Metadata          pulumi.StringMap `json:"metadata"`
	AuthenticationRef *reference       `json:"authenticationRef,omitempty"`
}

type reference struct {
	Name string `json:"name"`
}

// authentication is how the observer proves who it is (https://keda.sh/docs/2.20/concepts/authentication/).
type authentication struct {
	PodIdentity struct {
		Provider string `json:"provider"`
	} `json:"podIdentity"`
}

// byQueues lets the depth of the queues decide, and the CPU too if somebody calls the service. Of several answers the
// largest counts (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#scaling-on-multiple-metrics).
func (a Args) byQueues(ctx *pulumi.Context, name string, parent pulumi.Resource) error {
	metadata := a.metadata()
	metadata.Name = pulumi.String(observer)
	proof := authentication{}
	proof.PodIdentity.Provider = a.identity()
	made, err := custom.New(ctx, name+"-observer", custom.Args{
		APIVersion: eventAPI, Kind: "TriggerAuthentication", Metadata: metadata, Spec: proof,
	}, pulumi.Parent(parent), pulumi.DependsOn(a.After))
	if err != nil {
		return fmt.Errorf("observer: %w", err)
	}
	metadata = a.metadata()
	metadata.Labels = pulumi.ToStringMap(a.Tags.With(scaledLabel, a.Service))
	if _, err := custom.New(ctx, name+"-autoscaler", custom.Args{
		APIVersion: eventAPI, Kind: "ScaledObject", Metadata: metadata, Spec: a.scaledObject(),
	}, pulumi.Parent(parent), pulumi.DependsOn(append(slices.Clone(a.After), made))); err != nil {
		return fmt.Errorf("autoscaler: %w", err)
	}
	return nil
}

func (a Args) scaledObject() scaledObject {
	out := scaledObject{
		ScaleTargetRef:  target{"apps/v1", "Deployment", a.Service},
		MinReplicaCount: a.Min, MaxReplicaCount: a.Max,
	}
	// As that of a service that is scaled by its CPU alone.
	out.Advanced.Autoscaler.Name, out.Advanced.Autoscaler.Behavior = a.Service, a.behavior()
	for _, event := range slices.Sorted(maps.Keys(a.Queues)) {
		q := a.Queues[event]
		metadata := maps.Clone(q.Metadata)
		if metadata == nil {
			metadata = pulumi.StringMap{}
		}
		metadata[q.Depth] = pulumi.String(strconv.Itoa(a.Backlog))
		out.Triggers = append(out.Triggers, trigger{
			Type: q.Type, Name: event, MetricType: "AverageValue", Metadata: metadata, AuthenticationRef: &reference{observer},
		})
	}
	if a.Called {
		// https://keda.sh/docs/2.20/scalers/cpu/
		out.Triggers = append(out.Triggers, trigger{
			Type: "cpu", Name: "cpu", MetricType: "Utilization", Metadata: pulumi.StringMap{"value": pulumi.String(strconv.Itoa(a.CPU))},
		})
	}
	return out
}
