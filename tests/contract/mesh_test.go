package contract

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/mesh"
	"platform/components/kubernetes/tenancy"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

// buildMesh puts two services into a mesh, of which one may call the other. That nobody else may, and nobody in the clear,
// is checked of all that is built.
func (b *builder) buildMesh() (pulumi.Map, error) {
	if err := b.needCluster(); err != nil {
		return nil, err
	}
	inside, err := b.inside()
	if err != nil {
		return nil, err
	}
	signs, err := certificates.New(b.ctx, "certificates", certificates.Args{Replicas: 1, Around: b.around(), After: b.cluster.Nodes, Tags: owned}, inside)
	if err != nil {
		return nil, err
	}
	carries, err := mesh.New(b.ctx, "mesh", mesh.Args{
		Kind: workload.Istio, Replicas: 2, TrustDomain: "contract." + domain, PluginFolder: b.cluster.PluginFolder,
		Issuers: signs.Ready, Around: b.around(), After: b.cluster.Nodes, Tags: owned,
	}, inside)
	if err != nil {
		return nil, err
	}
	spaces := pulumi.Map{}
	for name, callers := range map[string][]string{"orders": nil, "ledger": {"orders"}} {
		t := owned.With(tags.Service, name)
		place, err := tenancy.New(b.ctx, "tenancy-"+name, tenancy.Args{
			Service: name, Pods: 3, MilliCPU: 100, MemoryMiB: 128, Labels: workload.MeshLabels(workload.Istio), Tags: t,
		}, inside)
		if err != nil {
			return nil, err
		}
		if _, err := flows.Open(b.ctx, "tenancy-"+name, flows.Args{
			Service: name, Namespace: place.Outputs.Namespace, CalledBy: callers, Meshed: true, Tags: t,
		}, place); err != nil {
			return nil, err
		}
		if _, err := mesh.Admit(b.ctx, "tenancy-"+name, mesh.Callers{
			Namespace: place.Outputs.Namespace, CalledBy: callers, TrustDomain: "contract." + domain, Tags: t,
		}, place, carries.Ready); err != nil {
			return nil, err
		}
		spaces[name] = place.Outputs.Namespace
	}
	return spaces, nil
}
