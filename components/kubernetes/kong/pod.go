package kong

import (
	"maps"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/system"
	"platform/components/kubernetes/workload"
)

const (
	// user is who the chart of Kong's makers runs it as; the image names its own without a number, which the cluster could not
	// tell from root (https://github.com/Kong/charts/blob/main/charts/kong/values.yaml, containerSecurityContext).
	user = 1000

	// drainSec is how long a pod goes on that is to end: until no load balancer sends it callers any more.
	drainSec = "20"
	endSec   = 60
)

// What a door asks for: two workers, and what they share.
const (
	doorCPU, doorMemory     = 250, 512
	followCPU, followMemory = 10, 32
)

// known is the annotation by which pods are made anew for another configuration: one that Kong refuses never takes the place of
// one that it knows, since the new pods are not ready.
const known = "platform/configuration"

// pods are those of a door. How many is said and not scaled by load, as each counts its share of the rates.
func (p *place) pods(audience, sum string) appsv1.DeploymentSpecArgs {
	labels := Labels(audience)
	selector := metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(labels)}
	annotations := map[string]string{known: sum}
	maps.Copy(annotations, workload.MeshDoor(p.args.Mesh))
	return appsv1.DeploymentSpecArgs{
		Replicas: pulumi.Int(p.args.Replicas), Selector: selector,
		Strategy: appsv1.DeploymentStrategyArgs{
			Type: pulumi.String("RollingUpdate"), RollingUpdate: appsv1.RollingUpdateDeploymentArgs{MaxSurge: pulumi.Int(1), MaxUnavailable: pulumi.Int(0)},
		},
		Template: corev1.PodTemplateSpecArgs{
			Metadata: metav1.ObjectMetaArgs{
				Labels: pulumi.ToStringMap(p.args.Doors.Tags.Merge(labels)), Annotations: pulumi.ToStringMap(annotations),
			},
			Spec: corev1.PodSpecArgs{
				ServiceAccountName: pulumi.String(account), AutomountServiceAccountToken: pulumi.Bool(false), EnableServiceLinks: pulumi.Bool(false),
				PriorityClassName: pulumi.String(p.args.Priority), TerminationGracePeriodSeconds: pulumi.Int(endSec),
				// The one container tells the other's server that something changed.
				ShareProcessNamespace: pulumi.Bool(true),
				SecurityContext: corev1.PodSecurityContextArgs{
					RunAsNonRoot: pulumi.Bool(true), RunAsUser: pulumi.Int(user), RunAsGroup: pulumi.Int(user), FsGroup: pulumi.Int(user),
					SeccompProfile: corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")},
				},
				TopologySpreadConstraints: system.SpreadPods(labels, workload.Zone, system.Host),
				InitContainers:            corev1.ContainerArray{p.helper("begin", begin, "known")},
				Containers: corev1.ContainerArray{
					p.server(audience), p.helper("follow", follow, "known", "prefix"),
				},
				Volumes: volumes(audience),
			},
		},
	}
}

// server is Kong itself.
func (p *place) server(audience string) corev1.ContainerArgs {
	return corev1.ContainerArgs{
		Name: pulumi.String(product), Image: pulumi.String(p.args.Images.Of(server)), Env: environment(p.args.Doors.Audiences[audience]),
		Ports: corev1.ContainerPortArray{
			corev1.ContainerPortArgs{Name: pulumi.String("https"), ContainerPort: pulumi.Int(tlsPort), Protocol: pulumi.String("TCP")},
			corev1.ContainerPortArgs{Name: pulumi.String("status"), ContainerPort: pulumi.Int(statusPort), Protocol: pulumi.String("TCP")},
		},
		// It is ready once it knows something (https://github.com/Kong/kong/blob/3.9.3/kong/status/ready.lua).
		StartupProbe: probe("/status", 5, 24), LivenessProbe: probe("/status", 10, 3), ReadinessProbe: probe("/status/ready", 5, 3),
		Lifecycle: corev1.LifecycleArgs{PreStop: corev1.LifecycleHandlerArgs{
			Exec: corev1.ExecActionArgs{Command: pulumi.ToStringArray([]string{"sleep", drainSec})},
		}},
		Resources:       system.PodRoom(doorCPU, doorMemory),
		SecurityContext: system.Hardened(true), VolumeMounts: mounts("known", "prefix", "tmp"),
	}
}

func probe(path string, everySec, failures int) corev1.ProbeArgs {
	return corev1.ProbeArgs{
		HttpGet:       corev1.HTTPGetActionArgs{Path: pulumi.String(path), Port: pulumi.Int(statusPort)},
		PeriodSeconds: pulumi.Int(everySec), FailureThreshold: pulumi.Int(failures), TimeoutSeconds: pulumi.Int(3),
	}
}

// helper runs a script beside Kong, in its image, which has the shell that it needs.
func (p *place) helper(name, text string, writes ...string) corev1.ContainerArgs {
	return corev1.ContainerArgs{
		Name: pulumi.String(name), Image: pulumi.String(p.args.Images.Of(server)), Command: pulumi.ToStringArray([]string{"sh", "-c", inPod(text)}),
		Resources: system.PodRoom(followCPU, followMemory), SecurityContext: system.Hardened(true), VolumeMounts: mounts(writes...),
	}
}

// mounts are what every container reads, and what this one writes.
func mounts(writes ...string) corev1.VolumeMountArray {
	out := corev1.VolumeMountArray{}
	for _, v := range []struct{ name, path string }{{"given", givenPath}, {"tls", tlsPath}} {
		out = append(out, corev1.VolumeMountArgs{Name: pulumi.String(v.name), MountPath: pulumi.String(v.path), ReadOnly: pulumi.Bool(true)})
	}
	paths := map[string]string{"known": knownPath, "prefix": prefixPath, "tmp": tmpPath}
	for _, name := range writes {
		out = append(out, corev1.VolumeMountArgs{Name: pulumi.String(name), MountPath: pulumi.String(paths[name])})
	}
	return out
}

// volumes: the keys of callers need not be there: until an operator has put them where they are kept, the door knows no caller
// and lets nobody in.
func volumes(audience string) corev1.VolumeArray {
	out := corev1.VolumeArray{
		corev1.VolumeArgs{Name: pulumi.String("given"), Projected: corev1.ProjectedVolumeSourceArgs{Sources: corev1.VolumeProjectionArray{
			corev1.VolumeProjectionArgs{ConfigMap: corev1.ConfigMapProjectionArgs{Name: pulumi.String(audience)}},
			corev1.VolumeProjectionArgs{Secret: corev1.SecretProjectionArgs{Name: pulumi.String(keysSecret(audience)), Optional: pulumi.Bool(true)}},
		}}},
		corev1.VolumeArgs{Name: pulumi.String("tls"), Secret: corev1.SecretVolumeSourceArgs{SecretName: pulumi.String(tlsSecret(audience))}},
	}
	for _, name := range []string{"known", "prefix", "tmp"} {
		out = append(out, corev1.VolumeArgs{Name: pulumi.String(name), EmptyDir: corev1.EmptyDirVolumeSourceArgs{SizeLimit: pulumi.String("256Mi")}})
	}
	return out
}
