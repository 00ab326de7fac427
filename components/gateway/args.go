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

// JSON web tokens of an issuer, client certificates of a trust store, or a key for each caller.
const (
	JWT       Auth = "jwt"
	MutualTLS Auth = "mutual-tls"
	Key       Auth = "key"
)

// Kind says what the doors are made of.
type Kind string

// The cloud's own gateway, or Kong in the cluster.
const (
	Managed Kind = "managed"
	Kong    Kind = "kong"
)

// Audience is one kind of caller and the door it comes through.
type Audience struct {
	Auth      Auth
	Issuer    string   // of JWT: https URL
	Audiences []string // of JWT: accepted "aud" claims
	// Keys are of JWT, where the doors do not ask the issuer for them: its public keys as PEM, by the "kid" of the tokens
	// that they prove.
	Keys       map[string]string
	TrustStore string   // of mutual TLS: PEM certificates of the accepted authorities
	Callers    []string // of keys: who has one
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
	// BringKeys says that an issuer's public keys have to be brought along: the doors do not ask it for them.
	BringKeys bool
	// LogsElsewhere says that access logs are the output of pods: how long they stay, says who collects that.
	LogsElsewhere bool
	// Replicas is how many pods a door may have, or the ingress behind doors that have none.
	Replicas limit.Range
	// Published says that the ingress behind the doors has a public name: they reach no other, and prove by tokens who they are.
	Published bool
}

// Exposer says how a Service of the cluster asks its cloud for a load balancer of its own with public addresses, whose
// parts bear the tags where the cloud's controller lets them: the Service's annotations.
type Exposer interface {
	Expose(t tags.Set) map[string]string
}

// Entrance is how what comes through doors outside of the cluster reaches the ingress in it.
type Entrance struct {
	// NodePort is the port of every node to which the doors' own load balancer leads; 0 where the cluster's cloud makes a load
	// balancer for the Service.
	NodePort int
	// Annotations are those of the Service, by which the cloud gives it that load balancer.
	Annotations pulumi.StringMap
	// Sources are the ranges from which the doors come; none where the ingress is published, to which anybody may come.
	Sources []string
	// Published gives the ingress its public name (Origin).
	Published bool
	// Proof is what doors show that come by a published name; nil where the way is private.
	Proof *Proof
}

// Proof is the tokens by which doors say who they are.
type Proof struct {
	Issuer string // of the tokens
	Keys   string // URL of the issuer's public keys (https://www.rfc-editor.org/rfc/rfc7517#section-5)
	Doors  map[string]DoorToken
}

// DoorToken is that of the door of one audience: for whom it is, and who shows it.
type DoorToken struct {
	Audience string
	Subject  pulumi.StringOutput
}

// Outputs is what users, alarms and the ingress need of the gateway.
type Outputs struct {
	Endpoints map[string]pulumi.StringOutput // URL by audience
	APIs      map[string]pulumi.StringOutput // API id by audience, of doors that the cloud itself watches
	Entrance  *Entrance                      // of doors outside of the cluster; nil of those in it
}
