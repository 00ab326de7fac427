package ingress

import (
	"fmt"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	policyv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/policy/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/custom"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/mesh"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/tenancy"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:ingress:Ingress"

// Component is the way into the cluster.
type Component struct {
	pulumi.ResourceState

	// Ready is the Service to which the doors lead.
	Ready pulumi.Resource
}

// New validates the arguments and makes the ingress.
func New(ctx *pulumi.Context, logical string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("ingress %s: %w", logical, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, logical, pulumi.Map{
		"replicas": pulumi.Int(args.Replicas), "nodePort": pulumi.Int(args.Entrance.NodePort), "published": pulumi.Bool(args.Entrance.Published),
		"sources": pulumi.ToStringArray(args.Entrance.Sources), "mesh": pulumi.String(string(args.Mesh)), "trustDomain": pulumi.String(args.TrustDomain),
		"issuer": pulumi.String(args.Issuer),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("ingress %s: %w", logical, err)
	}
	made := place{Args: args, logical: logical, parent: component}
	if err := made.build(ctx, component); err != nil {
		return nil, fmt.Errorf("ingress %s: %w", logical, err)
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of ingress %s: %w", logical, err)
	}
	return component, nil
}

// place is where the ingress is made.
type place struct {
	Args

	logical   string
	parent    pulumi.Resource
	namespace pulumi.StringOutput
}

// Labels are those of its pods.
func Labels() tags.Set { return tags.Set{workload.Label: name} }

// build makes the namespace, closed but for what the ingress needs, what its pods know before they know anybody, and the pods. The
// Service comes last: a load balancer without pods behind it waits for them in vain.
func (p *place) build(ctx *pulumi.Context, component *Component) error {
	space, err := system.NewNamespace(ctx, p.logical+"-namespace", system.Args{
		Name: Namespace, Level: tenancy.LevelRestricted, Tags: p.Doors.Tags,
	}, pulumi.Parent(p.parent), pulumi.DependsOn(p.After))
	if err != nil {
		return err
	}
	p.namespace = space.Metadata.Name().Elem()
	closed, err := flows.Deny(ctx, p.logical, p.namespace, p.Doors.Tags, p.parent)
	if err != nil {
		return err
	}
	needed := []pulumi.Resource{closed}
	for _, step := range []struct {
		what string
		make func(*pulumi.Context) ([]pulumi.Resource, error)
	}{
		{"account", p.account}, {"flows", p.flows}, {"certificate", p.certificate}, {"who may come", p.access}, {"routes", p.routes}, {"budget", p.budget},
	} {
		made, err := step.make(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		needed = append(needed, made...)
	}
	pods, err := p.proxies(ctx, needed)
	if err != nil {
		return fmt.Errorf("pods: %w", err)
	}
	service, err := corev1.NewService(ctx, p.logical+"-service", p.serviceArgs(), pulumi.Parent(p.parent), pulumi.DependsOn([]pulumi.Resource{pods}))
	if err != nil {
		return fmt.Errorf("service: %w", err)
	}
	component.Ready = service
	return nil
}

func (p *place) metadata() metav1.ObjectMetaArgs {
	return metav1.ObjectMetaArgs{Name: pulumi.String(name), Namespace: p.namespace, Labels: pulumi.ToStringMap(p.Doors.Tags)}
}

// account is nobody in the cloud; services know it as the gateway.
func (p *place) account(ctx *pulumi.Context) ([]pulumi.Resource, error) {
	made, err := corev1.NewServiceAccount(ctx, p.logical+"-account", &corev1.ServiceAccountArgs{
		Metadata: p.metadata(), AutomountServiceAccountToken: pulumi.Bool(false),
	}, pulumi.Parent(p.parent))
	return []pulumi.Resource{made}, err
}

// flows let in the doors, and out to the services of routes and to what tells the proxy what it is to know.
func (p *place) flows(ctx *pulumi.Context) ([]pulumi.Resource, error) {
	made, err := flows.NewDoor(ctx, p.logical, flows.Door{
		Name: name, Namespace: p.namespace, Pods: Labels(), Sources: p.Entrance.Sources, Inside: p.Inside, Port: tlsPort, MetricsPort: metricsPort,
		Services: p.routed(), Meshed: true, Proxy: true, Calls: []flows.Pods{{Namespace: mesh.Namespace, Ports: []int{mesh.ControlPort}}}, Tags: p.Doors.Tags,
	}, p.parent)
	return []pulumi.Resource{made}, err
}

// tlsSecret is where the certificate is.
const tlsSecret = name + "-tls"

// certificate is of the host that the doors ask for. Its key is made in the cluster, stays there, and is another each time.
func (p *place) certificate(ctx *pulumi.Context) ([]pulumi.Resource, error) {
	made, err := certificates.NewServing(ctx, p.logical+"-certificate", certificates.Certificate{
		Name: name, Namespace: p.namespace, Secret: tlsSecret, After: p.After, Tags: p.Doors.Tags,
	}, p.Issuer, []string{p.host()}, p.parent)
	return []pulumi.Resource{made}, err
}

// budget lets one pod at a time be moved to another node.
func (p *place) budget(ctx *pulumi.Context) ([]pulumi.Resource, error) {
	made, err := policyv1.NewPodDisruptionBudget(ctx, p.logical+"-budget", &policyv1.PodDisruptionBudgetArgs{
		Metadata: p.metadata(),
		Spec: policyv1.PodDisruptionBudgetSpecArgs{
			MaxUnavailable: pulumi.Int(1), Selector: metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(Labels())},
		},
	}, pulumi.Parent(p.parent))
	return []pulumi.Resource{made}, err
}

// object registers one of the mesh's.
func (p *place) object(ctx *pulumi.Context, role, apiVersion, kind string, spec any) (pulumi.Resource, error) {
	return custom.New(ctx, p.logical+"-"+role, custom.Args{
		APIVersion: apiVersion, Kind: kind, Spec: spec, Metadata: p.metadata(),
	}, pulumi.Parent(p.parent), pulumi.DependsOn(p.After))
}
