package config

import (
	"fmt"
	"strings"

	"platform/components/kubernetes/monitoring/watch"
	"platform/stacks/catalog"
)

// validateMonitoring wants all that whoever watches needs to be told. An environment that nobody watches is told nothing.
func (s Settings) validateMonitoring(f *faults) {
	m := s.Monitoring
	oneOf(f, "monitoring.kind", m.Kind, watch.Kinds)
	if m.Kind != watch.Prometheus {
		return
	}
	between(f, "monitoring.replicas", m.Replicas, watch.Replicas)
	between(f, "monitoring.retentionDays", m.RetentionDays, watch.RetentionDays)
	between(f, "monitoring.storageGiB", m.StorageGiB, watch.StorageGiB)
	between(f, "monitoring.memoryMiB", m.MemoryMiB, watch.MemoryMiB)
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
	if !strings.HasPrefix(m.Alerts.Runbooks, "https://") {
		f.add("monitoring.alerts.runbooks", m.Alerts.Runbooks, "an https URL is allowed: that of docs/runbooks as people read it")
	}
	if s.Catalog.Teams[catalog.Owner].Alerts == nil {
		f.add("monitoring.kind", m.Kind, "%s is allowed: in stacks/catalog/teams.yaml %s does not say how it hears of alerts", watch.None, catalog.Owner)
	}
	if len(s.Catalog.Groups(s.Cloud)) == 0 {
		f.add("monitoring.kind", m.Kind, "%s is allowed: in stacks/catalog/teams.yaml no team names its group on %s, and only people of such a group may look", watch.None, s.Cloud)
	}
	for i, scope := range m.SSO.Scopes {
		if scope == "" || strings.ContainsAny(scope, " \"\\\n") {
			f.add(fmt.Sprintf("monitoring.sso.scopes[%d]", i), scope, "one word without quotes is allowed")
		}
	}
}
