package cloud

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// asks sends what Vault's own client sends, and returns the status and what was answered.
func asks(t *testing.T, k *keys, token, verb string, e envelope) (int, envelope) {
	t.Helper()
	body, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, k.url+"/v1/transit/"+verb+"/states", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Vault-Token", token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var told struct {
		Data   envelope `json:"data"`
		Errors []string `json:"errors"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&told); err != nil {
		t.Fatal(err)
	}
	if (answer.StatusCode == http.StatusOK) != (len(told.Errors) == 0) {
		t.Errorf("status %d with errors %v", answer.StatusCode, told.Errors)
	}
	return answer.StatusCode, told.Data
}

// serving serves the key of a seed until the test ends.
func serving(t *testing.T, seed uint64) *keys {
	t.Helper()
	k, err := serveKeys(seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.server.Close() })
	return k
}

func TestWhatAKeyEncryptedIsReadOnlyByItAndOnlyWithTheToken(t *testing.T) {
	t.Parallel()
	secret := envelope{Plaintext: []byte("the key of a state")}
	first := serving(t, 1)
	status, encrypted := asks(t, first, first.token, "encrypt", secret)
	if status != http.StatusOK || !strings.HasPrefix(encrypted.Ciphertext, "vault:v1:") || strings.Contains(encrypted.Ciphertext, string(secret.Plaintext)) {
		t.Fatalf("status %d, %+v", status, encrypted)
	}

	again := serving(t, 1) // as another run does, whose token is another one
	if status, plain := asks(t, again, again.token, "decrypt", encrypted); status != http.StatusOK || string(plain.Plaintext) != string(secret.Plaintext) {
		t.Errorf("status %d, %+v", status, plain)
	}
	other := serving(t, 2)
	for name, refused := range map[string]struct {
		of     *keys
		token  string
		asked  envelope
		status int
	}{
		"by another key":    {other, other.token, encrypted, http.StatusBadRequest},
		"with an old token": {again, first.token, encrypted, http.StatusForbidden},
		"changed":           {again, again.token, envelope{Ciphertext: encrypted.Ciphertext[:len(encrypted.Ciphertext)-8] + "AAAAAAA="}, http.StatusBadRequest},
		"of no key":         {again, again.token, envelope{Ciphertext: "plain"}, http.StatusBadRequest},
	} {
		if status, plain := asks(t, refused.of, refused.token, "decrypt", refused.asked); status != refused.status || len(plain.Plaintext) > 0 {
			t.Errorf("%s: status %d, %+v", name, status, plain)
		}
	}
}
