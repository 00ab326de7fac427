// Package catalog holds who owns what, and where: the company's teams, services and landing zones, shared by all
// environments.
package catalog

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"platform/components/cluster"
	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/alerting/notify"
	"platform/components/kubernetes/workload"
	"platform/components/naming"
	"platform/stacks/strict"
)

//go:embed teams.yaml
var teamsFile []byte

//go:embed services.yaml
var servicesFile []byte

// Catalog is the teams and services by name, and where their environments may stand.
type Catalog struct {
	Teams        map[string]Team
	Services     map[string]Service
	LandingZones LandingZones
}

// Team is a group of people that owns services.
type Team struct {
	Email      string `yaml:"email"`
	CostCentre string `yaml:"costCentre"`
	// Repository is where the team says what runs of its services: the URL of a repository of Git, with a folder for
	// each service, and in it one for each environment.
	Repository string `yaml:"repository,omitempty"`
	// Groups are the team's people as each cloud knows them: they may look at what the team's services do, and
	// help them, there and in what delivers them.
	Groups map[string]string `yaml:"groups,omitempty"`
	// Alerts is how the team hears of what is wrong with its services; without, as the team hears that owns what all share.
	Alerts *notify.Team `yaml:"alerts,omitempty"`
}

// Service is one deployable thing.
type Service struct {
	Team    string  `yaml:"team"`
	Scaling Scaling `yaml:"scaling"`
	// Requests is what one pod asks of its node.
	Requests      Requests  `yaml:"requests"`
	Database      *Database `yaml:"database,omitempty"`
	Documents     bool      `yaml:"documents,omitempty"`
	Publishes     []string  `yaml:"publishes,omitempty"`
	Consumes      []string  `yaml:"consumes,omitempty"`
	Calls         []string  `yaml:"calls,omitempty"`
	Reaches       []Reach   `yaml:"reaches,omitempty"`
	Routes        []Route   `yaml:"routes,omitempty"`
	Secrets       []string  `yaml:"secrets,omitempty"`
	Interruptible bool      `yaml:"interruptible,omitempty"` // may run on capacity that can be taken back
	SLO           SLO       `yaml:"slo"`
	Data          string    `yaml:"data"`
}

// Scaling is how many pods run.
type Scaling struct {
	Min     int           `yaml:"min"`
	Max     int           `yaml:"max"`
	CPU     int           `yaml:"cpu"`     // percent of the request that the autoscaler holds
	Startup time.Duration `yaml:"startup"` // from the pod's start until it serves
	Peak    *Peak         `yaml:"peak,omitempty"`
	// Backlog is how many messages of a queue there may be for each pod, waiting or being worked on.
	Backlog int `yaml:"backlog,omitempty"`
}

// DefaultBacklog is what a consumer has that says nothing of its own, and what the autoscaler's own triggers take
// (https://keda.sh/docs/2.20/scalers/aws-sqs/, https://keda.sh/docs/2.20/scalers/azure-service-bus/).
const DefaultBacklog = 5

// MessagesPerPod is the backlog, by default too.
func (s Scaling) MessagesPerPod() int { return cmp.Or(s.Backlog, DefaultBacklog) }

// Peak is the steepest rise of load that the service must bear.
type Peak struct {
	Factor int           `yaml:"factor"`
	Within time.Duration `yaml:"within"`
}

// Requests is in the units of Kubernetes: thousandths of a core, and MiB.
type Requests struct {
	MilliCPU  int `yaml:"milliCPU"`
	MemoryMiB int `yaml:"memoryMiB"`
}

// Database asks for a Postgres database.
type Database struct {
	Size              cluster.Size `yaml:"size"`
	ConnectionsPerPod int          `yaml:"connectionsPerPod"`
}

// Internet is the network of everybody.
const Internet = "internet"

// Reach is a network outside the environment that the service opens connections to.
type Reach struct {
	Network string `yaml:"network"` // Internet, or one that environments reserve a range for
	Ports   []int  `yaml:"ports"`   // of TCP
}

// Route sends a path prefix of the gateway to the service.
type Route struct {
	Path      string   `yaml:"path"`
	Audiences []string `yaml:"audiences"`
	Rate      int      `yaml:"rate"` // requests per second
}

// SLO is what the service promises.
type SLO struct {
	Availability float64       `yaml:"availability"`  // percent
	P99          time.Duration `yaml:"p99,omitempty"` // than which one request of a hundred may be slower
}

// Owner is the team that owns what all services share, and is told of it.
const Owner = "platform"

// DataClasses lists how data may be classified, from harmless to most sensitive.
var DataClasses = []string{"public", "internal", "confidential", "pii", "payment"}

// Load reads the company's catalogue.
func Load() (Catalog, error) {
	c, faults := Parse(teamsFile, servicesFile)
	zones, more := ParseLandingZones(landingZonesFile)
	c.LandingZones = zones
	return c, errors.Join(faults, more)
}

// Parse reads teams and services and returns every fault at once.
func Parse(teams, services []byte) (Catalog, error) {
	c := Catalog{}
	faults := prefixed("teams.yaml: ", strict.Decode(teams, &c.Teams))
	faults = append(faults, prefixed("services.yaml: ", strict.Decode(services, &c.Services))...)
	if len(faults) == 0 {
		faults = c.validate()
	}
	return c, strict.Join(faults)
}

func prefixed(prefix string, faults []error) []error {
	out := make([]error, 0, len(faults))
	for _, f := range faults {
		out = append(out, fmt.Errorf("%s%w", prefix, f))
	}
	return out
}

// Publisher is the service that publishes an event.
func (c Catalog) Publisher(event string) (string, bool) {
	for _, name := range c.Names() {
		if slices.Contains(c.Services[name].Publishes, event) {
			return name, true
		}
	}
	return "", false
}

// Callers are the services that call another, in the order of their names.
func (c Catalog) Callers(called string) []string {
	return slices.DeleteFunc(c.Names(), func(name string) bool { return !slices.Contains(c.Services[name].Calls, called) })
}

// Consumers are the services that receive an event, in the order of their names.
func (c Catalog) Consumers(event string) []string {
	return slices.DeleteFunc(c.Names(), func(name string) bool { return !slices.Contains(c.Services[name].Consumes, event) })
}

// Names are the services' names in order.
func (c Catalog) Names() []string { return slices.Sorted(maps.Keys(c.Services)) }

// Events are the events that any service publishes, in order.
func (c Catalog) Events() []string {
	all := map[string]bool{}
	for _, s := range c.Services {
		for _, e := range s.Publishes {
			all[e] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// maxServiceName leaves room in what carries a service's name and more: a namespace has 63.
const maxServiceName = 30

func (c Catalog) validate() []error {
	var faults []error
	fault := func(path string, value any, allowed string, args ...any) {
		faults = append(faults, fmt.Errorf("services.yaml: %w",
			strict.Fault{Path: path, Value: fmt.Sprint(value), Allowed: fmt.Sprintf(allowed, args...)}))
	}
	if _, ok := c.Teams[Owner]; !ok {
		faults = append(faults, fmt.Errorf("teams.yaml: %w", strict.Fault{Path: Owner, Allowed: "missing: this team owns what all services share"}))
	}
	faults = append(faults, c.validateGroups()...)
	faults = append(faults, c.validateRepositories()...)
	faults = append(faults, c.validateAlerts()...)
	publishers, paths := map[string]string{}, map[string]string{}
	for _, name := range c.Names() {
		s := c.Services[name]
		for _, event := range s.Publishes {
			if other, taken := publishers[event]; taken {
				fault(name+".publishes", event, "an event has one publisher, and that is %s", other)
				continue
			}
			publishers[event] = name
		}
	}
	events := strings.Join(c.Events(), ", ")
	for _, name := range c.Names() {
		s := c.Services[name]
		if !naming.IsKebab(name) || len(name) > maxServiceName {
			fault(name, name, "a kebab-case name of at most %d characters is allowed", maxServiceName)
		}
		if _, ok := c.Teams[s.Team]; !ok {
			fault(name+".team", s.Team, "there is no such team: allowed are %s", strings.Join(slices.Sorted(maps.Keys(c.Teams)), ", "))
		}
		for _, event := range s.Consumes {
			if _, ok := publishers[event]; !ok {
				fault(name+".consumes", event, "no service publishes it: allowed are %s", events)
			}
		}
		for _, called := range s.Calls {
			if _, ok := c.Services[called]; !ok || called == name {
				fault(name+".calls", called, "another service is allowed: %s", strings.Join(c.Names(), ", "))
			}
		}
		if workload.Reserved(name) {
			fault(name, name, "the name of a namespace that all services share is not allowed")
		}
		for i, r := range s.Reaches {
			at := fmt.Sprintf("%s.reaches[%d]", name, i)
			if !naming.IsKebab(r.Network) {
				fault(at+".network", r.Network, "%s, or the name of a network that environments reserve a range for, is allowed", Internet)
			}
			if len(r.Ports) == 0 || slices.ContainsFunc(r.Ports, func(p int) bool { return p < 1 || p > 65535 }) {
				fault(at+".ports", r.Ports, "at least one is needed, each from 1 to 65535")
			}
		}
		for i, r := range s.Routes {
			at := fmt.Sprintf("%s.routes[%d]", name, i)
			if other, taken := paths[r.Path]; taken {
				fault(at+".path", r.Path, "a path leads to one service, and this one leads to %s", other)
			}
			paths[r.Path] = name
			if !strings.HasPrefix(r.Path, "/") || !naming.IsKebab(strings.TrimPrefix(r.Path, "/")) {
				fault(at+".path", r.Path, "one segment in kebab-case is allowed, as /orders")
			}
			if r.Rate < 1 {
				fault(at+".rate", r.Rate, "at least 1 request per second is allowed")
			}
		}
		if !slices.Contains(DataClasses, s.Data) {
			fault(name+".data", s.Data, "one of %s is allowed", strings.Join(DataClasses, ", "))
		}
		if d := s.Database; d != nil {
			if !slices.Contains(cluster.Sizes, d.Size) {
				fault(name+".database.size", d.Size, "one of %v is allowed", cluster.Sizes)
			}
			if d.ConnectionsPerPod < 1 {
				fault(name+".database.connectionsPerPod", d.ConnectionsPerPod, "at least 1 is allowed")
			}
		}
		s.Scaling.validate(name+".scaling", fault)
		if s.Scaling.Backlog != 0 && len(s.Consumes) == 0 {
			fault(name+".scaling.backlog", s.Scaling.Backlog, "none is allowed: the service consumes nothing")
		}
		if s.Requests.MilliCPU < 10 || s.Requests.MemoryMiB < 16 {
			fault(name+".requests", fmt.Sprintf("%dm, %dMi", s.Requests.MilliCPU, s.Requests.MemoryMiB), "at least 10 thousandths of a core and 16 MiB are allowed")
		}
		if s.SLO.Availability <= alert.LeastAvailability || s.SLO.Availability >= 100 {
			fault(name+".slo.availability", s.SLO.Availability, "more than %.2f and less than 100 percent is allowed", alert.LeastAvailability)
		}
		if s.SLO.P99 < 0 {
			fault(name+".slo.p99", s.SLO.P99, "more than 0s, or none, is allowed")
		}
	}
	return faults
}

func (s Scaling) validate(path string, fault func(string, any, string, ...any)) {
	if s.Min < 1 || s.Max < s.Min {
		fault(path, fmt.Sprintf("min %d, max %d", s.Min, s.Max), "at least 1, and max not below min, is allowed")
	}
	if s.CPU < 10 || s.CPU > 95 {
		fault(path+".cpu", s.CPU, "10 to 95 percent is allowed")
	}
	if s.Startup <= 0 {
		fault(path+".startup", s.Startup, "more than 0s is allowed")
	}
	if s.Backlog < 0 {
		fault(path+".backlog", s.Backlog, "at least 1, or none for %d, is allowed", DefaultBacklog)
	}
	if s.Peak != nil && (s.Peak.Factor < 2 || s.Peak.Within <= 0) {
		fault(path+".peak", fmt.Sprintf("%d within %s", s.Peak.Factor, s.Peak.Within), "a factor of at least 2 within more than 0s is allowed")
	} else if s.Peak != nil && s.Peak.Within < s.Startup+workload.Look {
		fault(path+".peak.within", s.Peak.Within, "at least %s is allowed: the autoscaler looks every %s, and a pod starts in %s",
			s.Startup+workload.Look, workload.Look, s.Startup)
	}
}
