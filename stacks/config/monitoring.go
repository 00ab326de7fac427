package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"platform/components/kubernetes/monitoring/watch"
	"platform/stacks/catalog"
)

// validateMonitoring wants all that whoever watches needs to be told, and nothing that is for another. An environment that nobody
// watches is told nothing.
func (s Settings) validateMonitoring(f *faults) {
	m := s.Monitoring
	oneOf(f, "monitoring.kind", m.Kind, watch.Kinds)
	switch m.Kind {
	case watch.Prometheus:
		s.validatePrometheus(f)
	case watch.Datadog:
		s.validateDatadog(f)
	default:
		return
	}
	if !strings.HasPrefix(m.Alerts.Runbooks, "https://") {
		f.add("monitoring.alerts.runbooks", m.Alerts.Runbooks, "an https URL is allowed: that of docs/runbooks as people read it")
	}
	if s.Catalog.Teams[catalog.Owner].Alerts == nil {
		f.add("monitoring.kind", m.Kind, "%s is allowed: in stacks/catalog/teams.yaml %s does not say how it hears of alerts", watch.None, catalog.Owner)
	}
}

func (s Settings) validatePrometheus(f *faults) {
	m := s.Monitoring
	between(f, "monitoring.replicas", m.Replicas, watch.Replicas)
	between(f, "monitoring.retentionDays", m.RetentionDays, watch.RetentionDays)
	between(f, "monitoring.storageGiB", m.StorageGiB, watch.StorageGiB)
	between(f, "monitoring.memoryMiB", m.MemoryMiB, watch.MemoryMiB)
	m.Telemetry.validate(f)
	if m.SSO.ClientID == "" {
		f.add("monitoring.sso.clientID", m.SSO.ClientID, "a value is needed")
	}
	for _, url := range []struct{ path, value string }{
		{"authorizeURL", m.SSO.AuthorizeURL}, {"tokenURL", m.SSO.TokenURL}, {"profileURL", m.SSO.ProfileURL},
	} {
		if !strings.HasPrefix(url.value, "https://") {
			f.add("monitoring.sso."+url.path, url.value, "an https URL is allowed")
		}
	}
	if len(s.Catalog.Groups(s.Cloud)) == 0 {
		f.add("monitoring.kind", m.Kind, "%s is allowed: in stacks/catalog/teams.yaml no team names its group on %s, and only people of such a group may look", watch.None, s.Cloud)
	}
	for i, scope := range m.SSO.Scopes {
		if scope == "" || strings.ContainsAny(scope, " \"\\\n") {
			f.add(fmt.Sprintf("monitoring.sso.scopes[%d]", i), scope, "one word without quotes is allowed")
		}
	}
	if m.Datadog != nil {
		f.add("monitoring.datadog", m.Datadog.Site, "nothing is allowed: %s watches, and not %s", m.Kind, watch.Datadog)
	}
}

// validateDatadog wants the site to lie where the environment's data may: logs and traces go there.
func (s Settings) validateDatadog(f *faults) {
	m := s.Monitoring
	for _, own := range []struct {
		path  string
		value any
		given bool
	}{
		{"replicas", m.Replicas, m.Replicas != 0}, {"retentionDays", m.RetentionDays, m.RetentionDays != 0}, {"storageGiB", m.StorageGiB, m.StorageGiB != 0},
		{"memoryMiB", m.MemoryMiB, m.MemoryMiB != 0}, {"sso", m.SSO.ClientID, !reflect.ValueOf(m.SSO).IsZero()},
		{"telemetry", m.Telemetry.Kind, m.Telemetry != Telemetry{}},
	} {
		if own.given {
			f.add("monitoring."+own.path, own.value, "nothing is allowed: %s watches, and not %s", m.Kind, watch.Prometheus)
		}
	}
	var asked Datadog
	if m.Datadog != nil {
		asked = *m.Datadog
		between(f, "monitoring.datadog.replicas", asked.Replicas, watch.Agents)
	}
	var allowed []string
	for _, name := range slices.Sorted(maps.Keys(watch.Sites)) {
		if watch.Sites[name].Residency == s.Residency {
			allowed = append(allowed, name)
		}
	}
	oneOf(f, "monitoring.datadog.site", asked.Site, allowed)
}

// Collects says whether collectors take traces and logs.
func (m Monitoring) Collects() bool {
	return m.Kind == watch.Prometheus && m.Telemetry.Kind == watch.Collectors
}

// validate wants bounds of those who take traces and logs, and nothing of whoever is not there.
func (t Telemetry) validate(f *faults) {
	const at = "monitoring.telemetry"
	oneOf(f, at+".kind", t.Kind, watch.Collections)
	switch t.Kind {
	case watch.Nobody:
		if t != (Telemetry{Kind: watch.Nobody}) {
			f.add(at, fmt.Sprintf("%+v", t), "nothing but the kind is allowed: %s takes nothing", watch.Nobody)
		}
	case watch.Collectors:
		if !slices.Contains(watch.StoreReplicas, t.Replicas) {
			f.add(at+".replicas", t.Replicas, "one of %v is allowed", watch.StoreReplicas)
		}
		between(f, at+".logDays", t.LogDays, watch.LogDays)
		between(f, at+".traceDays", t.TraceDays, watch.TraceDays)
		between(f, at+".sharePercent", t.SharePercent, watch.SharePercent)
		between(f, at+".slowMs", t.SlowMs, watch.SlowMs)
		between(f, at+".storageGiB", t.StorageGiB, watch.StorageGiB)
		between(f, at+".memoryMiB", t.MemoryMiB, watch.MemoryMiB)
	}
}
