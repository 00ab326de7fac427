package gcp_test

import (
	"regexp"
	"strings"
	"testing"
)

const (
	secretType  = "gcp:secretmanager/secret:Secret"
	versionType = "gcp:secretmanager/secretVersion:SecretVersion"
)

func secretInputs() map[string]any {
	return map[string]any{
		"project": dataProject, "secretId": "api-key",
		"replication": map[string]any{"userManaged": map[string]any{"replicas": []any{
			map[string]any{"location": "europe-west3", "customerManagedEncryption": map[string]any{"kmsKeyName": dataKey}},
		}}},
	}
}

func TestSecretsThatSecretManagerRefuses(t *testing.T) {
	w := newDataWorld(t)
	replica := func(location string) map[string]any {
		return map[string]any{"location": location, "customerManagedEncryption": map[string]any{"kmsKeyName": dataKey}}
	}
	replicas := func(list ...any) map[string]any {
		return map[string]any{"replication": map[string]any{"userManaged": map[string]any{"replicas": list}}}
	}
	for want, changes := range map[string]map[string]any{
		"auto or userManaged":     {"replication": map[string]any{}},
		"at most one of":          {"replication": map[string]any{"auto": map[string]any{}, "userManaged": map[string]any{"replicas": []any{replica("europe-west3")}}}},
		"must be in europe-west4": replicas(replica("europe-west4")),
		"two replicas are in":     replicas(replica("europe-west3"), replica("europe-west3")),
		"does not match":          {"secretId": "api key"},
		"has 256 characters":      {"secretId": strings.Repeat("a", 256)},
	} {
		if _, err := w.Create(secretType, secretInputs(), changes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error is %v, want one that says %q", changes, err, want)
		}
	}
}

func TestVersionsAreCountedAndGoWithTheirSecret(t *testing.T) {
	w := newDataWorld(t)
	secret := w.Have(secretType, secretInputs())
	version := map[string]any{"secret": secret.ID, "secretData": "opensesame"}
	first := w.Have(versionType, version)
	if err := w.Remove(first); err != nil {
		t.Fatal(err)
	}
	second := w.Have(versionType, version)
	if first.Str("version") != "1" || second.Str("version") != "2" || !regexp.MustCompile(`^projects/[0-9]{12}/secrets/api-key/versions/2$`).MatchString(second.ID) {
		t.Errorf("versions are %s and %s, %s", first.Str("version"), second.Str("version"), second.ID)
	}
	if err := w.Remove(secret); err != nil {
		t.Fatal(err)
	}
	if left := w.All(versionType); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	w.Have(secretType, secretInputs()) // its name is free at once
}

func TestAVersionThatIsOnlyForgottenStaysUntilItsSecretGoes(t *testing.T) {
	w := newDataWorld(t)
	secret := w.Have(secretType, secretInputs())
	version := w.Have(versionType, map[string]any{"secret": secret.ID, "secretData": "opensesame", "deletionPolicy": "ABANDON"})
	if err := w.Remove(version); err != nil {
		t.Fatal(err)
	}
	if left := w.All("secretmanager:version"); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
	if err := w.Remove(secret); err != nil {
		t.Fatal(err)
	}
	if left := w.All("secretmanager:version"); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
