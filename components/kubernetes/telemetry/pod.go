package telemetry

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/system"
	"platform/components/kubernetes/telemetry/collector"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

const (
	// collectorUser is who the image runs as
	// (https://github.com/open-telemetry/opentelemetry-collector-releases/blob/v0.161.0/distributions/otelcol-contrib/Dockerfile).
	collectorUser = 10001
	root          = 0

	configurationFolder = "/etc/collector"
	configurationFile   = "collector.yaml"

	// known is the annotation by which pods are made anew for another configuration.
	known = "platform/configuration"

	// drainSec is how long a gateway has to hand on what it holds: the time of a decision, and of what follows.
	drainSec = 60
)

// What each asks for: an agent handles some thousand lines a second, and a gateway what its environment's file gives it.
const (
	agentCPU, agentMemory = 20, 128
	gatewayCPU            = 100
)

func (f fleet) gatewayPods(configuration string) corev1.PodTemplateSpecArgs {
	pool := system.Pool()
	var tolerations corev1.TolerationArray
	for _, t := range pool.Tolerations {
		tolerations = append(tolerations, corev1.TolerationArgs{
			Key: pulumi.String(t.Key), Operator: pulumi.String(t.Operator), Effect: pulumi.String(t.Effect),
		})
	}
	container := f.container(gatewayCPU, f.args.MemoryMiB)
	container.SecurityContext = system.Hardened(true)
	container.Ports = append(ports("otlp-grpc", collector.GRPCPort, "otlp-http", collector.HTTPPort, "peers", collector.PeerPort), container.Ports.(corev1.ContainerPortArray)...)
	return corev1.PodTemplateSpecArgs{
		Metadata: f.podMetadata(gateway, nil, configuration),
		Spec: corev1.PodSpecArgs{
			ServiceAccountName: pulumi.String(gateway), AutomountServiceAccountToken: pulumi.Bool(true), // it asks the cluster whose pods are whose
			EnableServiceLinks: pulumi.Bool(false), PriorityClassName: pulumi.String(f.args.Priority), TerminationGracePeriodSeconds: pulumi.Int(drainSec),
			NodeSelector: pulumi.ToStringMap(pool.NodeSelector), Tolerations: tolerations,
			SecurityContext: corev1.PodSecurityContextArgs{
				RunAsNonRoot: pulumi.Bool(true), RunAsUser: pulumi.Int(collectorUser), RunAsGroup: pulumi.Int(collectorUser), SeccompProfile: runtimeDefault(),
			},
			TopologySpreadConstraints: system.SpreadPods(map[string]string{nameLabel: gateway}, system.Host),
			Containers:                corev1.ContainerArray{container}, Volumes: corev1.VolumeArray{told(gateway)},
		},
	}
}

// agentPods are root, as which alone the kubelet lets files of containers be read, and have none of root's capabilities: it
// owns what it reads.
func (f fleet) agentPods(configuration string) corev1.PodTemplateSpecArgs {
	container := f.container(agentCPU, agentMemory)
	container.SecurityContext = system.Hardened(false)
	volumes := corev1.VolumeArray{told(agent)}
	mounts := container.VolumeMounts.(corev1.VolumeMountArray)
	for _, v := range []struct {
		name, path, kind string
		readOnly         bool
	}{{"logs", collector.LogsFolder, "Directory", true}, {"state", collector.StateFolder, "DirectoryOrCreate", false}} {
		volumes = append(volumes, corev1.VolumeArgs{Name: pulumi.String(v.name), HostPath: corev1.HostPathVolumeSourceArgs{
			Path: pulumi.String(v.path), Type: pulumi.String(v.kind),
		}})
		mounts = append(mounts, corev1.VolumeMountArgs{Name: pulumi.String(v.name), MountPath: pulumi.String(v.path), ReadOnly: pulumi.Bool(v.readOnly)})
	}
	container.VolumeMounts = mounts
	return corev1.PodTemplateSpecArgs{
		// It alone of what is in this namespace is in the mesh: gateways know whoever sends.
		Metadata: f.podMetadata(agent, workload.MeshLabels(f.args.Mesh), configuration),
		Spec: corev1.PodSpecArgs{
			ServiceAccountName: pulumi.String(agent), AutomountServiceAccountToken: pulumi.Bool(false), EnableServiceLinks: pulumi.Bool(false),
			PriorityClassName: pulumi.String(f.args.Priority), TerminationGracePeriodSeconds: pulumi.Int(drainSec),
			Tolerations: corev1.TolerationArray{corev1.TolerationArgs{Operator: pulumi.String("Exists")}}, // it reads on every node
			SecurityContext: corev1.PodSecurityContextArgs{
				RunAsUser: pulumi.Int(root), RunAsGroup: pulumi.Int(root), SeccompProfile: runtimeDefault(),
			},
			Containers: corev1.ContainerArray{container}, Volumes: volumes,
		},
	}
}

func (f fleet) podMetadata(name string, more tags.Set, configuration string) metav1.ObjectMetaArgs {
	return metav1.ObjectMetaArgs{
		Labels:      pulumi.ToStringMap(f.args.Tags.Merge(tags.Set{nameLabel: name}).Merge(more)),
		Annotations: pulumi.ToStringMap(map[string]string{known: configuration}),
	}
}

func (f fleet) container(milliCPU, memoryMiB int) corev1.ContainerArgs {
	return corev1.ContainerArgs{
		Name: pulumi.String("collector"), Image: pulumi.String(f.args.Images.Of(collector.Image)),
		Args:  pulumi.ToStringArray([]string{"--config=" + configurationFolder + "/" + configurationFile}),
		Ports: ports("metrics", collector.MetricsPort, "health", collector.HealthPort),
		// What it cannot hold is given back long before, by the first processor of each pipeline.
		Resources:     system.PodRoom(milliCPU, memoryMiB),
		LivenessProbe: probe(10, 6), ReadinessProbe: probe(5, 3),
		VolumeMounts: corev1.VolumeMountArray{corev1.VolumeMountArgs{
			Name: pulumi.String("configuration"), MountPath: pulumi.String(configurationFolder), ReadOnly: pulumi.Bool(true),
		}},
	}
}

func ports(pairs ...any) corev1.ContainerPortArray {
	var out corev1.ContainerPortArray
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, corev1.ContainerPortArgs{
			Name: pulumi.String(pairs[i].(string)), ContainerPort: pulumi.Int(pairs[i+1].(int)), Protocol: pulumi.String("TCP"),
		})
	}
	return out
}

func probe(everySec, failures int) corev1.ProbeArgs {
	return corev1.ProbeArgs{
		HttpGet:       corev1.HTTPGetActionArgs{Path: pulumi.String("/"), Port: pulumi.Int(collector.HealthPort)},
		PeriodSeconds: pulumi.Int(everySec), FailureThreshold: pulumi.Int(failures), TimeoutSeconds: pulumi.Int(3),
	}
}

func told(who string) corev1.VolumeArgs {
	return corev1.VolumeArgs{Name: pulumi.String("configuration"), ConfigMap: corev1.ConfigMapVolumeSourceArgs{Name: pulumi.String(who)}}
}

func runtimeDefault() corev1.SeccompProfileArgs {
	return corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")}
}
