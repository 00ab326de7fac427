package azure

import (
	"strings"

	"platform/tests/cloud"
)

const documentsRoleType = "azure-native:documentdb:SqlResourceSqlRoleAssignment"

var documentdbGrantsHooks = map[string]cloud.Hook{
	documentsRoleType: {Created: documentsGranted, Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return documentsGranted(t, o) }},
}

// documentsGranted: role and scope are of the account itself, and the principal is known to the directory
// (https://learn.microsoft.com/azure/cosmos-db/nosql/how-to-grant-data-plane-access).
func documentsGranted(t *cloud.Tx, o *cloud.Object) error {
	account := t.Lookup([]string{cosmosType}, []string{"accountName"}, o.Str("accountName"))
	switch scope := o.Str("scope"); {
	case scope != account.ID && !strings.HasPrefix(scope, account.ID+"/dbs/"):
		return cloud.Refuse("BadRequest", "%s: the scope %q is not within %s", o, scope, account)
	case !strings.HasPrefix(o.Str("roleDefinitionId"), account.ID+"/sqlRoleDefinitions/"):
		return cloud.Refuse("BadRequest", "%s: the role definition %q is not of %s", o, o.Str("roleDefinitionId"), account)
	case t.Lookup(servicePrincipals, []string{"principalId"}, o.Str("principalId")) == nil:
		return cloud.Refuse("PrincipalNotFound", "principal %s does not exist in the directory %s", o.Str("principalId"), Tenant)
	}
	return nil
}
