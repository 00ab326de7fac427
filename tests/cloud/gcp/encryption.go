package gcp

import (
	"strings"

	"platform/tests/cloud"
)

const (
	keyMemberType = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
	keyRole       = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
)

// keyServes refuses a key in another place, and one that the service's own agent may not use: a service encrypts as
// its agent, not as who asks (https://cloud.google.com/kms/docs/cmek).
func keyServes(t *cloud.Tx, o *cloud.Object, key, location, agent string) error {
	if key == "" {
		return nil
	}
	if at := segment(key, "locations"); at != location {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: the key %s is in %s, and must be in %s", o, key, at, location)
	}
	grants := t.Find(keyMemberType, func(g *cloud.Object) bool {
		return g.Str("cryptoKeyId") == key && g.Str("role") == keyRole && isAgent(g.Str("member"), agent)
	})
	if len(grants) == 0 {
		return cloud.Refuse("FAILED_PRECONDITION", "%s: the service agent %s has not been granted %s on %s", o, agent, keyRole, key)
	}
	return nil
}

// isAgent says whether a member is the agent of a service in any project
// (https://cloud.google.com/iam/docs/service-agents).
func isAgent(member, agent string) bool {
	return strings.HasPrefix(member, "serviceAccount:service-") && strings.HasSuffix(member, "@"+agent+".iam.gserviceaccount.com")
}

// segment is what follows a word in the name of a resource.
func segment(name, word string) string {
	parts := strings.Split(name, "/")
	for i := range len(parts) - 1 {
		if parts[i] == word {
			return parts[i+1]
		}
	}
	return ""
}
