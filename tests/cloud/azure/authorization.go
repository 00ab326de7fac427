package azure

import (
	"slices"
	"strings"

	"platform/tests/cloud"
)

// Tenant is the directory that the simulated subscriptions trust.
const Tenant = "99999999-8888-4777-a666-555555555555"

const assignmentType = "azure-native:authorization:RoleAssignment"

// servicePrincipals are the types of what the directory knows besides people and groups, which are outside: here
// other services mint the identities that they make by themselves.
var servicePrincipals = []string{identityType, "managedidentity:identity"}

var authorizationHooks = map[string]cloud.Hook{
	assignmentType: {Created: assigned, Updated: reassigned},
}

var authorizationFunctions = map[string]cloud.Function{
	"azure-native:authorization:getClientConfig": clientConfig,
}

// clientConfig is who runs the program (https://www.pulumi.com/registry/packages/azure-native/api-docs/authorization/getclientconfig/).
func clientConfig(_ *cloud.Tx, c cloud.Config, _ map[string]any) (map[string]any, error) {
	return map[string]any{
		"tenantId": Tenant, "subscriptionId": c.Account,
		"clientId": "aaaaaaaa-1111-4222-8333-444444444444", "objectId": "bbbbbbbb-1111-4222-8333-444444444444",
	}, nil
}

// Roles by which somebody may do what is asked elsewhere, by their ids.
const (
	ownerRole                = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	contributorRole          = "b24988ac-6180-42a0-ab88-20f7382dd24c"
	readerRole               = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	networkContributorRole   = "4d97b98b-1d4f-4787-a291-c67834d212e7"
	dnsContributorRole       = "befefa01-2a29-4197-83a8-272ff33ce314"
	keyAdministratorRole     = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
	keyCryptoOfficerRole     = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603"
	keyCryptoUserRole        = "12338af0-0e69-4776-bea7-57ae8d297424"
	keyEncryptionUserRole    = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
	blobDataOwnerRole        = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
	blobDataContributorRole  = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
	secretsUserRole          = "4633458b-17de-408a-b874-0445c86b69e6"
	serviceBusSenderRole     = "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"
	serviceBusReceiverRole   = "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"
	clusterAdminRole         = "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"
	clusterUserRole          = "4abbcc35-e782-43d8-92c5-2d3f1bd2253f"
	clusterReaderRole        = "7f6c6a51-bcf8-42ba-9220-52d62157d7db"
	identityOperatorRole     = "f1a07417-d97a-45cb-824c-7a7467783830"
	metricsPublisherRole     = "3913510d-42f4-4e42-8a64-420c390055eb"
	registryPullRole         = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
	keyVaultCertificatesRole = "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba"
)

// builtIn are the roles of Azure's own that the simulated directory has; a role that is not here does not exist
// (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles).
var builtIn = map[string]string{
	ownerRole: "Owner", contributorRole: "Contributor", readerRole: "Reader", networkContributorRole: "Network Contributor",
	dnsContributorRole:   "DNS Zone Contributor",
	keyAdministratorRole: "Key Vault Administrator", keyCryptoOfficerRole: "Key Vault Crypto Officer", keyCryptoUserRole: "Key Vault Crypto User",
	keyEncryptionUserRole: "Key Vault Crypto Service Encryption User", secretsUserRole: "Key Vault Secrets User",
	keyVaultCertificatesRole: "Key Vault Certificate User",
	blobDataOwnerRole:        "Storage Blob Data Owner", blobDataContributorRole: "Storage Blob Data Contributor",
	serviceBusSenderRole: "Azure Service Bus Data Sender", serviceBusReceiverRole: "Azure Service Bus Data Receiver",
	clusterAdminRole: "Azure Kubernetes Service RBAC Cluster Admin", clusterReaderRole: "Azure Kubernetes Service RBAC Reader",
	clusterUserRole:      "Azure Kubernetes Service Cluster User Role",
	identityOperatorRole: "Managed Identity Operator", metricsPublisherRole: "Monitoring Metrics Publisher", registryPullRole: "AcrPull",
}

// armTypes say of which type the thing is that a resource id names, by the types in the id.
var armTypes = map[string]string{
	"microsoft.compute/diskencryptionsets":             "azure-native:compute:DiskEncryptionSet",
	"microsoft.containerservice/managedclusters":       "azure-native:containerservice:ManagedCluster",
	"microsoft.documentdb/databaseaccounts":            "azure-native:documentdb:DatabaseAccount",
	"microsoft.keyvault/vaults":                        vaultType,
	"microsoft.keyvault/vaults/keys":                   keyType,
	"microsoft.keyvault/vaults/secrets":                certificateType,
	"microsoft.managedidentity/userassignedidentities": identityType,
	"microsoft.network/dnszones":                       givenZoneType,
	"microsoft.network/privatednszones":                zoneType,
	"microsoft.network/publicipaddresses":              addressType,
	"microsoft.network/virtualnetworks":                networkType,
	"microsoft.network/virtualnetworks/subnets":        subnetType,
	"microsoft.operationalinsights/workspaces":         "azure-native:operationalinsights:Workspace",
	"microsoft.servicebus/namespaces":                  "azure-native:servicebus:Namespace",
	"microsoft.servicebus/namespaces/queues":           "azure-native:servicebus:Queue",
	"microsoft.servicebus/namespaces/topics":           "azure-native:servicebus:Topic",
	"microsoft.storage/storageaccounts":                storageType,
}

// scopeExists refuses a scope that names nothing
// (https://learn.microsoft.com/azure/role-based-access-control/scope-overview#scope-format).
func scopeExists(t *cloud.Tx, o *cloud.Object) error {
	parts := strings.Split(strings.Trim(o.Str("scope"), "/"), "/")
	if len(parts) < 2 || parts[0] != "subscriptions" || parts[1] != o.Account {
		return cloud.Refuse("LinkedInvalidPropertyId", "the scope %q is not in subscription %s", o.Str("scope"), o.Account)
	}
	if len(parts) == 2 {
		return nil
	}
	typ := groupType
	if len(parts) > 4 {
		if len(parts) < 8 || parts[4] != "providers" || len(parts)%2 != 0 {
			return cloud.Refuse("MissingSubscription", "the scope %q is no resource id", o.Str("scope"))
		}
		nouns := []string{parts[5]}
		for i := 6; i < len(parts); i += 2 {
			nouns = append(nouns, parts[i])
		}
		arm := strings.ToLower(strings.Join(nouns, "/"))
		if typ = armTypes[arm]; typ == "" {
			return cloud.Refuse("NoRegisteredProviderFound", "%s: the simulated directory does not know this type: add it in tests/cloud/azure/authorization.go", arm)
		}
	}
	given := t.Count(givenZoneType, func(z *cloud.Object) bool { return strings.HasPrefix(z.ID, o.Str("scope")+"/") })
	if typ == groupType && given > 0 {
		return nil // it was there before, as what lies in it
	}
	if t.Get(typ, o.Str("scope")) == nil {
		return cloud.Refuse("ResourceNotFound", "the scope %q was not found", o.Str("scope"))
	}
	return nil
}

// assigned: https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
func assigned(t *cloud.Tx, o *cloud.Object) error {
	if err := scopeExists(t, o); err != nil {
		return err
	}
	role := o.Str("roleDefinitionId")
	if builtIn[lastPart(role)] == "" {
		return cloud.Refuse("RoleDefinitionDoesNotExist", "the specified role definition %q does not exist", role)
	}
	if kind := o.Str("principalType"); kind == "" || kind == "ServicePrincipal" {
		if t.Lookup(servicePrincipals, []string{"principalId"}, o.Str("principalId")) == nil {
			return cloud.Refuse("PrincipalNotFound", "principal %s does not exist in the directory %s", o.Str("principalId"), Tenant)
		}
	}
	for _, a := range t.ListBy(assignmentType, "scope", o.Str("scope")) {
		if a.ID != o.ID && a.Str("principalId") == o.Str("principalId") && a.Str("roleDefinitionId") == role {
			return cloud.Refuse("RoleAssignmentExists", "the role assignment already exists: %s", a)
		}
	}
	return nil
}

func reassigned(_ *cloud.Tx, old, o *cloud.Object) error {
	if old.Str("roleDefinitionId") != o.Str("roleDefinitionId") || old.Str("principalType") != o.Str("principalType") {
		return cloud.Refuse("RoleAssignmentUpdateNotPermitted", "%s: tenant, scope, principal and role definition are not allowed to be updated", o)
	}
	return nil
}

// may says whether somebody has one of the roles on a thing, or on what it lies in.
func may(t *cloud.Tx, who, scope string, roles ...string) bool {
	return who != "" && slices.ContainsFunc(t.ListBy(assignmentType, "principalId", who), func(a *cloud.Object) bool {
		return slices.Contains(roles, lastPart(a.Str("roleDefinitionId"))) && liesIn(scope, strings.TrimSuffix(a.Str("scope"), "/"))
	})
}

// lastPart is a resource's own name in its id.
func lastPart(id string) string { return id[strings.LastIndex(id, "/")+1:] }
