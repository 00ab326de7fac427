package system

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/tenancy"
)

// Host is the label by which nodes differ
// (https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetesiohostname).
const Host = "kubernetes.io/hostname"

// SpreadPods puts pods that bear the labels into different places of each kind, the first kind first, as far as there are some: a zone
// that is full or gone must not keep the others from filling up.
func SpreadPods(labels map[string]string, places ...string) corev1.TopologySpreadConstraintArray {
	var out corev1.TopologySpreadConstraintArray
	for _, place := range places {
		out = append(out, corev1.TopologySpreadConstraintArgs{
			MaxSkew: pulumi.Int(1), TopologyKey: pulumi.String(place), WhenUnsatisfiable: pulumi.String("ScheduleAnyway"),
			LabelSelector: metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(labels)},
		})
	}
	return out
}

// PodRoom is Room for a container that no chart writes, in the units in which the API answers: a refresh finds them unchanged.
func PodRoom(milliCPU, memoryMiB int) corev1.ResourceRequirementsArgs {
	asked := tenancy.Request(milliCPU, memoryMiB)
	return corev1.ResourceRequirementsArgs{Requests: asked, Limits: pulumi.StringMap{"memory": asked["memory"]}}
}

// Hardened is a container that gains nothing, writes nowhere but in volumes, and has no capability.
func Hardened(nonRoot bool) corev1.SecurityContextArgs {
	return corev1.SecurityContextArgs{
		AllowPrivilegeEscalation: pulumi.Bool(false), ReadOnlyRootFilesystem: pulumi.Bool(true), RunAsNonRoot: pulumi.Bool(nonRoot),
		Capabilities: corev1.CapabilitiesArgs{Drop: pulumi.ToStringArray([]string{"ALL"})},
	}
}
