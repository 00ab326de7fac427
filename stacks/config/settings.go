// Package config turns an environment's file into Settings: decode (unknown keys refused), defaults,
// validate; three pure functions. Nothing is built before every fault is gone.
package config

import (
	"net/netip"

	"platform/components/alarms"
	"platform/components/cluster"
	"platform/components/gateway"
	"platform/components/kubernetes/image"
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/kubernetes/workload"
	"platform/components/network"
	"platform/components/tags"
	"platform/stacks/catalog"
)

// Project is the Pulumi project's name, which every resource bears as a tag.
const Project = "platform"

// Settings is everything that shapes one environment.
type Settings struct {
	Environment string          `yaml:"-"` // the stack's name
	Catalog     catalog.Catalog `yaml:"-"`
	// Landing is the landing zone that the file names, on the environment's cloud.
	Landing catalog.LandingZone `yaml:"-"`

	Cloud       string    `yaml:"cloud"`
	LandingZone string    `yaml:"landingZone"` // one of the catalogue's
	Region      string    `yaml:"region"`
	Residency   string    `yaml:"residency"` // where data may lie: a key of Residencies
	Tier        string    `yaml:"tier"`      // for humans and reports; what is built does not depend on it
	CostCentre  string    `yaml:"costCentre"`
	Network     Network   `yaml:"network"`
	Cluster     Cluster   `yaml:"cluster"`
	Database    Database  `yaml:"database"`
	Documents   Documents `yaml:"documents,omitempty"`
	Queue       Queue     `yaml:"queue,omitempty"`
	Keys        Keys      `yaml:"keys,omitempty"`
	Gateway     Gateway   `yaml:"gateway"`
	Scaling     Scaling   `yaml:"scaling,omitempty"`
	// Certificates and Secrets are what the platform's own controllers in the cluster need to be told.
	Certificates Certificates `yaml:"certificates,omitempty"`
	Secrets      Secrets      `yaml:"secrets,omitempty"`
	Mesh         Mesh         `yaml:"mesh"`
	Monitoring   Monitoring   `yaml:"monitoring,omitempty"`
	// Alarms are when the cloud itself tells teams.
	Alarms   alarms.Bounds `yaml:"alarms,omitempty"`
	Images   Images        `yaml:"images,omitempty"`
	Delivery Delivery      `yaml:"delivery"`
	// Trail is the account's audit trail; an environment without one leaves it to another of the account, or to nobody.
	Trail *Trail `yaml:"trail,omitempty"`
	// Quotas lets this environment watch those of its account; one without leaves it to another of the account, or to nobody.
	Quotas *Quotas `yaml:"quotas,omitempty"`
	// Guardrails let the cloud itself watch or refuse; an environment that names none has none.
	Guardrails *Guardrails `yaml:"guardrails,omitempty"`
	Lifecycle  Lifecycle   `yaml:"lifecycle,omitempty"`
	// Ephemeral is said of an environment that lives for some hours.
	Ephemeral *Ephemeral `yaml:"ephemeral,omitempty"`
	// Pool is what the mould's file says of those that are cast in it; nil in any other.
	Pool *EphemeralPool `yaml:"-"`
	// Services are those of the catalogue that the environment has, with all that they need; all if none is named.
	Services []string `yaml:"services,omitempty"`
	// Exceptions are what policies let pass here, until a day.
	Exceptions []Exception `yaml:"exceptions,omitempty"`
	// Waivers are what the replacement guard lets be replaced or deleted here, until a day.
	Waivers []Waiver `yaml:"waivers,omitempty"`
}

// Lifecycle is what the operator's command may do with the environment.
type Lifecycle struct {
	// Protected lets it be destroyed only by whoever types its name, with a waiver of the whole environment.
	Protected bool `yaml:"protected,omitempty"`
}

// Network is the address plan and the ways out.
type Network struct {
	CIDR        netip.Prefix            `yaml:"cidr"`
	Reserved    map[string]netip.Prefix `yaml:"reserved,omitempty"` // ranges of other networks that will be connected
	Zones       []string                `yaml:"zones,omitempty"`
	NAT         network.NAT             `yaml:"nat"`
	Endpoints   []network.Endpoint      `yaml:"endpoints,omitempty"`
	FlowLogDays int                     `yaml:"flowLogDays"`
}

// Cluster is the environment's Kubernetes cluster.
type Cluster struct {
	Version          string          `yaml:"version"`
	PublicAccess     []string        `yaml:"publicAccess,omitempty"`
	LogDays          int             `yaml:"logDays"`
	Pools            map[string]Pool `yaml:"pools"`
	DeleteProtection bool            `yaml:"deleteProtection,omitempty"`
}

// Pool is a group of equal nodes.
type Pool struct {
	Size     cluster.Size     `yaml:"size"`
	Capacity cluster.Capacity `yaml:"capacity,omitempty"`
	Min      int              `yaml:"min"`
	Max      int              `yaml:"max"`
	System   bool             `yaml:"system,omitempty"`
	DiskGiB  int              `yaml:"diskGiB,omitempty"`
}

// Database is what all databases of the environment share.
type Database struct {
	Version          string `yaml:"version"`
	StorageGiB       int    `yaml:"storageGiB"`
	MultiZone        bool   `yaml:"multiZone,omitempty"`
	DeleteProtection bool   `yaml:"deleteProtection,omitempty"`
	FinalSnapshot    bool   `yaml:"finalSnapshot,omitempty"`
	BackupDays       int    `yaml:"backupDays"`
}

// Documents is what all document tables share.
type Documents struct {
	DeleteProtection bool `yaml:"deleteProtection,omitempty"`
}

// Queue is what all queues share.
type Queue struct {
	RetentionDays int `yaml:"retentionDays,omitempty"`
	MaxReceives   int `yaml:"maxReceives,omitempty"`
	VisibilitySec int `yaml:"visibilitySec,omitempty"`
}

// Keys is how long a deleted key can be rescued.
type Keys struct {
	DeletionDays int `yaml:"deletionDays,omitempty"`
}

// Trail is how long the account's audit trail is kept, and whether anybody can shorten that.
type Trail struct {
	Days int  `yaml:"days"`
	Lock bool `yaml:"lock,omitempty"`
}

// Quotas is how much of each quota of the account may be used before the platform's team is told.
type Quotas struct {
	Percent int `yaml:"percent,omitempty"`
}

// Gateway is the environment's one door.
type Gateway struct {
	// Kind is what the doors are made of; the cloud's own gateway, unless it is said.
	Kind gateway.Kind `yaml:"kind,omitempty"`
	// Replicas are the pods of each door in the cluster, or of the ingress behind doors outside of it.
	Replicas int `yaml:"replicas,omitempty"`
	// Sources are who may come to doors in the cluster, if not everybody.
	Sources []netip.Prefix `yaml:"sources,omitempty"`
	// Label is in the host names of an environment that shares its landing zone's domain with another.
	Label string `yaml:"label,omitempty"`
	// LogDays is how long access logs are kept; doors in the cluster log to their pods' output.
	LogDays   int                 `yaml:"logDays,omitempty"`
	Audiences map[string]Audience `yaml:"audiences"`
}

// Audience is one kind of caller.
type Audience struct {
	Auth      gateway.Auth `yaml:"auth"`
	Issuer    string       `yaml:"issuer,omitempty"`
	Audiences []string     `yaml:"audiences,omitempty"`
	// Keys are an issuer's public keys by the names that its tokens call them, for doors that do not ask it.
	Keys       map[string]string `yaml:"keys,omitempty"`
	TrustStore string            `yaml:"trustStore,omitempty"`
	Callers    []string          `yaml:"callers,omitempty"` // who has a key
}

// Guardrails is what the cloud itself watches.
type Guardrails struct {
	// Refuse lets it refuse what breaks a promise, where it can choose between that and telling.
	Refuse           bool `yaml:"refuse,omitempty"`
	DeleteProtection bool `yaml:"deleteProtection,omitempty"` // of what was recorded
}

// Scaling bounds what the catalogue asks for, so that a small environment stays small.
type Scaling struct {
	MaxPods int `yaml:"maxPods,omitempty"` // of any one service; 0 is no bound
	// Replicas of what scales consumers by their queues.
	Replicas int `yaml:"replicas,omitempty"`
}

// Certificates is who signs certificates in the cluster.
type Certificates struct {
	Replicas int `yaml:"replicas,omitempty"`
	// ACME is an authority that everybody knows, for names of the landing zone's domain; without one only the cluster's
	// own signs.
	ACME *ACME `yaml:"acme,omitempty"`
}

// ACME is a server of the protocol by which authorities let names be proven (https://www.rfc-editor.org/rfc/rfc8555).
type ACME struct {
	Server string `yaml:"server"`
	Email  string `yaml:"email"` // who is told of certificates that end
}

// Secrets is what brings the values of secrets into the cluster.
type Secrets struct {
	Replicas int `yaml:"replicas,omitempty"`
}

// Mesh is what encrypts and admits what goes from service to service.
type Mesh struct {
	Kind     workload.MeshKind `yaml:"kind"`
	Replicas int               `yaml:"replicas,omitempty"` // of what controls it
}

// Monitoring is what watches the environment.
type Monitoring struct {
	// Kind is who does; Prometheus in the cluster, unless it is said.
	Kind     watch.Kind `yaml:"kind,omitempty"`
	Replicas int        `yaml:"replicas,omitempty"`
	// RetentionDays and StorageGiB bound what each replica keeps, and MemoryMiB what it may use.
	RetentionDays int      `yaml:"retentionDays,omitempty"`
	StorageGiB    int      `yaml:"storageGiB,omitempty"`
	MemoryMiB     int      `yaml:"memoryMiB,omitempty"`
	SSO           PagesSSO `yaml:"sso,omitempty"`
	// Telemetry is who takes traces and logs of services, and how long they are kept.
	Telemetry Telemetry `yaml:"telemetry,omitempty"`
	// Datadog is told instead of all these, where it watches.
	Datadog *Datadog `yaml:"datadog,omitempty"`
	Alerts  Alerts   `yaml:"alerts,omitempty"`
}

// Telemetry is who takes traces and logs of services.
type Telemetry struct {
	// Kind is who does; collectors before stores in the cloud's object storage, unless it is said.
	Kind     watch.Collection `yaml:"kind,omitempty"`
	Replicas int              `yaml:"replicas,omitempty"` // of what takes, and of what keeps logs
	// LogDays and TraceDays are for how long each is kept.
	LogDays   int `yaml:"logDays,omitempty"`
	TraceDays int `yaml:"traceDays,omitempty"`
	// SharePercent of the traces are kept in which nothing failed or was slow, and SlowMs is from when something was.
	SharePercent int `yaml:"sharePercent,omitempty"`
	SlowMs       int `yaml:"slowMs,omitempty"`
	// StorageGiB is the volume of each store, for what is not in the object storage yet; MemoryMiB what each part may use.
	StorageGiB int `yaml:"storageGiB,omitempty"`
	MemoryMiB  int `yaml:"memoryMiB,omitempty"`
	// DeleteProtection keeps the object storage as long as there is anything in it.
	DeleteProtection bool `yaml:"deleteProtection,omitempty"`
}

// Datadog is the account that watches. What is kept there, and for how long, is said there.
type Datadog struct {
	Site     string `yaml:"site"`
	Replicas int    `yaml:"replicas,omitempty"` // of the agent of the cluster
}

// Alerts is what becomes of alerts.
type Alerts struct {
	// Pages says that somebody may be woken; without it what would wake somebody is told as what waits for the working day.
	Pages bool `yaml:"pages,omitempty"`
	// Runbooks is the address of docs/runbooks as people read it, to which each alert leads.
	Runbooks string `yaml:"runbooks,omitempty"`
}

// PagesSSO is who says who somebody is that looks at what is watched: three addresses of the issuer, which these pages do not find
// by themselves.
type PagesSSO struct {
	ClientID     string   `yaml:"clientID,omitempty"`
	AuthorizeURL string   `yaml:"authorizeURL,omitempty"`
	TokenURL     string   `yaml:"tokenURL,omitempty"`
	ProfileURL   string   `yaml:"profileURL,omitempty"`
	Scopes       []string `yaml:"scopes,omitempty"` // that make the issuer name groups
}

// Images are where those of the platform's own parts come from. The cloud's own add-ons bring theirs.
type Images struct {
	Registry image.Registry `yaml:"registry,omitempty"` // has a copy of each; none where the makers' registries are reached
}

// Delivery is how what runs in the cluster comes from Git.
type Delivery struct {
	Replicas int `yaml:"replicas,omitempty"` // of each part that can have several
	// SelfHeal lets Git win over whoever changed something by hand; without it the difference is told, and stays.
	SelfHeal bool `yaml:"selfHeal,omitempty"`
	// Folder is that of each service's files that is for this environment; the one with its name, unless it is said.
	Folder string `yaml:"folder,omitempty"`
	SSO    SSO    `yaml:"sso"`
	Git    Git    `yaml:"git"`
}

// SSO is who says who somebody is. Its tokens name groups as the catalogue's teams do on the environment's cloud.
type SSO struct {
	Issuer   string   `yaml:"issuer"`
	ClientID string   `yaml:"clientID"`
	Scopes   []string `yaml:"scopes,omitempty"` // that make the issuer name groups
}

// Git is how the repositories of all teams are read.
type Git struct {
	URL      string `yaml:"url"` // with which each begins
	Username string `yaml:"username"`
}

// Tags are those of what no single service owns.
func (s Settings) Tags(component string) tags.Set {
	return s.passing(tags.Set{
		tags.Team: catalog.Owner, tags.Project: Project, tags.Service: component, tags.Environment: s.Environment,
		tags.CostCentre: s.CostCentre, tags.DataClass: "internal",
	})
}

// passing adds whose it is and until when at the latest, in an environment that lives for some hours.
func (s Settings) passing(set tags.Set) tags.Set {
	if s.Ephemeral == nil {
		return set
	}
	return set.Merge(tags.Set{tags.Owner: s.Ephemeral.Owner, tags.Expires: s.Ephemeral.Expires.UTC().Format(expiresForm)})
}

// ServiceTags are those of what a service owns: its team pays.
func (s Settings) ServiceTags(service string) tags.Set {
	entry := s.Catalog.Services[service]
	return s.passing(tags.Set{
		tags.Team: entry.Team, tags.Project: Project, tags.Service: service, tags.Environment: s.Environment,
		tags.CostCentre: s.Catalog.Teams[entry.Team].CostCentre, tags.DataClass: entry.Data,
	})
}

// LogDays are those of every log that has some of its own.
func (s Settings) LogDays() []int {
	out := []int{s.Network.FlowLogDays, s.Cluster.LogDays}
	if s.Gateway.LogDays != 0 {
		out = append(out, s.Gateway.LogDays)
	}
	return out
}

// Pods is how many pods a service may have at most in this environment.
func (s Settings) Pods(service string) int {
	most := s.Catalog.Services[service].Scaling.Max
	if s.Scaling.MaxPods > 0 {
		most = min(most, s.Scaling.MaxPods)
	}
	return most
}
