package azure_test

import (
	"maps"
	"testing"
)

func TestARoleOnDocumentsIsOfItsAccountAndOfSomebody(t *testing.T) {
	w := newEncrypted(t)
	account, service := w.Have(accountType, w.account(nil)), w.world.identity("service", nil)
	role := func(more values) values {
		inputs := values{
			"resourceGroupName": "env", "accountName": "env-reports", "roleAssignmentId": "aaaaaaaa-0000-8000-8000-000000000001",
			"roleDefinitionId": account.ID + "/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002",
			"principalId":      service.Str("principalId"), "scope": account.ID,
		}
		maps.Copy(inputs, more)
		return inputs
	}
	for what, test := range map[string]struct {
		more values
		code string
	}{
		"another account's scope": {values{"scope": account.ID[:len(account.ID)-1]}, "BadRequest"},
		"another account's role": {values{
			"roleDefinitionId": account.ID[:len(account.ID)-1] + "/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002",
		}, "BadRequest"},
		"nobody": {values{"principalId": "aaaaaaaa-0000-4000-a000-000000000000"}, "PrincipalNotFound"},
	} {
		_, err := w.Create("azure-native:documentdb:SqlResourceSqlRoleAssignment", role(test.more))
		refused(t, what, err, test.code)
	}
	w.Have("azure-native:documentdb:SqlResourceSqlRoleAssignment", role(values{"scope": account.ID + "/dbs/app"}))
}
