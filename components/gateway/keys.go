package gateway

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// The algorithms of the keys that doors take along (https://www.rfc-editor.org/rfc/rfc7518#section-3.1).
const (
	RS256 = "RS256"
	ES256 = "ES256"
)

// keyID is what issuers call their keys, by names that need no escape anywhere.
var keyID = regexp.MustCompile(`^[A-Za-z0-9._=-]{1,128}$`)

// validateKeys wants the issuer's keys where the doors do not ask it for them, and none elsewhere, where they would be
// without effect.
func validateKeys(f *faults, path string, keys map[string]string, offer Offer) {
	if !offer.BringKeys {
		if len(keys) > 0 {
			f.add(path, slices.Sorted(maps.Keys(keys)), "nothing is allowed: these doors ask the issuer for its keys")
		}
		return
	}
	if len(keys) == 0 {
		f.add(path, "", "at least one public key of the issuer must be set: these doors do not ask it for them")
	}
	for _, id := range slices.Sorted(maps.Keys(keys)) {
		if !keyID.MatchString(id) {
			f.add(path, id, "1 to 128 letters, digits and any of . _ = - are allowed as the name of a key")
		}
		if _, err := Algorithm(keys[id]); err != nil {
			f.add(path+"."+id, "PEM", "%v", err)
		}
	}
}

// Algorithm is that of the tokens which a public key proves. No error repeats the text: it may be a private key that strayed
// here.
func Algorithm(key string) (string, error) {
	block, rest := pem.Decode([]byte(key))
	if block == nil || block.Type != "PUBLIC KEY" || strings.TrimSpace(string(rest)) != "" {
		return "", errors.New("one PUBLIC KEY in PEM form, and nothing beside it, is allowed")
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return "", errors.New("a PUBLIC KEY that can be read is allowed")
	}
	switch public := public.(type) {
	case *rsa.PublicKey:
		if public.N.BitLen() < minRSABits {
			return "", fmt.Errorf("an RSA key of at least %d bits is allowed, this has %d", minRSABits, public.N.BitLen())
		}
		return RS256, nil
	case *ecdsa.PublicKey:
		if public.Curve == elliptic.P256() {
			return ES256, nil
		}
		return "", fmt.Errorf("the curve P-256 is allowed, this is %s", public.Curve.Params().Name)
	}
	return "", errors.New("an RSA or ECDSA key is allowed")
}
