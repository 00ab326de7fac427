package contract

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/monitoring"
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/kubernetes/priority"
	"platform/components/kubernetes/secrets"
	"platform/components/kubernetes/storage"
	"platform/components/kubernetes/workload"
	"platform/components/network"
)

// buildMonitoring watches a cluster without a mesh, where ports say what the mesh says elsewhere, on volumes of its own.
func (b *builder) buildMonitoring() (pulumi.Map, error) {
	w, err := b.watch("sso")
	if err != nil {
		return nil, err
	}
	return pulumi.Map{"namespace": w.made.Namespace}, nil
}

// watched is what watches, with the secrets that an operator fills for it, and what fetches them.
type watched struct {
	made    *monitoring.Component
	secrets map[string]bridge.Source
	fetcher pulumi.Resource
	inside  pulumi.ResourceOption
}

func (b *builder) watch(names ...string) (watched, error) {
	if err := b.needCluster(); err != nil {
		return watched{}, err
	}
	inside, err := b.inside()
	if err != nil {
		return watched{}, err
	}
	volumes, err := storage.New(b.ctx, "storage", storage.Args{Class: b.cluster.StorageClass, Tags: owned}, inside)
	if err != nil {
		return watched{}, err
	}
	classes, err := priority.New(b.ctx, "priority", priority.Args{Tags: owned}, inside)
	if err != nil {
		return watched{}, err
	}
	controller, err := secrets.New(b.ctx, "secrets", secrets.Args{
		Replicas: 1, Around: b.around(network.EndpointSecrets), After: b.cluster.Nodes, Tags: owned,
	}, inside)
	if err != nil {
		return watched{}, err
	}
	who, own, err := b.secretOf("monitoring", monitoring.Namespace, monitoring.Account, names...)
	if err != nil {
		return watched{}, err
	}
	targets := certificates.Targets()
	targets["dns"] = b.cluster.Names
	made, err := monitoring.New(b.ctx, "monitoring", monitoring.Args{
		Kind: watch.Prometheus, Environment: "contract", Cloud: b.cloud, Host: "monitoring.example.com", Replicas: 1,
		RetentionDays: 7, StorageGiB: 20, MemoryMiB: 1024, StorageClass: b.cluster.StorageClass.Name,
		SSO: monitoring.SSO{
			ClientID: "monitoring", AuthorizeURL: "https://login.example.com/authorize", TokenURL: "https://login.example.com/token",
			ProfileURL: "https://login.example.com/userinfo", Scopes: []string{"openid"}, Secret: own["sso"],
		},
		Viewers: []string{"orders"}, Priority: priority.Observability, Mesh: workload.NoMesh, Targets: targets, Annotations: who.Annotations,
		Around: flows.Around{API: b.cluster.API, Ways: map[string]network.Way{"sso": network.OverInternet(network.TLSPort)}},
		After:  slices.Concat(b.cluster.Nodes, classes.Ready, []pulumi.Resource{volumes, controller.Release}), Tags: owned,
	}, inside)
	if err != nil {
		return watched{}, err
	}
	return watched{made, own, controller.Release, inside}, nil
}
