package network

import (
	"net/netip"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// NAT says how private subnets reach the internet.
type NAT string

// The three ways out: nothing, one shared gateway, or one in each zone.
const (
	NATNone    NAT = "none"
	NATSingle  NAT = "single"
	NATPerZone NAT = "per-zone"
)

// Endpoint names a cloud service that is reached without the internet.
type Endpoint string

// The endpoints an environment can ask for. Storage (and documents, where the cloud routes it the
// same way) is a gateway endpoint where the cloud has one, the others are private interfaces.
const (
	EndpointStorage   Endpoint = "storage"
	EndpointDocuments Endpoint = "documents"
	EndpointRegistry  Endpoint = "registry"
	EndpointSecrets   Endpoint = "secrets"
	EndpointQueues    Endpoint = "queues"
	EndpointLogs      Endpoint = "logs"
	EndpointIdentity  Endpoint = "identity"
	EndpointCompute   Endpoint = "compute"
)

// Endpoints lists every endpoint in the order in which messages name them.
var Endpoints = []Endpoint{
	EndpointStorage, EndpointDocuments, EndpointRegistry, EndpointSecrets,
	EndpointQueues, EndpointLogs, EndpointIdentity, EndpointCompute,
}

// Args configures the network of one environment.
type Args struct {
	CIDR        netip.Prefix // the whole range, /16 to /20
	Zones       []string     // three zone names of the region
	NAT         NAT
	Endpoints   []Endpoint
	FlowLogDays int // retention of flow logs in days; the cloud's allowed steps apply
	// Doors says that load balancers of the cluster let the internet in to the nodes, by TLS. Where the cloud guards subnets, the
	// network opens; where it guards machines, the load balancers' makers do.
	Doors bool
	Tags  tags.Set
}

// Subnet is one subnet in one zone, or in all of them where the cloud's subnets span zones.
type Subnet struct {
	Zone string // AllZones, or one of Args.Zones
	ID   pulumi.StringOutput
}

// AllZones stands for the zone of a subnet that spans them.
const AllZones = "all"

// Offer is what a cloud's networks can be.
type Offer struct {
	NATs      []NAT
	Endpoints []Endpoint
}

// Outputs is what other components need of a network.
type Outputs struct {
	ID             pulumi.StringOutput
	PublicSubnets  []Subnet
	PrivateSubnets []Subnet
	DataSubnets    []Subnet
	// PublicRanges are the addresses of what faces the internet, PrivateRanges those of machines, DataRanges those of the data tier.
	PublicRanges, PrivateRanges, DataRanges []string
	// Ways are where the cloud's services answer, by the endpoint that stands for them, asked for or not.
	Ways map[Endpoint]Way
	// Others is where the cloud's services answer for which no endpoint stands.
	Others Way
	// Endpoints are those that were asked for, in the order of the list above.
	Endpoints []Endpoint
	// EndpointsReady resolves when egress (NAT routes and endpoints) is usable; nodes wait for it.
	EndpointsReady []pulumi.Resource
	// DataReady resolves when servers can be placed in the data tier.
	DataReady []pulumi.Resource
	// Details are what only the same cloud's driver reads, under names of its own.
	Details map[string]pulumi.StringOutput
}

// Has tells whether an endpoint was asked for.
func (o Outputs) Has(endpoint Endpoint) bool { return slices.Contains(o.Endpoints, endpoint) }
