// Package promise says which of Azure's own rules stands for which promise, or why none does. It needs no SDK.
package promise

import (
	"strings"

	"platform/components/guardrails"
	"platform/components/tags"
)

// builtIns is where Azure keeps its built-in definitions, of which each clause names the file.
const builtIns = "https://github.com/Azure/azure-policy/blob/master/built-in-policies/policyDefinitions/"

// Table are built-in definitions of Azure Policy.
var Table = guardrails.Table{
	Clauses: append([]guardrails.Clause{
		policy("residency", "allowed-locations", "e56962a6-4747-49cd-b67b-bf8b01975c4c", "General/AllowedLocations_Deny").With(func(a guardrails.Args) map[string]any {
			return map[string]any{"listOfAllowedLocations": a.Regions}
		}),
		policy("encryption-at-rest", "cosmos-own-key", "1f905d99-2ab7-462c-a6b0-f709acca6c8f", "Cosmos DB/Cosmos_CMK_Deny"),
		policy("encryption-at-rest", "postgres-own-key", "12c74c95-0efd-48da-b8d9-2a7d68470c92", "PostgreSQL/FlexibleServers_EnableCMK_AINE"),
		policy("encryption-at-rest", "aks-disks-own-key", "7d7be79c-23ba-4033-84dd-45e2a5ccdd67", "Kubernetes/AKS_CMK_Deny"),
		policy("encryption-at-rest", "storage-own-key", "6fac406b-40ca-413b-bf8e-0bf964659c25", "Storage/StorageAccountCustomerManagedKeyEnabled_Audit").Watching(audit),
		policy("encryption-at-rest", "servicebus-own-key", "295fc8b1-dc9f-4f53-9c61-3f313ceab40a", "Service Bus/CustomerManagedKeyEnabled_Audit").Watching(audit),
		policy("encryption-at-rest", "aks-secrets-own-key", "dbbdc317-9734-4dd8-9074-993b29c69008", "Kubernetes/AKS_EnableKMS").Watching(audit),
		policy("encryption-in-transit", "storage-secure-transfer", "404c3081-a854-4457-ae30-26a93ef643f9", "Storage/Storage_AuditForHTTPSEnabled_Audit"),
		policy("encryption-in-transit", "storage-tls", "fe83a0eb-a853-422d-aac2-1bffd182c5d0", "Storage/StorageAccountMinimumTLSVersion_Audit").
			Asking(map[string]any{"minimumTlsVersion": "TLS1_2"}),
		policy("encryption-in-transit", "postgres-tls", "c29c38cb-74a7-4505-9a06-e588ab86620a", "PostgreSQL/FlexibleServers_EnableSSL_AINE").Watching(auditMissing),
		policy("database-not-public", "postgres-private", "5e1de0e3-42cb-4ebc-a86d-61d0c619ca48", "SQL/PostgreSQL_FlexibleServers_DisablePublicNetworkAccess_Audit"),
		policy("database-not-public", "cosmos-private", "797b37f7-06b8-444c-b1ad-fc62867f335a", "Cosmos DB/Cosmos_PrivateNetworkAccess_AuditDeny"),
		policy("bucket-not-public", "storage-no-public-blobs", "4fa4b6c0-31ca-4c0d-b10d-24b96f62a751", "Storage/ASC_Storage_DisallowPublicBlobAccess_Audit"),
		policy("bucket-not-public", "storage-network", "34c877ad-507e-4c82-993e-3452a6e0ad3c", "Storage/Storage_NetworkAcls_Audit"),
		// Stricter than the promise, which lets known ranges in; so it tells, and refuses nothing.
		policy("cluster-endpoint-private", "aks-private", "040732e8-d947-40b8-95d6-854c95024bf8", "Kubernetes/AKS_PrivateCluster_Deny").Watching(audit),
		builtIn("public-address", "no-public-interfaces", "83a86a26-fd1f-447c-b59d-e51f44264114", "Network/NetworkPublicIPNic_Deny").Choosing(),
		policy("key-rotation", "key-rotation", "d8cf8476-a2ec-4916-896e-992351803c44", "Key Vault/Keys_KeyRotationPolicy_MaximumDaysToRotate").
			Asking(map[string]any{"maximumDaysToRotate": MostRotationDays}).Watching(audit),
		policy("key-rescue", "vault-soft-delete", "1e66c121-a66a-4b1f-9b83-0fd99bf0fc2d", "Key Vault/SoftDeleteMustBeEnabled_Audit"),
		policy("deletion-protection", "vault-purge-protection", "0b60c0b2-2dc2-4e1c-b5c9-abbed971de53", "Key Vault/Recoverable_Audit").Where(guardrails.Protected),
		policy("zone-redundancy", "storage-zones", "7433c107-6db4-4ad1-b57a-a76dce0154a1", "Storage/AllowedStorageSkus_Audit").
			Asking(map[string]any{"listOfAllowedSKUs": []string{"Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS", "Premium_ZRS"}}).Where(guardrails.Redundant),
		policy("identities-only", "cosmos-identities", "5450f5bd-9c72-4390-a9c4-a7aba4edfdd2", "Cosmos DB/Cosmos_DisableLocalAuth_AuditDeny"),
		policy("identities-only", "servicebus-identities", "cfb11c26-f069-4c14-8e36-56c394dae5af", "Service Bus/DisableLocalAuth_AuditDeny"),
		policy("identities-only", "aks-identities", "993c2fcd-2b29-49d2-9eb0-df2c3a730c32", "Kubernetes/AKS_DisableLocalAccounts_Deny"),
		policy("service-identity", "aks-workload-identity", "2cc2e023-0dac-4046-875b-178f683929d5", "Kubernetes/AKS_WorkloadIdentity_Audit").Watching(audit),
		policy("logging", "vault-logs", "cf820ca0-f99e-4f3e-84fb-66e913812d21", "Key Vault/AuditDiagnosticLog_Audit").Watching(auditMissing),
		policy("logging", "servicebus-logs", "f8d36e2f-389b-4ee4-898d-21aeb69a0f45", "Service Bus/AuditDiagnosticLog_Audit").Watching(auditMissing),
		policy("logging", "aks-logs", "245fc9df-fa96-4414-9a0b-3738c2f7341c", "Kubernetes/AuditDiagnosticLog_Audit").Watching(auditMissing),
		policy("logging", "network-flow-logs", "4c3c6c5f-0d47-4402-99b8-aa543dd8bcee", "Network/VirtualNetwork_FlowLog_Audit").Watching(audit),
	}, azureTags()...),
	None: guardrails.None(map[string][]string{
		guardrails.InCluster: {"no-privileged-pod", "image-digest", "mesh-strict", "monitoring-first"},
		guardrails.InProgram: {"known-type", "exceptions"},
		"the built-in definitions name ports of machines, which no group of ours has":                                  {"no-open-ingress"},
		"the built-in definitions ask for copies in a second region, not for a time to go back":                        {"backups"},
		"the built-in definition tells of every custom role, our narrow ones as well":                                  {"least-privilege"},
		"assignments of roles are read at the subscription, above the environment's group":                             {"no-administrator"},
		"the Activity Log is exported and Defender switched on at the subscription, above the environment's group":     {"audit-trail"},
		"the storage definitions stand under bucket-not-public; no other knows grants to everybody":                    {"no-public-grant"},
		"no built-in definition reads how long a workspace keeps logs":                                                 {"log-retention"},
		"no built-in definition reads what an alert does or says":                                                      {"alert-owner", "alert-runbook", "database-alarm"},
		"no built-in definition reads how queues count deliveries":                                                     {"queue-dead-letter"},
		"a built-in definition takes one value of a tag, and the teams, services and cost centres are the catalogue's": {"tags-allowed"},
		"the built-in definition of sizes knows machines alone, and AKS's are outside the environment's group":         {"size-by-tier", "count-by-tier"},
		"the built-in definition knows single holes of old versions":                                                   {"supported-version"},
	}),
}

// MostRotationDays is how old a key may grow before it is replaced.
const MostRotationDays = 366

// How a built-in definition is told what to do.
const (
	// EffectParameter is how most definitions are told; those without it always deny.
	EffectParameter = "effect"
	audit           = "Audit"
	auditMissing    = "AuditIfNotExists"
	// Deny is the effect that refuses.
	Deny = "Deny"
)

// builtIn is a definition whose effect nobody can choose: an assignment that is not enforced only tells
// (https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure#enforcement-mode).
func builtIn(rule, name, id, file string) guardrails.Clause {
	return guardrails.Clause{Rule: rule, Name: name, ID: id, Strength: guardrails.Watches, Source: builtIns + strings.ReplaceAll(file, " ", "%20") + ".json"}
}

// policy is a definition that either tells or refuses, as the environment says.
func policy(rule, name, id, file string) guardrails.Clause {
	return builtIn(rule, name, id, file).Choosing().Telling(func(a guardrails.Args) string {
		if a.Refuse {
			return Deny
		}
		return audit
	})
}

// azureTags ask for each tag. What Azure makes in the group on its own behalf, such as the interfaces of private
// endpoints, bears none: to refuse it would refuse the endpoints, so these tell.
func azureTags() []guardrails.Clause {
	var out []guardrails.Clause
	for _, key := range tags.Required {
		out = append(out, builtIn("tags-complete", "tag-"+key, "871b6d14-10aa-478d-b590-94f262ecfa99", "Tags/RequireTag_Deny").
			Asking(map[string]any{"tagName": key}))
	}
	return out
}
