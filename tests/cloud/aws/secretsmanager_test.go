package aws_test

import (
	"strings"
	"testing"

	"platform/tests/cloud"
)

const secretType = "aws:secretsmanager/secret:Secret"

func TestADeletedSecretKeepsItsNameUnlessItGoesAtOnce(t *testing.T) {
	w := newWorld(t)
	if err := w.Remove(w.Have(secretType, map[string]any{"name": "kept"})); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Create(secretType, map[string]any{"name": "kept"}); err == nil || !strings.Contains(err.Error(), "PendingDeletion") {
		t.Errorf("a name that is kept: %v", err)
	}
	if err := w.Remove(w.Have(secretType, map[string]any{"name": "gone", "recoveryWindowInDays": 0.0})); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Create(secretType, map[string]any{"name": "gone"}); err != nil {
		t.Errorf("a name that is free: %v", err)
	}
	if _, err := w.Create(secretType, map[string]any{"name": "short", "recoveryWindowInDays": 3.0}); !cloud.Refused(err, "InvalidParameterException") {
		t.Errorf("a window that is too short: %v", err)
	}
}

func TestAPrefixBecomesANameThatStays(t *testing.T) {
	w := newWorld(t)
	inputs := func() map[string]any { return map[string]any{"namePrefix": "api-key-"} }
	first, second := w.Have(secretType, inputs()), w.Have(secretType, inputs())
	name := first.Str("name")
	if !strings.HasPrefix(name, "api-key-") || len(name) != len("api-key-")+26 || name == second.Str("name") {
		t.Errorf("names are %q and %q", name, second.Str("name"))
	}
	if !strings.Contains(first.ID, ":secret:"+name+"-") {
		t.Errorf("the id %s does not have the name %s", first.ID, name)
	}
	if err := w.Update(first, map[string]any{"description": "changed"}); err != nil {
		t.Fatal(err)
	}
	if now := w.All(secretType)[0].Str("name"); now != name {
		t.Errorf("the name became %q", now)
	}
}

func TestASecretTakesItsPolicyAndVersions(t *testing.T) {
	w := newWorld(t)
	secret := w.Have(secretType, map[string]any{"namePrefix": "api-key-"})
	version := w.Have("aws:secretsmanager/secretVersion:SecretVersion", map[string]any{"secretId": secret.ID, "secretString": "opensesame"})
	if version.Str("versionId") == "" || !strings.HasSuffix(version.ID, "|"+version.Str("versionId")) {
		t.Errorf("version %q of %s", version.Str("versionId"), version.ID)
	}
	everyone := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["secretsmanager:GetSecretValue"],"Resource":["*"]}]}`
	_, err := w.Create("aws:secretsmanager/secretPolicy:SecretPolicy", map[string]any{"secretArn": secret.ID, "policy": everyone, "blockPublicPolicy": true})
	if !cloud.Refused(err, "PublicPolicyException") {
		t.Errorf("a policy for everyone: %v", err)
	}
	if err := w.Remove(secret); err != nil {
		t.Fatal(err)
	}
	if left := w.All("aws:secretsmanager/secretVersion:SecretVersion"); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
