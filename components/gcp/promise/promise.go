// Package promise says which of Google Cloud's own rules stands for which promise, or why none does. It needs no SDK.
package promise

import "platform/components/guardrails"

// constraints is where Google Cloud lists its constraints.
const constraints = "https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints"

// above is why most has no constraint at a project.
const above = "no constraint of Google's own; one of ours would be made at the organization, above the project"

// The parameters of constraints.
const (
	Enforce       = "enforce"       // true
	AllowedValues = "allowedValues" // a list
	DeniedValues  = "deniedValues"  // a list
	DenyAll       = "denyAll"       // true
)

// Table are constraints of the Organization Policy Service, which refuse: most cannot be tried without effect.
var Table = guardrails.Table{
	Clauses: []guardrails.Clause{
		constraint("residency", "gcp.resourceLocations").With(func(a guardrails.Args) map[string]any {
			var places []string
			for _, region := range a.Regions {
				places = append(places, "in:"+region+"-locations") // the region and its zones
			}
			return map[string]any{AllowedValues: places}
		}),
		constraint("database-not-public", "sql.restrictPublicIp"),
		constraint("database-not-public", "sql.restrictAuthorizedNetworks"),
		constraint("bucket-not-public", "storage.publicAccessPrevention"),
		constraint("bucket-not-public", "storage.uniformBucketLevelAccess"),
		constraint("encryption-at-rest", "container.managed.enableSecretsEncryption"),
		constraint("encryption-in-transit", "storage.secureHttpTransport"),
		constraint("encryption-in-transit", "gcp.restrictTLSVersion").Asking(map[string]any{DeniedValues: []string{"TLS_VERSION_1", "TLS_VERSION_1_1"}}),
		constraint("cluster-endpoint-private", "container.managed.enablePrivateNodes"),
		constraint("public-address", "compute.vmExternalIpAccess").Asking(map[string]any{DenyAll: true}),
		constraint("no-administrator", "iam.automaticIamGrantsForDefaultServiceAccounts"),
		constraint("identities-only", "iam.disableServiceAccountKeyCreation"),
		constraint("identities-only", "iam.disableServiceAccountKeyUpload"),
		constraint("service-identity", "container.managed.enableWorkloadIdentityFederation"),
		constraint("logging", "container.managed.enableCloudLogging"),
	},
	None: guardrails.None(map[string][]string{
		guardrails.InCluster: {"no-privileged-pod", "image-digest", "mesh-strict", "monitoring-first"},
		guardrails.InProgram: {"known-type", "exceptions"},
		above: {
			"key-rotation", "key-rescue", "no-open-ingress", "deletion-protection", "backups", "zone-redundancy", "least-privilege",
			"log-retention", "alert-owner", "alert-runbook", "database-alarm", "queue-dead-letter", "tags-complete", "tags-allowed",
			"size-by-tier", "count-by-tier", "supported-version",
		},
		"the constraint on members asks for the organization's customer id, which no landing zone names":           {"no-public-grant"},
		"no constraint switches audit logs on; the one of detailed logs says how much those of Cloud Storage tell": {"audit-trail"},
	}),
}

func constraint(rule, id string) guardrails.Clause {
	return guardrails.Clause{
		Rule: rule, Name: id, ID: id, Strength: guardrails.Refuses, Source: constraints, Parameters: guardrails.Fixed(map[string]any{Enforce: true}),
	}
}
