package gcp

import (
	"platform/tests/cloud"
)

const (
	secretType    = "gcp:secretmanager/secret:Secret"
	versionType   = "gcp:secretmanager/secretVersion:SecretVersion"
	hiddenVersion = "secretmanager:version"

	secretAgent = "gcp-sa-secretmanager"
	// nextVersion is where a secret counts its versions.
	nextVersion = "nextVersion"
)

var secretmanagerHooks = map[string]cloud.Hook{
	secretType:  {Created: secretCreated, Deleted: secretDeleted},
	versionType: {Created: versionCreated, Deleted: versionDeleted},
}

// secretCreated: https://cloud.google.com/secret-manager/docs/cmek
func secretCreated(t *cloud.Tx, o *cloud.Object) error {
	if o.Value("replication.auto") == nil && o.Value("replication.userManaged") == nil {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: replication: auto or userManaged is needed", o)
	}
	places := map[string]bool{}
	replicas, _ := o.Value("replication.userManaged.replicas").([]any)
	for _, e := range replicas {
		replica, _ := e.(map[string]any)
		place, _ := replica["location"].(string)
		if places[place] {
			return cloud.Refuse("INVALID_ARGUMENT", "%s: two replicas are in %s", o, place)
		}
		places[place] = true
		encryption, _ := replica["customerManagedEncryption"].(map[string]any)
		key, _ := encryption["kmsKeyName"].(string)
		if err := keyServes(t, o, key, place, secretAgent); err != nil {
			return err
		}
	}
	// What the API calls a secret has the project's number, what the provider calls it the project's id.
	o.Outputs["name"] = "projects/" + number(o.Account) + "/secrets/" + o.Str("secretId")
	o.Props = map[string]any{nextVersion: 1.0}
	return nil
}

// secretDeleted: versions go with their secret, at once and for good.
func secretDeleted(t *cloud.Tx, o *cloud.Object) error {
	for _, v := range t.Find(versionType, func(v *cloud.Object) bool { return v.Str("secret") == o.ID }) {
		t.Remove(v.Key())
	}
	for _, owned := range t.Owned(o.Key()) {
		t.Remove(owned.Key())
	}
	removeMembers(t, "gcp:secretmanager/secretIamMember:SecretIamMember", "secretId", o)
	return nil
}

// versionCreated counts: the number of a version that is gone is not given again.
func versionCreated(t *cloud.Tx, o *cloud.Object) error {
	secret := t.Get(secretType, o.Str("secret"))
	number := secret.Num(nextVersion)
	o.Outputs["version"] = segment(o.ID, "versions")
	secret.Props[nextVersion] = number + 1
	return nil
}

// versionDeleted: what the provider only forgets or disables can still be had.
func versionDeleted(t *cloud.Tx, o *cloud.Object) error {
	if policy := o.Str("deletionPolicy"); policy == "ABANDON" || policy == "DISABLE" {
		t.Mint(cloud.Object{
			Type: hiddenVersion, Hidden: true, Owner: cloud.Key{Type: secretType, ID: o.Str("secret")},
			Props: map[string]any{"version": o.Str("version")},
		})
	}
	return nil
}
