package kong

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	policyv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/policy/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

const (
	// instance is the label by which the pods of one door are told from those of others
	// (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/).
	instance = "app.kubernetes.io/instance"

	// hostname is the annotation by which a Service asks for a name in the environment's zone
	// (https://kubernetes-sigs.github.io/external-dns/latest/docs/annotations/annotations/).
	hostname = "external-dns.alpha.kubernetes.io/hostname"
)

// Labels are those of the pods of an audience's door.
func Labels(audience string) tags.Set { return tags.Set{workload.Label: product, instance: audience} }

// door makes what one audience comes through, and hands out its address once it answers there.
func (p *place) door(ctx *pulumi.Context, logical, audience string) (pulumi.StringOutput, error) {
	none, host := pulumi.StringOutput{}, p.args.Doors.Host(audience)
	needed := slices.Clone(p.ready)
	for _, step := range []struct {
		what string
		make func(*pulumi.Context, string, string) (pulumi.Resource, error)
	}{
		{"flows", p.flows}, {"certificate", p.certificate}, {"configuration", p.given}, {"keys", p.keys}, {"budget", p.budget},
	} {
		made, err := step.make(ctx, logical, audience)
		if err != nil {
			return none, fmt.Errorf("%s: %w", step.what, err)
		}
		if made != nil {
			needed = append(needed, made)
		}
	}
	pods, err := p.deployment(ctx, logical, audience, needed)
	if err != nil {
		return none, fmt.Errorf("pods: %w", err)
	}
	// After the pods: a load balancer without any is none, and waits for them in vain.
	service, err := corev1.NewService(ctx, logical+"-service", p.serviceArgs(audience, host), pulumi.Parent(p.parent), pulumi.DependsOn([]pulumi.Resource{pods}))
	if err != nil {
		return none, fmt.Errorf("service: %w", err)
	}
	return service.ID().ApplyT(func(pulumi.ID) string { return "https://" + host }).(pulumi.StringOutput), nil
}

// serviceArgs: TLS passes through to the pods, which see the caller's own address: a node hands on to its own pods alone, and the
// load balancer knows which nodes have one
// (https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/#preserving-the-client-source-ip).
// Port 80 is not open: a token that was sent in the clear is lost, redirect or not.
func (p *place) serviceArgs(audience, host string) *corev1.ServiceArgs {
	metadata := p.metadata(audience)
	annotations := tags.Set{hostname: host}
	metadata.Annotations = pulumi.ToStringMap(annotations.Merge(p.args.Annotations))
	spec := corev1.ServiceSpecArgs{
		Type: pulumi.String("LoadBalancer"), ExternalTrafficPolicy: pulumi.String("Local"), Selector: pulumi.ToStringMap(Labels(audience)),
		Ports: corev1.ServicePortArray{corev1.ServicePortArgs{
			Name: pulumi.String("https"), Port: pulumi.Int(443), TargetPort: pulumi.Int(tlsPort), Protocol: pulumi.String("TCP"),
		}},
	}
	if len(p.args.Sources) > 0 {
		spec.LoadBalancerSourceRanges = pulumi.ToStringArray(p.sources())
	}
	return &corev1.ServiceArgs{Metadata: metadata, Spec: spec}
}

func (p *place) sources() []string {
	var out []string
	for _, from := range p.args.Sources {
		out = append(out, from.String())
	}
	return out
}

// flows let in callers and whoever collects metrics, and out to the services that the audience's routes lead to.
func (p *place) flows(ctx *pulumi.Context, logical, audience string) (pulumi.Resource, error) {
	return flows.NewDoor(ctx, logical, flows.Door{
		Name: audience, Namespace: p.namespace, Pods: Labels(audience), Sources: p.sources(), Inside: p.args.Inside, Port: tlsPort,
		MetricsPort: statusPort, Services: p.args.routed(audience), Meshed: p.args.Mesh != workload.NoMesh, Tags: p.args.Doors.Tags,
	}, p.parent)
}

func tlsSecret(audience string) string { return audience + "-tls" }

// certificate asks for one of the door's host, whose key is made in the cluster, stays there, and is another each time.
func (p *place) certificate(ctx *pulumi.Context, logical, audience string) (pulumi.Resource, error) {
	return certificates.NewServing(ctx, logical+"-certificate", certificates.Certificate{
		Name: audience, Namespace: p.namespace, Secret: tlsSecret(audience), After: p.args.After, Tags: p.args.Doors.Tags,
	}, p.args.Issuer, []string{p.args.Doors.Host(audience)}, p.parent)
}

// data is what a door is given: what it is to know, and whose certificates it takes.
func (p *place) data(audience string) (map[string]string, error) {
	text, err := p.args.configuration(audience)
	if err != nil {
		return nil, err
	}
	out := map[string]string{baseFile: text}
	if of := p.args.Doors.Audiences[audience]; of.Auth == gateway.MutualTLS {
		out[trustFile] = of.TrustStore
	}
	return out, nil
}

func (p *place) given(ctx *pulumi.Context, logical, audience string) (pulumi.Resource, error) {
	data, err := p.data(audience)
	if err != nil {
		return nil, err
	}
	return corev1.NewConfigMap(ctx, logical+"-configuration", &corev1.ConfigMapArgs{
		Metadata: p.metadata(audience), Data: pulumi.ToStringMap(data),
	}, pulumi.Parent(p.parent))
}

func keysSecret(audience string) string { return audience + "-keys" }

// keys fetches those of callers into what the door is to know, as a Secret of the cluster: they are neither in the program nor in
// its state. Nil is for an audience without.
func (p *place) keys(ctx *pulumi.Context, logical, audience string) (pulumi.Resource, error) {
	source, given := p.args.Keys[audience]
	if !given {
		return nil, nil
	}
	text, err := p.args.configurationWithKeys(audience)
	if err != nil {
		return nil, err
	}
	return bridge.Fetch(ctx, logical+"-keys", bridge.Secret{
		Name: keysSecret(audience), Namespace: p.namespace, Source: source, Template: map[string]string{keysFile: text}, Tags: p.args.Doors.Tags,
	}, p.parent, slices.Concat(p.args.After, p.ready))
}

// budget lets one pod of a door at a time be moved to another node.
func (p *place) budget(ctx *pulumi.Context, logical, audience string) (pulumi.Resource, error) {
	return policyv1.NewPodDisruptionBudget(ctx, logical+"-budget", &policyv1.PodDisruptionBudgetArgs{
		Metadata: p.metadata(audience),
		Spec: policyv1.PodDisruptionBudgetSpecArgs{
			MaxUnavailable: pulumi.Int(1), Selector: metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(Labels(audience))},
		},
	}, pulumi.Parent(p.parent))
}

func (p *place) deployment(ctx *pulumi.Context, logical, audience string, after []pulumi.Resource) (pulumi.Resource, error) {
	data, err := p.data(audience)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	for _, name := range []string{baseFile, trustFile} {
		fmt.Fprintf(sum, "%d %s", len(data[name]), data[name])
	}
	metadata := p.metadata(audience)
	metadata.Labels = pulumi.ToStringMap(p.args.Doors.Tags.Merge(Labels(audience)))
	return appsv1.NewDeployment(ctx, logical+"-pods", &appsv1.DeploymentArgs{
		Metadata: metadata, Spec: p.pods(audience, hex.EncodeToString(sum.Sum(nil))),
	}, pulumi.Parent(p.parent), pulumi.DependsOn(after))
}
