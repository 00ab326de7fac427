package gcp

import (
	"errors"
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// controllers are those of GKE, which run beside the control plane and need no nodes.
type controllers struct{}

// Controllers is what Google Cloud does for the clusters of GKE.
func Controllers() controller.Cloud { return controllers{} }

func (controllers) ClusterType() string { return clusterType }

func (controllers) Version(c controller.Cluster) string { return c.Str("minMasterVersion") }

// Charts are none: what a cluster needs of the cloud, GKE brings.
func (controllers) Charts() []byte { return nil }

func (controllers) Cluster(t *cloud.Tx, server string) *cloud.Object {
	return t.Lookup([]string{clusterType}, []string{"endpoint"}, strings.TrimPrefix(server, "https://"))
}

// The finalizers of GKE's controllers
// (https://github.com/kubernetes/ingress-gce/blob/master/pkg/utils/common/finalizer.go).
const (
	internalFinalizer = "gke.networking.io/l4-ilb-v2"
	externalFinalizer = "gke.networking.io/l4-netlb-v3"
	legacyFinalizer   = "service.kubernetes.io/load-balancer-cleanup"
	ingressFinalizer  = "networking.gke.io/ingress-finalizer-V2"
)

// balances says whether the add-on is on whose controller makes all but the oldest kind of load balancer: it is
// unless it was switched off (https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer).
func balances(c controller.Cluster) bool { return !c.Bool("addonsConfig.httpLoadBalancing.disabled") }

// Finalizes says which controllers live.
func (controllers) Finalizes(_ *cloud.Tx, c controller.Cluster, finalizer string) bool {
	switch finalizer {
	case legacyFinalizer:
		return true
	case internalFinalizer, externalFinalizer, ingressFinalizer:
		return balances(c)
	}
	return false
}

// Retire has nothing to do: no controller here makes anything for a custom resource.
func (controllers) Retire(*cloud.Tx, controller.Cluster, *cloud.Object) error { return nil }

// Expose lets the controller work whose turn it is.
func (controllers) Expose(t *cloud.Tx, c controller.Cluster, e controller.Exposed) (controller.Exposure, error) {
	if err := knownAnnotations(e); err != nil {
		return controller.Exposure{}, err
	}
	b := &balancer{t: t, c: c, e: e, in: placeOf(t, c.Object)}
	if e.Kind == "Ingress" {
		return b.ingress()
	}
	return b.service()
}

// Withdraw removes a load balancer and all that belongs to it, and with the last one what all shared.
func (controllers) Withdraw(t *cloud.Tx, c controller.Cluster, e controller.Exposed) error {
	for _, owned := range t.Owned(e.Key) {
		t.Remove(owned.Key())
	}
	for _, typ := range []string{firewallType, healthType} {
		for _, shared := range t.Find(typ, func(o *cloud.Object) bool { return o.Str("sharedBy") == c.ID }) {
			if t.Count(ruleType, func(r *cloud.Object) bool {
				return r.Str("cluster") == c.ID && slices.Contains(r.List("uses"), shared.Str("name"))
			}) == 0 {
				t.Remove(shared.Key())
			}
		}
	}
	return nil
}

var errNotModelled = errors.New("the simulated Google Cloud does not know it: add it in tests/cloud/gcp")
