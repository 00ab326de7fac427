package ingress

import (
	"maps"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
)

// hostname is the annotation by which a Service asks for a name in the environment's zone
// (https://kubernetes-sigs.github.io/external-dns/latest/docs/annotations/annotations/).
const hostname = "external-dns.alpha.kubernetes.io/hostname"

// host is the name of the ingress, which the doors ask for.
func (a Args) host() string { return a.Doors.Host(gateway.Origin) }

// serviceArgs: by a port of the nodes, each hands on what comes to any pod, so that the doors' load balancer need not know where
// these are. By a load balancer of the cluster's own, a node hands on to its own pods alone, and addresses stay what they are:
// network plugins that know nodes by other means than addresses would not let them in
// (https://docs.cilium.io/en/stable/network/kubernetes/policy/).
func (p *place) serviceArgs() *corev1.ServiceArgs {
	metadata := p.metadata()
	port := corev1.ServicePortArgs{
		Name: pulumi.String("https"), Port: pulumi.Int(443), TargetPort: pulumi.Int(tlsPort), Protocol: pulumi.String("TCP"),
	}
	spec := corev1.ServiceSpecArgs{Selector: pulumi.ToStringMap(Labels())}
	if p.Entrance.NodePort != 0 {
		port.NodePort = pulumi.Int(p.Entrance.NodePort)
		spec.Type, spec.ExternalTrafficPolicy = pulumi.String("NodePort"), pulumi.String("Cluster")
	} else {
		annotations := maps.Clone(p.Entrance.Annotations)
		if p.Entrance.Published {
			annotations[hostname] = pulumi.String(p.host())
		}
		metadata.Annotations = annotations
		spec.Type, spec.ExternalTrafficPolicy = pulumi.String("LoadBalancer"), pulumi.String("Local")
		if len(p.Entrance.Sources) > 0 {
			spec.LoadBalancerSourceRanges = pulumi.ToStringArray(p.Entrance.Sources)
		}
	}
	spec.Ports = corev1.ServicePortArray{port}
	return &corev1.ServiceArgs{Metadata: metadata, Spec: spec}
}
