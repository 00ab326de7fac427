package delivery

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/tenancy"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:delivery:Delivery"

// Namespace is where Argo CD lives, and Account is as whom the platform's own secrets are fetched there.
const (
	Namespace = workload.Delivery
	Account   = "secrets"
)

// timeoutSec is what the pull of one large image on each node and a job before the chart take, with room.
const timeoutSec = 600

// The platform's own Secrets here, and the key under which Argo CD is told the client's secret.
const (
	ssoSecret = "sso"
	ssoKey    = "clientSecret"
	gitSecret = "git"
)

// Component is how an environment is delivered.
type Component struct {
	pulumi.ResourceState

	// Applications are what must be gone before anything that they need is.
	Applications pulumi.Resource
}

// New validates the arguments, releases Argo CD and tells it what to deliver.
//
// On the way down applications go first, while Argo CD lives and can take along what they brought; then the projects
// that let them, and then Argo CD.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("delivery %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"environment": pulumi.String(args.Environment), "host": pulumi.String(args.Host), "replicas": pulumi.Int(args.Replicas),
		"selfHeal": pulumi.Bool(args.SelfHeal), "issuer": pulumi.String(args.SSO.Issuer),
		"services": pulumi.ToStringArray(slices.Sorted(maps.Keys(args.Services))),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("delivery %s: %w", name, err)
	}
	if err := args.build(ctx, name, component); err != nil {
		return nil, fmt.Errorf("delivery %s: %w", name, err)
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of delivery %s: %w", name, err)
	}
	return component, nil
}

func (a Args) build(ctx *pulumi.Context, name string, component *Component) error {
	space, closed, err := system.NewClosed(ctx, name, system.Args{
		Name: Namespace, Level: tenancy.LevelRestricted, Tags: a.Tags,
	}, a.flows(), component)
	if err != nil {
		return err
	}
	secrets, err := a.secrets(ctx, name, space, component)
	if err != nil {
		return err
	}
	release, err := chart.New(ctx, name+"-release", chart.Args{
		Name: prefix, Chart: chart.ArgoCD.Chart, Version: chart.ArgoCD.Version, Repository: chart.ArgoCD.Repository,
		Namespace: Namespace, Values: chart.Values(a.values()), TimeoutSec: timeoutSec,
	}, pulumi.Parent(component), pulumi.DependsOn(slices.Concat(a.Nodes, []pulumi.Resource{space}, closed, secrets)))
	if err != nil {
		return err
	}
	may, err := a.access(ctx, name, component)
	if err != nil {
		return err
	}
	projects, err := a.projects(ctx, name, component, append(slices.Clone(a.Watching), release))
	if err != nil {
		return err
	}
	component.Applications, err = a.applications(ctx, name, component, append(projects, may...))
	return err
}

// secrets fetches what Argo CD must know and nobody else: as an account of its own, whose identity may read these two.
func (a Args) secrets(ctx *pulumi.Context, name string, space pulumi.Resource, parent pulumi.Resource) ([]pulumi.Resource, error) {
	account, err := bridge.NewReader(ctx, name, bridge.Reader{
		Name: Account, Namespace: pulumi.String(Namespace), Annotations: a.Annotations, Tags: a.Tags,
	}, parent, []pulumi.Resource{space})
	if err != nil {
		return nil, err
	}
	var made []pulumi.Resource
	for _, s := range []bridge.Secret{
		{
			Name: ssoSecret, Source: a.SSO.Secret, Template: map[string]string{ssoKey: "{{ ." + workload.SecretKey + " }}"},
			Labels: tags.Set{"app.kubernetes.io/part-of": "argocd"},
		},
		{
			// It is of every repository whose URL begins so
			// (https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/#repository-credentials).
			Name: gitSecret, Source: a.Git.Secret, Labels: tags.Set{"argocd.argoproj.io/secret-type": "repo-creds"},
			Template: map[string]string{
				"type": "git", "url": a.Git.URL, "username": a.Git.Username, "password": "{{ ." + workload.SecretKey + " }}",
			},
		},
	} {
		s.Namespace, s.Tags = pulumi.String(Namespace), a.Tags
		fetched, err := bridge.Fetch(ctx, name+"-"+s.Name, s, parent, append(slices.Clone(a.After), account))
		if err != nil {
			return nil, err
		}
		made = append(made, fetched)
	}
	return made, nil
}
