package kong

import (
	"net/netip"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/image"
	"platform/components/kubernetes/workload"
	"platform/components/limit"
)

// Namespace is where the doors are: what comes out of it, routed services let in.
const Namespace = workload.Ingress

// Reader is the account as which the keys of callers are fetched. No pod runs under it.
const Reader = "keys"

// account is that of the doors' pods. It is nobody in the cloud; in a mesh services know it as the gateway.
const account = workload.Ingress

// product names what the doors are made of.
const product = "kong"

// replicas is how many pods a door may have. Each counts its share of a rate by itself, and shares are whole requests.
var replicas = limit.Range{Least: 1, Most: 20}

// Offer is what doors in the cluster can do: keys of callers besides tokens and certificates, but an issuer's public keys have
// to be brought along, as the open-source Kong does not ask for them
// (https://github.com/Kong/kong/blob/3.9.3/kong/plugins/jwt/daos.lua). Certificates are issued in the cluster. Of a rate, the
// most is what a door of a few pods can carry; a window of a second is counted from its beginning, so that two seconds' worth
// can come at once and no more (https://github.com/Kong/kong/blob/3.9.3/kong/plugins/rate-limiting/handler.lua).
func Offer() gateway.Offer {
	return gateway.Offer{
		Auths: gateway.Auths, Rate: limit.Range{Least: 1, Most: mostRate}, Burst: limit.Range{Least: 1, Most: windows * mostRate},
		BringKeys: true, LogsElsewhere: true, Replicas: replicas,
	}
}

const (
	mostRate = 10000
	// windows is how many seconds' worth of requests can come at once: the end of one window and the beginning of the next.
	windows = 2
)

// Args configures the doors.
type Args struct {
	// Doors is what every gateway is asked for: audiences, routes, rates.
	Doors    gateway.Args
	Replicas int // of each door
	Mesh     workload.MeshKind
	Images   image.Registry
	// Sources may come in; everybody may if there are none.
	Sources []netip.Prefix
	// Inside are ranges that are not the internet, besides those that nobody has there: whoever is in them comes in by the
	// load balancer too, or not at all.
	Inside []netip.Prefix
	// Issuer is the cluster's issuer who signs the doors' certificates.
	Issuer string
	// Annotations are those by which the cloud gives a Service a load balancer with public addresses.
	Annotations map[string]string
	// Keys are where the keys of callers come from, by audience: a JSON object of keys by caller.
	Keys map[string]bridge.Source
	// Identity annotates the account that may read the keys.
	Identity pulumi.StringMap
	// Priority is the class of the doors' pods.
	Priority string
	// After is what must be there before the first door, and go after the last: what signs certificates, publishes names,
	// brings secrets and has the class.
	After []pulumi.Resource
}
