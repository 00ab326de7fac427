package notify

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"platform/components/naming"
)

// Kind is a way to tell somebody.
type Kind string

// The kinds. A webhook takes what Alertmanager sends, as most other tools can.
const (
	PagerDuty      Kind = "pagerduty"
	Slack          Kind = "slack"
	MicrosoftTeams Kind = "msteams"
	Webhook        Kind = "webhook"
)

// Kinds lists them.
var Kinds = []Kind{PagerDuty, Slack, MicrosoftTeams, Webhook}

// Receiver is where a team hears of something. The key or address of it is no part of it.
type Receiver struct {
	Kind    Kind   `yaml:"kind"`
	Channel string `yaml:"channel,omitempty"` // of Slack
}

// Quiet is when a team's tickets wait. Pages do not.
type Quiet struct {
	Zone     string `yaml:"zone"` // as Europe/Berlin
	From     string `yaml:"from"` // as 18:00, in that zone
	To       string `yaml:"to"`   // the next day's, if it is before From
	Weekends bool   `yaml:"weekends,omitempty"`
}

// Team is how a team hears of its alerts.
type Team struct {
	Page   Receiver `yaml:"page"`   // what somebody must act on now
	Ticket Receiver `yaml:"ticket"` // what waits for the working day
	Quiet  *Quiet   `yaml:"quiet,omitempty"`
}

// Args is who is told in an environment.
type Args struct {
	Teams map[string]Team
	// Owner is the team that is told of what is nobody's.
	Owner string
	// Pages says that the environment may wake somebody; without it pages go where tickets go.
	Pages bool
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if _, ok := a.Teams[a.Owner]; !ok {
		faults = append(faults, fmt.Errorf("owner: value %q: one of %v is allowed", a.Owner, slices.Sorted(maps.Keys(a.Teams))))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Teams)) {
		if !naming.IsKebab(name) {
			faults = append(faults, fmt.Errorf("teams.%s: value %q: %s", name, name, naming.Kebab))
		}
		for _, f := range a.Teams[name].Faults() {
			faults = append(faults, fmt.Errorf("teams.%s.%s: value %q: %s", name, f.Path, f.Value, f.Allowed))
		}
	}
	return errors.Join(faults...)
}

// Fault is one mistake in how a team hears.
type Fault struct{ Path, Value, Allowed string }

// channelForm is that of a channel of Slack (https://slack.com/help/articles/201402297-Create-a-channel).
var channelForm = regexp.MustCompile(`^#[a-z0-9_-]{1,79}$`)

// clockForm is a time of day.
var clockForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// Faults are the mistakes in how a team hears.
func (t Team) Faults() []Fault {
	var out []Fault
	for path, r := range map[string]Receiver{"page": t.Page, "ticket": t.Ticket} {
		if !slices.Contains(Kinds, r.Kind) {
			out = append(out, Fault{path + ".kind", string(r.Kind), fmt.Sprintf("one of %v is allowed", Kinds)})
		}
		switch {
		case r.Kind == Slack && !channelForm.MatchString(r.Channel):
			out = append(out, Fault{path + ".channel", r.Channel, "a channel is needed, as #orders"})
		case r.Kind != Slack && r.Channel != "":
			out = append(out, Fault{path + ".channel", r.Channel, "nothing is allowed: only slack has channels"})
		}
	}
	if q := t.Quiet; q != nil {
		if _, err := time.LoadLocation(q.Zone); err != nil || q.Zone == "" || q.Zone == "Local" {
			out = append(out, Fault{"quiet.zone", q.Zone, "a zone of the IANA database is allowed, as Europe/Berlin"})
		}
		for path, at := range map[string]string{"quiet.from": q.From, "quiet.to": q.To} {
			if !clockForm.MatchString(at) {
				out = append(out, Fault{path, at, "a time of day is allowed, as 18:00"})
			}
		}
		if q.From == q.To {
			out = append(out, Fault{"quiet.to", q.To, "another time than quiet.from is allowed"})
		}
	}
	slices.SortFunc(out, func(a, b Fault) int { return strings.Compare(a.Path+a.Allowed, b.Path+b.Allowed) })
	return out
}
