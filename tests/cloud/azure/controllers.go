package azure

import (
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// controllers are those that AKS runs beside the API server of each cluster: they need no nodes.
type controllers struct{}

// Controllers is what Azure does for the clusters of AKS.
func Controllers() controller.Cloud { return controllers{} }

func (controllers) ClusterType() string { return clusterType }

func (controllers) Version(c controller.Cluster) string { return c.Str("kubernetesVersion") }

// Charts are none: what a cluster needs of the cloud, AKS brings.
func (controllers) Charts() []byte { return nil }

func (controllers) Cluster(t *cloud.Tx, server string) *cloud.Object {
	host := strings.TrimSuffix(strings.TrimPrefix(server, "https://"), ":443")
	if host == "" {
		return nil
	}
	return t.Lookup([]string{clusterType}, []string{"privateFQDN", "fqdn"}, host)
}

// cleanupFinalizer is set by the controller of Services
// (https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/#garbage-collecting-load-balancers).
const cleanupFinalizer = "service.kubernetes.io/load-balancer-cleanup"

// Finalizes: to take its nodes out of a load balancer, the cluster must still be allowed what it was to put
// them in.
func (controllers) Finalizes(t *cloud.Tx, c controller.Cluster, finalizer string) bool {
	return finalizer == cleanupFinalizer && joins(t, c, firstSubnet(c.Object)) == nil
}

// joins says why the cluster may not place anything in a subnet, which each change of a load balancer and of
// its machines asks for (https://learn.microsoft.com/azure/aks/internal-lb#before-you-begin,
// https://learn.microsoft.com/azure/aks/configure-azure-cni#prerequisites).
func joins(t *cloud.Tx, c controller.Cluster, subnet string) error {
	if !may(t, principal(t, c.Object), subnet, networkContributorRole, contributorRole, ownerRole) {
		return controller.Pending("LinkedAuthorizationFailed: the cluster's identity may not perform Microsoft.Network/virtualNetworks/subnets/join/action on " + subnet)
	}
	return nil
}

// Retire has nothing to do: no controller here makes anything for a custom resource.
func (controllers) Retire(*cloud.Tx, controller.Cluster, *cloud.Object) error { return nil }

// Expose makes a frontend of one of the cluster's two load balancers.
func (controllers) Expose(t *cloud.Tx, c controller.Cluster, e controller.Exposed) (controller.Exposure, error) {
	if e.Kind != "Service" || e.Class != "" {
		return controller.Exposure{}, controller.ErrNotMine // AKS brings no controller of Ingresses by itself
	}
	if err := knownAnnotations(e); err != nil {
		return controller.Exposure{}, err
	}
	if err := joins(t, c, firstSubnet(c.Object)); err != nil {
		return controller.Exposure{}, err
	}
	b := &balancer{t: t, c: c, e: e, internal: e.Annotations[serviceAnnotation+"load-balancer-internal"] == "true"}
	return b.mint()
}

// Withdraw removes the frontend of a Service, and the load balancer with its last one.
func (controllers) Withdraw(t *cloud.Tx, c controller.Cluster, e controller.Exposed) error {
	for _, owned := range t.Owned(e.Key) {
		t.Remove(owned.Key())
	}
	for _, lb := range t.Owned(c.Key()) {
		if lb.Type == balancerType && len(t.Holders(lb.Key())) == 0 {
			t.Remove(lb.Key())
		}
	}
	return nil
}

// Provision makes the disk of a claim.
func (controllers) Provision(t *cloud.Tx, c controller.Cluster, claim controller.Claim) (cloud.Key, error) {
	if claim.Provisioner != diskProvisioner {
		return cloud.Key{}, controller.ErrNotMine
	}
	if err := diskDriver(c); err != nil {
		return cloud.Key{}, err
	}
	return mintVolume(t, c, claim)
}

// Reclaim removes a disk.
func (controllers) Reclaim(t *cloud.Tx, c controller.Cluster, provisioner string, disk cloud.Key) error {
	if provisioner != diskProvisioner {
		return controller.Pending("its driver " + provisioner + " is gone")
	}
	if err := diskDriver(c); err != nil {
		return err
	}
	t.Remove(disk)
	return nil
}
