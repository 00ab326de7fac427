// Package controller is the seam between the simulated clusters and the clouds in which they run: what
// a Service, an Ingress, a claim or a pod without a place makes a cloud's controllers do. The package
// kubernetes knows the kinds and asks; each cloud answers in its own terms.
package controller

import (
	"errors"
	"strings"

	"platform/tests/cloud"
)

// Cloud is what a cloud does for the clusters that it manages. Every method runs in the transaction of
// the call to the Kubernetes API.
type Cloud interface {
	// ClusterType is the token of its clusters.
	ClusterType() string
	// Cluster is the cluster that answers at the server of a kubeconfig, or nil.
	Cluster(t *cloud.Tx, server string) *cloud.Object
	// Version is the version of Kubernetes that a cluster runs.
	Version(c Cluster) string
	// Charts describes the charts that are of use in this cloud alone, in the form of the package
	// kubernetes' charts.yaml.
	Charts() []byte

	// Pools lists the groups of like nodes of a cluster, in the order of their names.
	Pools(t *cloud.Tx, c Cluster) ([]Pool, error)
	// Scale makes or removes nodes until the pool has size of them, as its autoscaler would.
	Scale(t *cloud.Tx, c Cluster, pool string, size int) error

	// Retire takes away what the cloud's controllers made for a custom resource that goes; a Pending says which finalizers
	// keep it, and why.
	Retire(t *cloud.Tx, c Cluster, o *cloud.Object) error

	// Expose makes what exposes a Service or an Ingress, and says which finalizer its controller sets
	// and where callers reach it. It is ErrNotMine for what no controller of the cloud takes up, and a
	// Pending while the one that would is missing or cannot.
	Expose(t *cloud.Tx, c Cluster, e Exposed) (Exposure, error)
	// Withdraw takes away what Expose made. It is asked only while Finalizes says that it can.
	Withdraw(t *cloud.Tx, c Cluster, e Exposed) error
	// Finalizes says whether the controller that takes a finalizer off lives and may do its work.
	Finalizes(t *cloud.Tx, c Cluster, finalizer string) bool

	// Provision makes the disk of a claim; its errors are those of Expose.
	Provision(t *cloud.Tx, c Cluster, claim Claim) (cloud.Key, error)
	// Reclaim removes the disk of a released volume; a Pending leaves it where it is.
	Reclaim(t *cloud.Tx, c Cluster, provisioner string, disk cloud.Key) error
}

// ErrNotMine says that no controller of the cloud is concerned.
var ErrNotMine = errors.New("no controller of this cloud takes it up")

// Pending says why something waits: the cluster shows it in an event and tries again.
type Pending string

func (p Pending) Error() string { return string(p) }

// Cluster is a cluster as its controllers see it.
type Cluster struct {
	*cloud.Object
	Releases []Release // the charts that are installed in it
}

// Release is an installed chart.
type Release struct {
	Chart, Name, Namespace string
	Values                 map[string]any
}

// Release is the installed release of a chart, or nil.
func (c Cluster) Release(chart string) *Release {
	for i := range c.Releases {
		if c.Releases[i].Chart == chart {
			return &c.Releases[i]
		}
	}
	return nil
}

// Exposed is a Service of type LoadBalancer or an Ingress.
type Exposed struct {
	Key                  cloud.Key // owns what is made for it
	Kind                 string    // Service or Ingress
	Namespace, Name, UID string
	Class                string // loadBalancerClass or ingressClassName
	Annotations          map[string]string
	SourceRanges         []string
	Ports                []Port // of a Service; of an Ingress those of its backends
	TLS                  bool   // an Ingress asks for it
}

// Port is a port that is exposed.
type Port struct {
	Service  string // whose port it is
	Port     string // its number, or the name by which an Ingress calls it
	NodePort int
	Protocol string
}

// Exposure is what callers see of what was made.
type Exposure struct {
	Finalizer string
	Hostname  string // or
	IP        string
}

// Claim is a claim that is to be bound.
type Claim struct {
	Key             cloud.Key // owns the disk
	Namespace, Name string
	Volume          string // the name of the persistent volume
	Provisioner     string
	Parameters      map[string]string // of the storage class
	GiB             int
}

// Pool is a group of like nodes.
type Pool struct {
	Name           string
	Min, Max, Size int
	Scales         bool // somebody sees to it that there are as many nodes as pods need
	Labels         map[string]string
	Taints         []Taint // those that keep pods away
	// What pods may request on one node.
	MilliCPU, MemoryMiB, Pods int
}

// Taint keeps pods away that do not tolerate it.
type Taint struct{ Key, Value, Effect string }

// Nodes counts the nodes of all pools.
func Nodes(pools []Pool) int {
	n := 0
	for _, p := range pools {
		n += p.Size
	}
	return n
}

// Silent is the property of a cluster whose API server answers nobody: its cloud knows it, its nodes run, and nothing
// that was made for what is in it goes.
const Silent = "silent"

// Silence lets the API servers of all clusters of some types answer nobody from now on, and says how many those are.
func Silence(t *cloud.Tx, types ...string) (n int) {
	for _, typ := range types {
		for _, o := range t.Find(typ, nil) {
			if o.Props == nil {
				o.Props = map[string]any{}
			}
			o.Props[Silent] = true
			n++
		}
	}
	return n
}

// Waits is the property of an object that no controller could serve: it says why, as an event would.
const Waits = "waits"

// Inside leads the types of everything that lives in a cluster.
const Inside = "kubernetes:"

// End removes what lived in a cluster that is gone. What its controllers made in the cloud stays.
func End(t *cloud.Tx, owner cloud.Key) {
	for _, o := range t.Owned(owner) {
		if strings.HasPrefix(o.Type, Inside) {
			End(t, o.Key())
			t.Remove(o.Key())
		}
	}
}
