package headroom

import (
	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/tenancy"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

// pause does nothing but wait, as nobody
// (https://github.com/kubernetes/kubernetes/tree/master/build/pause).
const pause = "registry.k8s.io/pause:3.10@sha256:ee6521f290b2168b6e0935a181d4cff9be1ac3f505666ef0e3c98fae8199917a"

// skipAwait keeps a run from waiting for placeholders: they give way whenever a service needs the room, and then there
// is nothing to wait for (https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/#pulumi-kubernetes-annotations).
const skipAwait = "pulumi.com/skipAwait"

// placeholders of a service spread as the service's own pods do, so that each zone has room for its share.
func (a Args) placeholders(service string, namespace pulumi.StringOutput) *appsv1.DeploymentArgs {
	room := a.Rooms[service]
	labels := pulumi.ToStringMap(room.Tags.With(workload.Label, service))
	selector := metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(tags.Set{workload.Label: service})}
	size := tenancy.Request(room.MilliCPU, room.MemoryMiB)
	return &appsv1.DeploymentArgs{
		Metadata: metav1.ObjectMetaArgs{
			Name: pulumi.String(service), Namespace: namespace, Labels: labels,
			Annotations: pulumi.StringMap{skipAwait: pulumi.String("true")},
		},
		Spec: appsv1.DeploymentSpecArgs{
			Replicas: pulumi.Int(room.Pods), Selector: selector,
			Template: corev1.PodTemplateSpecArgs{
				Metadata: metav1.ObjectMetaArgs{Labels: labels},
				Spec: corev1.PodSpecArgs{
					PriorityClassName: pulumi.String(a.Priority), TerminationGracePeriodSeconds: pulumi.Int(0),
					AutomountServiceAccountToken: pulumi.Bool(false), EnableServiceLinks: pulumi.Bool(false),
					SecurityContext: corev1.PodSecurityContextArgs{
						RunAsNonRoot:   pulumi.Bool(true),
						SeccompProfile: corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")},
					},
					TopologySpreadConstraints: corev1.TopologySpreadConstraintArray{corev1.TopologySpreadConstraintArgs{
						// A preference: a zone that is full or gone must not keep the others from filling up.
						MaxSkew: pulumi.Int(1), TopologyKey: pulumi.String(workload.Zone), WhenUnsatisfiable: pulumi.String("ScheduleAnyway"),
						LabelSelector: selector,
					}},
					Containers: corev1.ContainerArray{corev1.ContainerArgs{
						Name: pulumi.String("placeholder"), Image: pulumi.String(a.Images.Of(pause)),
						Resources: corev1.ResourceRequirementsArgs{Requests: size, Limits: size},
						SecurityContext: corev1.SecurityContextArgs{
							AllowPrivilegeEscalation: pulumi.Bool(false), ReadOnlyRootFilesystem: pulumi.Bool(true),
							Capabilities: corev1.CapabilitiesArgs{Drop: pulumi.ToStringArray([]string{"ALL"})},
						},
					}},
				},
			},
		},
	}
}
