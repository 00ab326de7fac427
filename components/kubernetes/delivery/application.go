package delivery

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/custom"
	"platform/components/tags"
)

// cascade lets an application take along what it brought. It holds the application until that is gone, which only a
// living Argo CD can tell (https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/).
const cascade = "resources-finalizer.argocd.argoproj.io"

type setSpec struct {
	GoTemplate        bool         `json:"goTemplate"`
	GoTemplateOptions []string     `json:"goTemplateOptions"`
	Generators        []generator  `json:"generators"`
	SyncPolicy        setPolicy    `json:"syncPolicy"`
	Template          templateSpec `json:"template"`
}

type generator struct {
	List list `json:"list"`
}

type list struct {
	Elements []element `json:"elements"`
}

// element is one service.
type element struct {
	Service    string             `json:"service"`
	Team       string             `json:"team"`
	Namespace  pulumi.StringInput `json:"namespace"`
	Repository string             `json:"repository"`
	Path       string             `json:"path"`
}

type setPolicy struct {
	ApplicationsSync string `json:"applicationsSync"`
}

type templateSpec struct {
	Metadata templateMetadata `json:"metadata"`
	Spec     applicationSpec  `json:"spec"`
}

type templateMetadata struct {
	Name       string            `json:"name"`
	Labels     map[string]string `json:"labels"`
	Finalizers []string          `json:"finalizers"`
}

type applicationSpec struct {
	Project           string             `json:"project"`
	Source            source             `json:"source"`
	Destination       destination        `json:"destination"`
	SyncPolicy        syncPolicy         `json:"syncPolicy"`
	IgnoreDifferences []ignoreDifference `json:"ignoreDifferences"`
}

type source struct {
	RepoURL        string `json:"repoURL"`
	Path           string `json:"path"`
	TargetRevision string `json:"targetRevision"`
}

type syncPolicy struct {
	Automated   *automated `json:"automated,omitempty"`
	SyncOptions []string   `json:"syncOptions"`
	Retry       *retry     `json:"retry,omitempty"`
}

type automated struct {
	Prune    bool `json:"prune"`
	SelfHeal bool `json:"selfHeal"`
}

type retry struct {
	Limit   int     `json:"limit"`
	Backoff backoff `json:"backoff"`
}

type backoff struct {
	Duration    string `json:"duration"`
	Factor      int    `json:"factor"`
	MaxDuration string `json:"maxDuration"`
}

type ignoreDifference struct {
	Group        string   `json:"group"`
	Kind         string   `json:"kind"`
	JSONPointers []string `json:"jsonPointers"`
}

// applications makes one for each service, out of the list that the catalogue is. The set owns them: whoever deletes it
// in the foreground, as the provider does, waits until all are gone with what they brought
// (https://github.com/pulumi/pulumi-kubernetes/pull/2379).
func (a Args) applications(ctx *pulumi.Context, name string, parent pulumi.Resource, after []pulumi.Resource) (pulumi.Resource, error) {
	elements := []element{}
	for _, service := range slices.Sorted(maps.Keys(a.Services)) {
		entry := a.Services[service]
		elements = append(elements, element{
			Service: service, Team: entry.Team, Namespace: entry.Namespace, Repository: a.Teams[entry.Team].Repository,
			Path: service + "/" + a.Folder,
		})
		after = append(slices.Clip(after), entry.Ready...)
	}
	return custom.New(ctx, name+"-services", custom.Args{
		APIVersion: apiVersion, Kind: "ApplicationSet", Metadata: a.own("services"),
		Spec: setSpec{
			// What the list does not say is an error, not an empty text
			// (https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/GoTemplate/).
			GoTemplate: true, GoTemplateOptions: []string{"missingkey=error"},
			Generators: []generator{{list{elements}}}, SyncPolicy: setPolicy{"sync"},
			Template: templateSpec{
				Metadata: templateMetadata{
					Name: "{{ .service }}", Finalizers: []string{cascade},
					Labels: map[string]string{tags.Team: "{{ .team }}", tags.Service: "{{ .service }}", tags.Environment: a.Environment},
				},
				Spec: a.application(),
			},
		},
	}, pulumi.Parent(parent), pulumi.DependsOn(after))
}

func (a Args) application() applicationSpec {
	out := applicationSpec{
		Project:     "{{ .team }}",
		Source:      source{RepoURL: "{{ .repository }}", Path: "{{ .path }}", TargetRevision: "HEAD"},
		Destination: destination{inCluster, pulumi.String("{{ .namespace }}")},
		SyncPolicy: syncPolicy{SyncOptions: []string{
			"CreateNamespace=false",
			"FailOnSharedResource=true", // two services that bring one object would undo each other
			"RespectIgnoreDifferences=true",
			"ServerSideApply=true",
		}},
		// How many pods run, autoscalers say.
		IgnoreDifferences: []ignoreDifference{{"apps", "Deployment", []string{"/spec/replicas"}}},
	}
	if a.SelfHeal {
		out.SyncPolicy.Automated = &automated{Prune: true, SelfHeal: true}
		out.SyncPolicy.Retry = &retry{Limit: 5, Backoff: backoff{Duration: "5s", Factor: 2, MaxDuration: "3m"}}
	}
	return out
}
