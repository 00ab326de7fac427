package alertmanager

import (
	"bytes"
	"fmt"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
	"github.com/prometheus/alertmanager/config"
	"github.com/prometheus/alertmanager/dispatch"
	"github.com/prometheus/alertmanager/timeinterval"
	"github.com/prometheus/common/model"
)

// Complete fills a template as external-secrets does, which knows sprig's functions
// (https://external-secrets.io/v1.3.2/guides/templating/).
func Complete(text, secrets string) (string, error) {
	parsed, err := template.New("configuration").Option("missingkey=error").Funcs(sprig.TxtFuncMap()).Parse(text)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, map[string]string{"value": secrets}); err != nil {
		return "", err
	}
	return out.String(), nil
}

// Routing is a configuration as Alertmanager has loaded it.
type Routing struct {
	Config *config.Config
	root   *dispatch.Route
}

// Load reads a configuration with all of Alertmanager's own checks.
func Load(text string) (Routing, error) {
	c, err := config.Load(text)
	if err != nil {
		return Routing{}, err
	}
	return Routing{c, dispatch.NewRoute(c.Route, nil)}, nil
}

// Way is where an alert goes.
type Way struct {
	Receiver string
	Repeat   time.Duration
	muted    []string
}

// Ways are where an alert goes, as Alertmanager's own dispatcher decides.
func (r Routing) Ways(labels map[string]string) []Way {
	set := model.LabelSet{}
	for name, value := range labels {
		set[model.LabelName(name)] = model.LabelValue(value)
	}
	var out []Way
	for _, route := range r.root.Match(set) {
		out = append(out, Way{route.RouteOpts.Receiver, route.RouteOpts.RepeatInterval, route.RouteOpts.MuteTimeIntervals})
	}
	return out
}

// Quiet says whether nobody is told on a way at a time.
func (r Routing) Quiet(w Way, at time.Time) (bool, error) {
	times := map[string][]timeinterval.TimeInterval{}
	for _, each := range r.Config.TimeIntervals {
		times[each.Name] = each.TimeIntervals
	}
	quiet, _, err := timeinterval.NewIntervener(times).Mutes(w.muted, at)
	if err != nil {
		return false, fmt.Errorf("quiet hours of %s: %w", w.Receiver, err)
	}
	return quiet, nil
}
