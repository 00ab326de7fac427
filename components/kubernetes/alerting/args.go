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

// Args is what is watched, and who is told.
type Args struct {
	Namespace pulumi.StringInput // where whoever watches looks for rules
	Services  map[string]Service // by name
	Platform  alert.Platform
	Links     alert.Links
	Notify    notify.Args
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

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
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
	for path, link := range map[string]string{"links.runbooks": a.Links.Runbooks, "links.dashboards": a.Links.Dashboards} {
		if !strings.HasPrefix(link, "https://") {
			fault(path, link, "an https URL is allowed")
		}
	}
	if len(a.Source.Store) != 1 || a.Source.Key == nil {
		faults = append(faults, errors.New("source: a store and what is asked for there are needed"))
	}
	for _, key := range a.Tags.Missing() {
		fault("tags."+key, a.Tags[key], "a value is needed")
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	if err := a.Notify.Validate(); err != nil {
		faults = append(faults, fmt.Errorf("notify: %w", err))
	}
	return errors.Join(faults...)
}
