package network

import (
	"net/netip"

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
	Tags        tags.Set
}

// Subnet is one subnet in one zone.
type Subnet struct {
	Zone string
	ID   pulumi.StringOutput
}

// Outputs is what other components need of a network.
type Outputs struct {
	ID             pulumi.StringOutput
	PublicSubnets  []Subnet
	PrivateSubnets []Subnet
	DataSubnets    []Subnet
	// EndpointsReady resolves when egress (NAT routes and endpoints) is usable; nodes wait for it.
	EndpointsReady []pulumi.Resource
}
