package rehearsal_test

import (
	"encoding/base64"
	"testing"

	"platform/tests/rehearsal"
)

func TestASecretIsFoundInEachForm(t *testing.T) {
	for _, text := range []string{
		"x a&b\"c y", `{"v":"a\u0026b\"c"}`, "q=a%26b%22c", "v: " + base64.StdEncoding.EncodeToString([]byte(`a&b"c`)),
	} {
		if len(rehearsal.PlainSecrets([]byte(text), `a&b"c`)) == 0 {
			t.Errorf("not found in %s", text)
		}
	}
	if found := rehearsal.PlainSecrets([]byte("nothing here"), `a&b"c`); len(found) != 0 {
		t.Errorf("found %v in a text without it", found)
	}
}
