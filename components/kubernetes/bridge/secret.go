package bridge

import (
	"fmt"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/custom"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

// apiVersion is that of stores and of what is fetched from them
// (https://github.com/external-secrets/external-secrets/blob/v1.3.2/deploy/crds/bundle.yaml).
const apiVersion = "external-secrets.io/v1"

// refresh is how often a secret is asked for again: a new value is there within the hour, and clouds count calls.
const refresh = "1h0m0s"

// Secret is a Secret of the cluster that is fetched from a store.
type Secret struct {
	Name      string // of the Secret, its store and what fetches it
	Namespace pulumi.StringInput
	Source    Source
	// Template is what the Secret is made of, where that is more than the value: a text for each of its keys, in which
	// {{ .value }} stands for the value. Labels are those by which others find the Secret.
	Template map[string]string
	Labels   tags.Set
	Tags     tags.Set
}

type storeSpec struct {
	Provider pulumi.Map `json:"provider"`
}

type fetchSpec struct {
	RefreshInterval string    `json:"refreshInterval"`
	SecretStoreRef  reference `json:"secretStoreRef"`
	Target          target    `json:"target"`
	Data            []datum   `json:"data"`
}

type reference struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

type target struct {
	Name           string    `json:"name"`
	CreationPolicy string    `json:"creationPolicy"`
	DeletionPolicy string    `json:"deletionPolicy"`
	Template       *template `json:"template,omitempty"`
}

type template struct {
	EngineVersion string            `json:"engineVersion"`
	Metadata      templateMetadata  `json:"metadata"`
	Data          map[string]string `json:"data,omitempty"`
}

type templateMetadata struct {
	Labels map[string]string `json:"labels"`
}

type datum struct {
	SecretKey string `json:"secretKey"`
	RemoteRef remote `json:"remoteRef"`
}

type remote struct {
	Key pulumi.StringInput `json:"key"`
}

// Fetch registers a store and what fetches one secret from it, and returns the latter. Each secret has a store of its
// own: on some clouds a store holds one secret alone. The value is never in the program or its state.
func Fetch(ctx *pulumi.Context, name string, s Secret, parent pulumi.Resource, after []pulumi.Resource) (pulumi.Resource, error) {
	metadata := metav1.ObjectMetaArgs{Name: pulumi.String(s.Name), Namespace: s.Namespace, Labels: pulumi.ToStringMap(s.Tags)}
	store, err := custom.New(ctx, name+"-store", custom.Args{
		APIVersion: apiVersion, Kind: "SecretStore", Metadata: metadata, Spec: storeSpec{Provider: s.Source.Store},
	}, pulumi.Parent(parent), pulumi.DependsOn(after))
	if err != nil {
		return nil, fmt.Errorf("store of secret %s: %w", s.Name, err)
	}
	fetched, err := custom.New(ctx, name+"-secret", custom.Args{
		APIVersion: apiVersion, Kind: "ExternalSecret", Metadata: metadata, Spec: s.spec(),
	}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{store}))
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", s.Name, err)
	}
	return fetched, nil
}

// spec: the Secret goes with what fetches it, and stays if the store loses the value: a service goes on with the last
// one that there was.
func (s Secret) spec() fetchSpec {
	out := fetchSpec{
		RefreshInterval: refresh,
		SecretStoreRef:  reference{Kind: "SecretStore", Name: s.Name},
		Target:          target{Name: s.Name, CreationPolicy: "Owner", DeletionPolicy: "Retain"},
		Data:            []datum{{SecretKey: workload.SecretKey, RemoteRef: remote{Key: s.Source.Key}}},
	}
	if len(s.Template)+len(s.Labels) == 0 {
		return out // the Secret bears the labels of what fetches it
	}
	out.Target.Template = &template{
		EngineVersion: "v2", Metadata: templateMetadata{Labels: s.Tags.Merge(s.Labels)}, Data: s.Template,
	}
	return out
}
