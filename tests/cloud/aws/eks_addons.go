package aws

import (
	"slices"

	"platform/tests/cloud"
)

// offer is what EKS has of one add-on.
type offer struct {
	needsNodes bool // it becomes healthy only where its pods run
	// versions by minor version of Kubernetes: some of what `aws eks describe-addon-versions` lists.
	versions map[string][]string
}

// offers are the add-ons that the program may use. An update adds a line here after the command above, or
// one of these pages, has shown that EKS offers the version:
//   - https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
//   - https://docs.aws.amazon.com/eks/latest/userguide/managing-vpc-cni.html
//   - https://docs.aws.amazon.com/eks/latest/userguide/managing-kube-proxy.html
//   - https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html
//   - https://docs.aws.amazon.com/eks/latest/userguide/community-addons.html
var offers = map[string]offer{
	"vpc-cni": {versions: map[string][]string{
		"1.32": {"v1.19.5-eksbuild.1", "v1.20.1-eksbuild.3"},
		"1.33": {"v1.19.5-eksbuild.1", "v1.19.5-eksbuild.3", "v1.20.0-eksbuild.1", "v1.20.1-eksbuild.3"},
	}},
	"kube-proxy": {versions: map[string][]string{
		"1.32": {"v1.32.3-eksbuild.7", "v1.32.6-eksbuild.8"},
		"1.33": {"v1.33.0-eksbuild.2", "v1.33.3-eksbuild.4", "v1.33.3-eksbuild.6"},
	}},
	"eks-pod-identity-agent": {versions: map[string][]string{
		"1.32": {"v1.3.7-eksbuild.2", "v1.3.8-eksbuild.2"},
		"1.33": {"v1.3.7-eksbuild.2", "v1.3.8-eksbuild.2"},
	}},
	"coredns": {needsNodes: true, versions: map[string][]string{
		"1.32": {"v1.11.4-eksbuild.10", "v1.11.4-eksbuild.22"},
		"1.33": {"v1.12.1-eksbuild.2", "v1.12.2-eksbuild.4", "v1.12.3-eksbuild.1", "v1.12.4-eksbuild.1"},
	}},
	"aws-ebs-csi-driver": {needsNodes: true, versions: map[string][]string{
		"1.32": {"v1.48.0-eksbuild.1", "v1.48.0-eksbuild.2"},
		"1.33": {"v1.44.0-eksbuild.1", "v1.46.0-eksbuild.1", "v1.48.0-eksbuild.1", "v1.48.0-eksbuild.2"},
	}},
	"metrics-server": {needsNodes: true, versions: map[string][]string{
		"1.33": {"v0.8.0-eksbuild.1", "v0.8.0-eksbuild.2", "v0.8.0-eksbuild.3"},
	}},
}

func addonCreated(t *cloud.Tx, o *cloud.Object) error {
	name, version := o.Str("addonName"), o.Str("addonVersion")
	offered, ok := offers[name]
	if !ok {
		return cloud.Refuse("InvalidParameterException", "addon %s is not supported", name)
	}
	control := t.Get(clusterType, o.Str("clusterName"))
	// Without a version EKS takes its default.
	if of := offered.versions[control.Str("version")]; version != "" && !slices.Contains(of, version) {
		return cloud.Refuse("InvalidParameterException", "addon version %s of %s is not supported for Kubernetes %s: known are %v",
			version, name, control.Str("version"), of)
	}
	nodes := t.Find(nodeGroupType, func(g *cloud.Object) bool { return g.Str("clusterName") == o.Str("clusterName") })
	if offered.needsNodes && len(nodes) == 0 {
		return cloud.Refuse("ResourceNotReady", "unexpected state 'DEGRADED' of addon %s: InsufficientNumberOfReplicas: there are no nodes", name)
	}
	return nil
}

func addonUpdated(t *cloud.Tx, _, o *cloud.Object) error { return addonCreated(t, o) }

// associationCreated: an account of a namespace has one role
// (https://docs.aws.amazon.com/eks/latest/APIReference/API_CreatePodIdentityAssociation.html).
func associationCreated(t *cloud.Tx, o *cloud.Object) error {
	others := t.Find(associationType, func(a *cloud.Object) bool {
		return a.ID != o.ID && a.Str("clusterName") == o.Str("clusterName") && a.Str("namespace") == o.Str("namespace") &&
			a.Str("serviceAccount") == o.Str("serviceAccount")
	})
	if len(others) > 0 {
		return cloud.Refuse("ResourceInUseException", "association already exists for %s/%s: %s", o.Str("namespace"), o.Str("serviceAccount"), others[0])
	}
	return nil
}
