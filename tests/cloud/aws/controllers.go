package aws

import (
	"errors"
	"slices"
	"strconv"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// controllers are those of EKS and of AWS's charts.
type controllers struct{}

// Controllers is what AWS does for the clusters of EKS.
func Controllers() controller.Cloud { return controllers{} }

func (controllers) ClusterType() string { return clusterType }

func (controllers) Version(c controller.Cluster) string { return c.Str("version") }

// Charts are none that have to be described: the sources of those of AWS are read.
func (controllers) Charts() []byte { return nil }

func (controllers) Cluster(t *cloud.Tx, server string) *cloud.Object {
	return t.Lookup([]string{clusterType}, []string{"endpoint"}, server)
}

func running(t *cloud.Tx, c controller.Cluster) bool {
	return slices.ContainsFunc(nodeGroups(t, c), func(g *cloud.Object) bool { return len(machines(t, g)) > 0 })
}

// identified says whether pods with a service account have a role: by an association and the agent that
// hands it out, or by an annotation of the account
// (https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html).
func identified(t *cloud.Tx, c controller.Cluster, namespace, account string, annotations map[string]any) bool {
	if annotations["eks.amazonaws.com/role-arn"] != nil {
		return true
	}
	agent := t.Get(addonType, c.ID+":eks-pod-identity-agent") != nil
	return agent && t.Count(associationType, func(a *cloud.Object) bool {
		return a.Str("clusterName") == c.ID && a.Str("namespace") == namespace && a.Str("serviceAccount") == account
	}) > 0
}

// Finalizes says which controllers live: that of EKS itself runs beside the API server and needs no
// nodes, AWS's own load balancer controller runs on them.
func (controllers) Finalizes(t *cloud.Tx, c controller.Cluster, finalizer string) bool {
	switch finalizer {
	case inTreeFinalizer:
		return true
	case serviceFinalizer, ingressFinalizer:
		return absent(t, c) == nil
	}
	return false
}

// Expose lets the controller work whose turn it is.
func (controllers) Expose(t *cloud.Tx, c controller.Cluster, e controller.Exposed) (controller.Exposure, error) {
	if err := knownAnnotations(e); err != nil {
		return controller.Exposure{}, err
	}
	b, err := balancerOf(t, c, e)
	if err != nil {
		return controller.Exposure{}, err
	}
	return b.mint()
}

// Withdraw removes a load balancer and all that belongs to it.
func (controllers) Withdraw(t *cloud.Tx, c controller.Cluster, e controller.Exposed) error {
	for _, owned := range t.Owned(e.Key) {
		if err := takesOwned(t, owned); err != nil {
			return err
		}
		t.Remove(owned.Key())
	}
	return releaseBackendGroup(t, c)
}

// Provision makes the volume of a claim.
func (controllers) Provision(t *cloud.Tx, c controller.Cluster, claim controller.Claim) (cloud.Key, error) {
	if claim.Provisioner != diskProvisioner {
		return cloud.Key{}, controller.ErrNotMine
	}
	if err := diskDriver(t, c); err != nil {
		return cloud.Key{}, err
	}
	return mintVolume(t, c, claim)
}

// Reclaim removes a volume.
func (controllers) Reclaim(t *cloud.Tx, c controller.Cluster, provisioner string, disk cloud.Key) error {
	if provisioner != diskProvisioner {
		return controller.Pending("its driver " + provisioner + " is gone")
	}
	if err := diskDriver(t, c); err != nil {
		return err
	}
	t.Remove(disk)
	return nil
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0 // a port that an Ingress calls by name
	}
	return n
}

var errNotModelled = errors.New("the simulated AWS does not know it: add it in tests/cloud/aws")
