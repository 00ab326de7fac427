// Package workload is what the platform and whoever deploys a service agree on: names, labels and ports by which
// policies, scalers and budgets find what they are for.
package workload

import (
	"slices"
	"time"
)

// A service named s runs as the Deployment s in the namespace s, under the account s; its pods bear the label.
const (
	Label = "app.kubernetes.io/name"

	// Port is where a service answers other services and the gateway, MetricsPort where it tells its metrics.
	Port        = 8080
	MetricsPort = 9090
)

// Look is how often the autoscaler of pods looks
// (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#how-does-a-horizontalpodautoscaler-work).
const Look = 15 * time.Second

// Zone is the label by which nodes say where they are: pods of a service spread over it
// (https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesiozone).
const Zone = "topology.kubernetes.io/zone"

// Values is the ConfigMap in a service's namespace that tells it what was made for it, and SecretKey the key of each of
// its Secrets under which the value is.
const (
	Values    = "platform"
	SecretKey = "value"
)

// The namespaces of what all services share. In a mesh, pods of the first two are in it, the former under an account of the same
// name.
const (
	Ingress       = "ingress"       // brings in what comes through the gateway
	Observability = "observability" // takes traces, logs and metrics
	// ObservabilityNodes is what does so on each node, as a part of it.
	ObservabilityNodes = "observability-nodes"
	Headroom           = "headroom"  // keeps room for peaks
	Delivery           = "delivery"  // brings from Git what runs
	Scaler             = "keda"      // scales consumers by their queues
	Provisioner        = "karpenter" // makes nodes for pods that find no room, under an account of the same name
	// Certificates, Secrets and Records are where the platform's own controllers run, under accounts of the same name.
	Certificates = "cert-manager"
	Secrets      = "external-secrets"
	Records      = "external-dns"
	// MeshControl is where the mesh is controlled, and MeshNodes where what carries it on each node is.
	MeshControl = "istio-system"
	MeshNodes   = "istio-nodes"
)

// Shared are the namespaces of what all services share.
func Shared() []string {
	return []string{Ingress, Observability, ObservabilityNodes, Headroom, Delivery, Scaler, Provisioner, Certificates, Secrets, Records, MeshControl, MeshNodes}
}

// Reserved tells whether a name is one of a shared namespace, and so no service's.
func Reserved(name string) bool { return slices.Contains(Shared(), name) }
