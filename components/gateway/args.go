package gateway

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/limit"
	"platform/components/network"
	"platform/components/tags"
)

// Auth says how callers of an audience prove who they are.
type Auth string

// JSON web tokens of an issuer, or client certificates of a trust store.
const (
	JWT       Auth = "jwt"
	MutualTLS Auth = "mutual-tls"
)

// Audience is one kind of caller and the door it comes through.
type Audience struct {
	Auth       Auth
	Issuer     string   // of JWT: https URL
	Audiences  []string // of JWT: accepted "aud" claims
	TrustStore string   // of mutual TLS: PEM certificates of the accepted authorities
}

// Route sends a path prefix to a service.
type Route struct {
	Service   string
	Path      string // "/payments"
	Audiences []string
	Rate      int // requests per second
	Burst     int // requests
}

// Args configures the environment's one door.
type Args struct {
	Domain    string // doors are <audience>.<domain>
	Label     string // of an environment that shares the domain with others: its doors are <audience>-<label>.<domain>
	Zone      string // id of the delegated DNS zone, which must exist
	Audiences map[string]Audience
	Routes    []Route
	LogDays   int
	// Certificate is where a certificate of every door is kept, on a cloud that issues none for them.
	Certificate string
	// ZoneRedundant doors survive the loss of a zone, on a cloud where that is a choice.
	ZoneRedundant bool
	Cluster       cluster.Outputs
	Network       network.Outputs
	Tags          tags.Set
}

// Host is the host name of an audience's door, or of the ingress behind the doors (Origin): one label below the
// domain, which a certificate of all such hosts covers.
func (a Args) Host(name string) string {
	if a.Label != "" {
		name += "-" + a.Label
	}
	return name + "." + a.Domain
}

// Offer is what a cloud's doors can do.
type Offer struct {
	Auths       []Auth
	Rate, Burst limit.Range
	// Certificate says that the doors' certificate has to be brought along: the cloud issues none for them.
	Certificate bool
}

// Outputs is what users and alarms need of the gateway.
type Outputs struct {
	Endpoints map[string]pulumi.StringOutput // URL by audience
	APIs      map[string]pulumi.StringOutput // API id by audience
}
