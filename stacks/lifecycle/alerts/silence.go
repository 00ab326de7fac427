package alerts

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"time"

	"github.com/prometheus/common/model"
)

// silence is one of Alertmanager's API, version 2
// (https://github.com/prometheus/alertmanager/blob/v0.35.0/api/v2/openapi.yaml).
type silence struct {
	ID        string
	CreatedBy string
	StartsAt  time.Time
	EndsAt    time.Time
	Matchers  []matcher
}

type matcher struct {
	Name    string
	Value   string
	IsRegex bool
	IsEqual *bool // absent is true: the field is younger than the API

	pattern *regexp.Regexp
}

// silences reads those that touch a window. Expired ones are among them for as long as Alertmanager keeps them.
func silences(ctx context.Context, from *connection, w window) ([]silence, error) {
	var all, out []silence
	if err := from.get(ctx, "/api/v2/silences", url.Values{}, &all); err != nil {
		return nil, err
	}
	var faults []error
	for _, s := range all {
		if !s.StartsAt.Before(w.to) || !s.EndsAt.After(w.from) {
			continue
		}
		for i, m := range s.Matchers {
			if !m.IsRegex {
				continue
			}
			// The whole value has to match: https://prometheus.io/docs/alerting/latest/configuration/#matcher
			pattern, err := regexp.Compile("^(?:" + m.Value + ")$")
			if err != nil {
				faults = append(faults, fmt.Errorf("silence %s: matcher of %s: %w", s.ID, m.Name, err))
			}
			s.Matchers[i].pattern = pattern
		}
		out = append(out, s)
	}
	return out, errors.Join(faults...)
}

// matches tells whether the silence is of an alert with these labels. A label that is not there is empty.
func (s silence) matches(labels model.Metric) bool {
	for _, m := range s.Matchers {
		value := string(labels[model.LabelName(m.Name)])
		same := value == m.Value
		if m.IsRegex {
			same = m.pattern.MatchString(value)
		}
		if same != (m.IsEqual == nil || *m.IsEqual) {
			return false
		}
	}
	return len(s.Matchers) > 0
}

// at tells whether it silences at a time.
func (s silence) at(t time.Time) bool { return !t.Before(s.StartsAt) && t.Before(s.EndsAt) }

// quietUntil follows silences that take over from each other: until when nobody was told of what fired at a time.
func quietUntil(of []silence, at time.Time) time.Time {
	for {
		next := at
		for _, s := range of {
			if s.at(at) && s.EndsAt.After(next) {
				next = s.EndsAt
			}
		}
		if next.Equal(at) {
			return at
		}
		at = next
	}
}
