package cloud

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
)

// Secrets is the secrets provider of a stack whose key the simulated clouds keep, as an operator's is kept in his cloud's
// service of keys (https://www.pulumi.com/docs/iac/concepts/secrets/#available-encryption-providers). A passphrase would
// cost a fifth of a second in each of the engine's commands, of which a rehearsal has thirty.
const Secrets = "hashivault://states"

// keys is a service of keys that has one, by the interface of Vault's transit engine: of the services that the engine
// knows it is the one that can be anywhere (https://developer.hashicorp.com/vault/api-docs/secret/transit).
type keys struct {
	server     http.Server
	url, token string
	sealer     cipher.AEAD
}

// envelope is what is asked for, and what is answered.
type envelope struct {
	Plaintext  []byte `json:"plaintext,omitempty"`
	Ciphertext string `json:"ciphertext,omitempty"`
}

// serveKeys serves the key that a seed makes, which is the same in each run: nothing in these states is secret but by way of
// example.
func serveKeys(seed uint64) (*keys, error) {
	key := sha256.Sum256(fmt.Appendf(nil, "states %d", seed))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	k := &keys{token: rand.Text()}
	if k.sealer, err = cipher.NewGCMWithRandomNonce(block); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serve the key of states: %w", err)
	}
	k.url = "http://" + listener.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /v1/transit/encrypt/states", k.answers(k.encrypt))
	mux.HandleFunc("PUT /v1/transit/decrypt/states", k.answers(k.decrypt))
	k.server.Handler = mux
	go func() { _ = k.server.Serve(listener) }()
	return k, nil
}

// sealed begins what the first version of a key has encrypted.
const sealed = "vault:v1:"

func (k *keys) encrypt(asked envelope) (envelope, error) {
	return envelope{Ciphertext: sealed + base64.StdEncoding.EncodeToString(k.sealer.Seal(nil, nil, asked.Plaintext, nil))}, nil
}

func (k *keys) decrypt(asked envelope) (envelope, error) {
	text, ok := strings.CutPrefix(asked.Ciphertext, sealed)
	if !ok {
		return envelope{}, errors.New("invalid ciphertext: no prefix")
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return envelope{}, fmt.Errorf("invalid ciphertext: %w", err)
	}
	plain, err := k.sealer.Open(nil, nil, raw, nil)
	return envelope{Plaintext: plain}, err
}

// answers lets whoever has the token ask (https://developer.hashicorp.com/vault/api-docs#http-status-codes).
func (k *keys) answers(serve func(envelope) (envelope, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var asked, answer envelope
		status, err := http.StatusForbidden, errors.New("permission denied")
		if r.Header.Get("X-Vault-Token") == k.token {
			status = http.StatusBadRequest
			if err = json.NewDecoder(r.Body).Decode(&asked); err == nil {
				answer, err = serve(asked)
			}
		}
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(map[string][]string{"errors": {err.Error()}})
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]envelope{"data": answer})
	}
}

// env are the variables by which the engine finds the service.
func (k *keys) env() map[string]string {
	return map[string]string{"VAULT_SERVER_URL": k.url, "VAULT_SERVER_TOKEN": k.token}
}
