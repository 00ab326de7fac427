package config

import (
	"cmp"

	"platform/components/alarms"
	"platform/components/cluster"
	"platform/components/gateway"
	"platform/components/kubernetes/monitoring/watch"
)

// Defaults fills in what an environment need not say, from the landing zone that it names and else with what is safe.
func Defaults(s Settings) Settings {
	s.Landing = s.Catalog.LandingZones[s.Cloud][s.LandingZone]
	if on, ok := clouds[s.Cloud]; ok && len(s.Network.Zones) == 0 {
		s.Network.Zones = on.usual(s.Region)
	}
	s.Queue.RetentionDays = cmp.Or(s.Queue.RetentionDays, 4)
	s.Queue.MaxReceives = cmp.Or(s.Queue.MaxReceives, 5)
	s.Queue.VisibilitySec = cmp.Or(s.Queue.VisibilitySec, 60)
	s.Keys.DeletionDays = cmp.Or(s.Keys.DeletionDays, 30)
	s.Gateway.Kind = cmp.Or(s.Gateway.Kind, gateway.Managed)
	s.Gateway.Replicas = cmp.Or(s.Gateway.Replicas, 2)
	s.Certificates.Replicas = cmp.Or(s.Certificates.Replicas, 2)
	s.Secrets.Replicas = cmp.Or(s.Secrets.Replicas, 2)
	s.Mesh.Replicas = cmp.Or(s.Mesh.Replicas, 2)
	s.Delivery.Replicas = cmp.Or(s.Delivery.Replicas, 1)
	s.Delivery.Folder = cmp.Or(s.Delivery.Folder, s.Environment)
	if len(s.Delivery.SSO.Scopes) == 0 {
		s.Delivery.SSO.Scopes = usualScopes()
	}
	s.Monitoring = s.Monitoring.complete()
	s.Alarms = s.Alarms.Complete()
	if s.Quotas != nil {
		s.Quotas = &Quotas{Percent: cmp.Or(s.Quotas.Percent, alarms.QuotaPercent)}
	}
	s.Scaling.Replicas = cmp.Or(s.Scaling.Replicas, 1)
	pools := make(map[string]Pool, len(s.Cluster.Pools))
	for name, p := range s.Cluster.Pools {
		p.Capacity = cmp.Or(p.Capacity, cluster.OnDemand)
		p.DiskGiB = cmp.Or(p.DiskGiB, 50)
		pools[name] = p
	}
	s.Cluster.Pools = pools
	return s
}

// usualScopes are those by which most issuers name somebody's groups.
func usualScopes() []string { return []string{"openid", "profile", "email", "groups"} }

// complete fills in what somebody who watches need not be told: two of each, so that one may go, and two weeks to look back.
func (m Monitoring) complete() Monitoring {
	m.Kind = cmp.Or(m.Kind, watch.Prometheus)
	if m.Kind == watch.Datadog && m.Datadog != nil {
		d := *m.Datadog
		d.Replicas = cmp.Or(d.Replicas, 2)
		m.Datadog = &d
	}
	if m.Kind != watch.Prometheus {
		return m
	}
	m.Replicas = cmp.Or(m.Replicas, 2)
	m.RetentionDays = cmp.Or(m.RetentionDays, 15)
	m.StorageGiB = cmp.Or(m.StorageGiB, 50)
	m.MemoryMiB = cmp.Or(m.MemoryMiB, 2048)
	if len(m.SSO.Scopes) == 0 {
		m.SSO.Scopes = usualScopes()
	}
	m.Telemetry = m.Telemetry.complete()
	return m
}

// complete fills in what is enough to find out why something failed or was slow.
func (t Telemetry) complete() Telemetry {
	t.Kind = cmp.Or(t.Kind, watch.Collectors)
	if t.Kind == watch.Nobody {
		return t
	}
	t.Replicas = cmp.Or(t.Replicas, 1)
	t.LogDays = cmp.Or(t.LogDays, 30)
	t.TraceDays = cmp.Or(t.TraceDays, 7)
	t.SharePercent = cmp.Or(t.SharePercent, 10)
	t.SlowMs = cmp.Or(t.SlowMs, 500)
	t.StorageGiB = cmp.Or(t.StorageGiB, 20)
	t.MemoryMiB = cmp.Or(t.MemoryMiB, 1024)
	return t
}
