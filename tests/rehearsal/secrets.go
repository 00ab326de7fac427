package rehearsal

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
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

// Written is all that runs of an environment wrote, by path: state, work folder and the command's home.
func (e *Environment) Written() (map[string][]byte, error) {
	written := map[string][]byte{}
	for _, folder := range []string{"state", "work", "home"} {
		if err := filepath.WalkDir(filepath.Join(e.options.Dir, folder), func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			written[path], err = os.ReadFile(path)
			return err
		}); err != nil {
			return nil, fmt.Errorf("read what was written: %w", err)
		}
	}
	return written, nil
}
