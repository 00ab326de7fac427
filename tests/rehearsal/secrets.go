package rehearsal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
)

// PlainSecrets names the forms in which a secret occurs in a text: as it is, or as encodings that
// hide nothing.
func PlainSecrets(text []byte, secret string) []string {
	quoted, err := json.Marshal(secret)
	if err != nil {
		return []string{err.Error()}
	}
	forms := []struct{ name, text string }{
		{"plain", secret},
		{"JSON", string(bytes.Trim(quoted, `"`))},
		{"URL", url.QueryEscape(secret)},
		{"base64", base64.StdEncoding.EncodeToString([]byte(secret))},
	}
	var found []string
	for _, f := range forms {
		if bytes.Contains(text, []byte(f.text)) {
			found = append(found, f.name)
		}
	}
	return found
}
