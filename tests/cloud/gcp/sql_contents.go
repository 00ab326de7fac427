package gcp

import (
	"strings"

	"platform/tests/cloud"
)

const (
	sqlDatabaseType    = "gcp:sql/database:Database"
	sqlUserType        = "gcp:sql/user:User"
	hiddenUserType     = "sql:user"
	hiddenDatabaseType = "sql:database"
	accountType        = "gcp:serviceaccount/account:Account"
)

// hidden is what a type's objects are in a server that no program knows of.
var hidden = map[string]string{sqlDatabaseType: hiddenDatabaseType, sqlUserType: hiddenUserType}

// contentCreated refuses a name that is taken by what came with the server or was abandoned in it.
func contentCreated(t *cloud.Tx, o *cloud.Object) error {
	for _, there := range t.Owned(cloud.Key{Type: serverType, ID: o.Str("instance")}) {
		if there.Type == hidden[o.Type] && there.Str("name") == o.Str("name") {
			return cloud.Refuse("ALREADY_EXISTS", "%s: %q already exists in %s", o, o.Str("name"), o.Str("instance"))
		}
	}
	return nil
}

// abandoned leaves in the server what the provider forgets.
func abandoned(t *cloud.Tx, o *cloud.Object) {
	t.Mint(cloud.Object{
		Type: hidden[o.Type], Hidden: true, Owner: cloud.Key{Type: serverType, ID: o.Str("instance")},
		Props: map[string]any{"name": o.Str("name")},
	})
}

// databaseDropped refuses to drop a database while there are users that may have access
// (https://registry.terraform.io/providers/hashicorp/google/5.45.0/docs/resources/sql_database#deletion_policy).
func databaseDropped(t *cloud.Tx, o *cloud.Object) error {
	if o.Str("deletionPolicy") == "ABANDON" {
		abandoned(t, o)
		return nil
	}
	if users := t.Find(sqlUserType, func(u *cloud.Object) bool { return u.Str("instance") == o.Str("instance") }); len(users) > 0 {
		return cloud.Refuse("FAILED_PRECONDITION", "%s: the database is being accessed by other users: %s", o, users[0].Str("name"))
	}
	return nil
}

// sqlUserCreated: https://cloud.google.com/sql/docs/postgres/add-manage-iam-users
func sqlUserCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := contentCreated(t, o); err != nil {
		return err
	}
	kind, name := o.Str("type"), o.Str("name")
	if kind == "BUILT_IN" {
		if o.Str("password") == "" {
			return cloud.Refuse("INVALID_ARGUMENT", "%s: a built-in user of Postgres needs a password", o)
		}
		return nil
	}
	server := t.Get(serverType, o.Str("instance"))
	switch {
	case o.Str("password") != "":
		return cloud.Refuse("INVALID_ARGUMENT", "%s: an IAM user has no password", o)
	case flagsOf(server)["cloudsql.iam_authentication"] != "on":
		return cloud.Refuse("INVALID_ARGUMENT", "%s: %s does not have the flag cloudsql.iam_authentication on", o, server)
	case kind == "CLOUD_IAM_USER":
		return nil
	case strings.HasSuffix(name, ".gserviceaccount.com"):
		return cloud.Refuse("INVALID_ARGUMENT", "%s: the user of a service account is its email without .gserviceaccount.com", o)
	case t.Lookup([]string{accountType}, []string{"email"}, name+".gserviceaccount.com") == nil:
		return cloud.Refuse("INVALID_ARGUMENT", "%s: the service account %s.gserviceaccount.com does not exist", o, name)
	}
	return nil
}

// sqlUserDropped refuses to drop a user that was granted rights: Postgres would, and nobody knows whether it was
// (https://registry.terraform.io/providers/hashicorp/google/5.45.0/docs/resources/sql_user#deletion_policy).
func sqlUserDropped(t *cloud.Tx, o *cloud.Object) error {
	if o.Str("deletionPolicy") == "ABANDON" {
		abandoned(t, o)
		return nil
	}
	return cloud.Refuse("FAILED_PRECONDITION", "%s: the role cannot be dropped because some objects depend on it", o)
}
