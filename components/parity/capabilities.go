package parity

// Capability is something that the platform gives on every cloud that can.
type Capability struct{ ID, Title string }

// Capabilities are those whose parity is told, in the order of the table.
var Capabilities = []Capability{
	{"N1", "Network: tiers over three zones"},
	{"N2", "Network: way out of the private tier"},
	{"N3", "Network: private endpoints"},
	{"N4", "Network: flow logs"},
	{"K1", "Cluster: managed control plane"},
	{"K2", "Cluster: pools"},
	{"K3", "Cluster: encrypted default storage; controllers of certificates, names, secrets and metrics"},
	{"T1", "Tenancy: a namespace for each service"},
	{"T2", "Tenancy: quotas and limits"},
	{"T3", "Tenancy: access of teams"},
	{"T4", "Tenancy: flows that the catalogue says"},
	{"Q1", "Messaging: events, queues, dead letters"},
	{"Q3", "Messaging: consumers that grow with their queues"},
	{"D1", "Data: relational databases"},
	{"D2", "Data: documents"},
	{"D4", "Data: credentials and secrets"},
	{"G1", "Gateway: one door, audiences and rates"},
	{"G2", "Gateway: Kong in the cluster, by choice"},
	{"G3", "Gateway: the cloud's own"},
	{"G4", "Gateway: host names, certificates, web application firewall"},
	{"O1", "Observability: Prometheus, Alertmanager and Grafana, or Datadog, up before the first service"},
	{"O2", "Observability: logs and traces of every service, kept in the cloud's object storage"},
	{"O3", "Observability: objectives, alerts of owners, dashboards"},
	{"O6", "Observability: cloud alarms"},
	{"A1", "Autoscaling: pods, budgets, headroom"},
	{"V1", "Delivery: from Git, a project for each team, what was made told to services"},
	{"Z1", "Mesh: mutual TLS between services, and nothing in the clear"},
	{"Z2", "Mesh: the callers that the catalogue lists, and no others"},
	{"S1", "Security: one identity per service, least privilege"},
	{"S3", "Security: audit trail and threat detection of the account"},
	{"C1", "Compliance: tags on everything that can bear them"},
	{"C3", "Compliance: guardrails of the cloud itself"},
}
