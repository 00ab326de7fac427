package autoscaler

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// nobody is the user and group of the chart's image that own nothing.
const nobody = 65534

// values are those of the chart that do not depend on the cloud
// (https://github.com/kubernetes/autoscaler/blob/master/charts/cluster-autoscaler/values.yaml).
func values(a Args) pulumi.Map {
	return pulumi.Map{
		"fullnameOverride": pulumi.String(a.Chart.Chart),
		// One works, the other takes over when its node goes.
		"replicaCount":        pulumi.Int(2),
		"podDisruptionBudget": pulumi.Map{"maxUnavailable": pulumi.Int(1)},
		"topologySpreadConstraints": pulumi.Array{pulumi.Map{
			"maxSkew": pulumi.Int(1), "topologyKey": pulumi.String("kubernetes.io/hostname"),
			// A preference: a small system pool may have one node.
			"whenUnsatisfiable": pulumi.String("ScheduleAnyway"),
			"labelSelector": pulumi.Map{"matchLabels": pulumi.Map{
				"app.kubernetes.io/instance": pulumi.String(a.Chart.Chart),
			}},
		}},
		"priorityClassName": pulumi.String("system-cluster-critical"),
		"additionalLabels":  pulumi.ToStringMap(a.Tags),
		"rbac": pulumi.Map{"serviceAccount": pulumi.Map{
			"create": pulumi.Bool(true), "name": pulumi.String(a.Chart.ServiceAccount),
		}},
		// What each of these does when it is left out:
		// https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#what-are-the-parameters-to-ca
		"extraArgs": pulumi.Map{
			"expander": pulumi.String("least-waste"), // by default a random pool is chosen
			// By default one pod of kube-system or with an empty directory keeps its node for ever; what must
			// not be disturbed has a disruption budget.
			"skip-nodes-with-system-pods":   pulumi.Bool(false),
			"skip-nodes-with-local-storage": pulumi.Bool(false),
		},
		// It keeps every pod and node in memory, so a kill by too low a limit would come at the worst time.
		"resources": pulumi.Map{
			"requests": pulumi.Map{"cpu": pulumi.String("100m"), "memory": pulumi.String("600Mi")},
			"limits":   pulumi.Map{"memory": pulumi.String("600Mi")},
		},
		"securityContext": pulumi.Map{
			"runAsNonRoot": pulumi.Bool(true), "runAsUser": pulumi.Int(nobody), "runAsGroup": pulumi.Int(nobody),
			"fsGroup": pulumi.Int(nobody), "seccompProfile": pulumi.Map{"type": pulumi.String("RuntimeDefault")},
		},
		"containerSecurityContext": pulumi.Map{
			"allowPrivilegeEscalation": pulumi.Bool(false), "readOnlyRootFilesystem": pulumi.Bool(true),
			"capabilities": pulumi.Map{"drop": pulumi.ToStringArray([]string{"ALL"})},
		},
	}
}
