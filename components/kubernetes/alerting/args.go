package alerting

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/alerting/notify"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/monitoring"
	"platform/components/naming"
	"platform/components/tags"
)

// Secret is the Secret in which Alertmanager finds its configuration, under Key
// (https://github.com/prometheus-operator/prometheus-operator/blob/v0.93.1/Documentation/api-reference/api.md#alertmanagerspec).
const (
	Secret = monitoring.Receivers
	Key    = "alertmanager.yaml"
)

// Watched is what is watched, and who is told, whoever watches.
type Watched struct {
	Services map[string]Service // by name
	Platform alert.Platform
	Links    alert.Links
	Notify   notify.Args
}

// Args is what Prometheus watches.
type Args struct {
	Watched
	Namespace pulumi.StringInput // where it looks for rules
	// Source is where the keys and addresses of receivers come from: one JSON document, as notify.Args.Template says it.
	Source bridge.Source
	// Definitions define the kind of a rule, and Stores that of what fetches a secret.
	Definitions, Stores []pulumi.Resource
	Tags                tags.Set
}

// Service is a service, and the tags of what is its own.
type Service struct {
	alert.Service
	Tags tags.Set
}

// Validate returns every fault of what is watched, each with its path, its value and what is allowed.
func (a Watched) Validate() error {
	var faults []error
	fault := func(path string, value any, allowed string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), fmt.Sprintf(allowed, args...)))
	}
	teams := slices.Sorted(maps.Keys(a.Notify.Teams))
	for _, name := range slices.Sorted(maps.Keys(a.Services)) {
		s, at := a.Services[name], "services."+name
		if !naming.IsKebab(name) || s.Name != name {
			fault(at, s.Name, "its own name is allowed: %s", naming.Kebab)
		}
		if !slices.Contains(teams, s.Team) {
			fault(at+".team", s.Team, "one of %v is allowed: who is told", teams)
		}
		if s.Availability <= alert.LeastAvailability || s.Availability >= 100 {
			fault(at+".availability", s.Availability, "more than %.2f and less than 100 percent is allowed: of less, no failure spends the budget so fast that it is told at once",
				alert.LeastAvailability)
		}
		if s.P99 < 0 {
			fault(at+".p99", s.P99, "more than 0s, or nothing, is allowed")
		}
		for _, key := range s.Tags.Missing() {
			fault(at+".tags."+key, s.Tags[key], "a value is needed")
		}
	}
	if !slices.Contains(teams, a.Platform.Team) {
		fault("platform.team", a.Platform.Team, "one of %v is allowed: who is told", teams)
	}
	for path, list := range map[string][]string{"platform.namespaces": a.Platform.Namespaces, "platform.urgent": a.Platform.Urgent} {
		if len(list) == 0 {
			fault(path, list, "at least one namespace is needed")
		}
	}
	for path, value := range map[string]string{"platform.placeholders": a.Platform.Placeholders, "platform.collector": a.Platform.Collector} {
		if value == "" {
			fault(path, value, "a value is needed")
		}
	}
	if !strings.HasPrefix(a.Links.Runbooks, "https://") {
		fault("links.runbooks", a.Links.Runbooks, "an https URL is allowed")
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	if err := a.Notify.Validate(); err != nil {
		faults = append(faults, fmt.Errorf("notify: %w", err))
	}
	return errors.Join(faults...)
}

// Recorded is what a component of alerts records, so that policies judge the neutral request once: whose alerts there are, and who is told.
func (a Watched) Recorded() pulumi.Map {
	owners := pulumi.StringMap{}
	for service, s := range a.Services {
		owners[service] = pulumi.String(s.Team)
	}
	return pulumi.Map{
		"services": owners, "teams": pulumi.ToStringArray(slices.Sorted(maps.Keys(a.Notify.Teams))), "pages": pulumi.Bool(a.Notify.Pages),
	}
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if !strings.HasPrefix(a.Links.Dashboards, "https://") {
		faults = append(faults, fmt.Errorf("links.dashboards: value %q: an https URL is allowed", a.Links.Dashboards))
	}
	if len(a.Source.Store) != 1 || a.Source.Key == nil {
		faults = append(faults, errors.New("source: a store and what is asked for there are needed"))
	}
	for _, key := range a.Tags.Missing() {
		faults = append(faults, fmt.Errorf("tags.%s: value %q: a value is needed", key, a.Tags[key]))
	}
	return errors.Join(append(faults, a.Watched.Validate())...)
}
