package delivery

import (
	"fmt"
	"maps"
	"slices"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/custom"
)

// apiVersion is that of projects and applications.
const apiVersion = "argoproj.io/v1alpha1"

// inCluster is how Argo CD calls the cluster that it runs in.
const inCluster = "https://kubernetes.default.svc"

// anyProject is made by Argo CD when it starts, and lets everything through until somebody says otherwise
// (https://argo-cd.readthedocs.io/en/stable/user-guide/projects/#the-default-project).
const anyProject = "default"

// projectSpec lists what is let through. A list of kinds of the cluster that is not there lets none through, one of a
// namespace's would let all through (https://github.com/argoproj/argo-cd/blob/v3.5.2/pkg/apis/application/v1alpha1/app_project_types.go).
type projectSpec struct {
	Description                string        `json:"description"`
	SourceRepos                []string      `json:"sourceRepos"`
	Destinations               []destination `json:"destinations"`
	NamespaceResourceWhitelist []groupKind   `json:"namespaceResourceWhitelist,omitempty"`
	NamespaceResourceBlacklist []groupKind   `json:"namespaceResourceBlacklist,omitempty"`
}

type destination struct {
	Server    string             `json:"server"`
	Namespace pulumi.StringInput `json:"namespace"`
}

// projects makes one for each team that has services: they come from its repository, go to its services' namespaces,
// and are of the kinds that a team may bring.
func (a Args) projects(ctx *pulumi.Context, name string, parent pulumi.Resource, after []pulumi.Resource) ([]pulumi.Resource, error) {
	var made []pulumi.Resource
	add := func(team string, annotations pulumi.StringMap, spec projectSpec) error {
		metadata := a.own(team)
		metadata.Annotations = annotations
		project, err := custom.New(ctx, name+"-project-"+team, custom.Args{
			APIVersion: apiVersion, Kind: "AppProject", Metadata: metadata, Spec: spec,
		}, pulumi.Parent(parent), pulumi.DependsOn(after))
		if err != nil {
			return fmt.Errorf("project %s: %w", team, err)
		}
		made = append(made, project)
		return nil
	}
	for _, team := range slices.Sorted(maps.Keys(a.Teams)) {
		spec := projectSpec{
			Description: "Services of team " + team, SourceRepos: []string{a.Teams[team].Repository},
			NamespaceResourceWhitelist: deliverableKinds(),
		}
		for _, service := range a.servicesOf(team) {
			spec.Destinations = append(spec.Destinations, destination{inCluster, a.Services[service].Namespace})
		}
		if len(spec.Destinations) == 0 {
			continue
		}
		if err := add(team, nil, spec); err != nil {
			return nil, err
		}
	}
	// It is there already when this comes, and is taken over as it is
	// (https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/).
	err := add(anyProject, pulumi.StringMap{"pulumi.com/patchForce": pulumi.String("true")}, projectSpec{
		Description: "Nobody's: nothing is let through", SourceRepos: []string{}, Destinations: []destination{},
		NamespaceResourceBlacklist: []groupKind{{"*", "*"}},
	})
	return made, err
}

func (a Args) servicesOf(team string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(a.Services)) {
		if a.Services[name].Team == team {
			out = append(out, name)
		}
	}
	return out
}

// own is the metadata of an object of the platform's own.
func (a Args) own(name string) metav1.ObjectMetaArgs {
	return metav1.ObjectMetaArgs{Name: pulumi.String(name), Namespace: pulumi.String(Namespace), Labels: pulumi.ToStringMap(a.Tags)}
}
