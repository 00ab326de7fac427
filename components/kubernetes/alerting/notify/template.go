package notify

import (
	"fmt"
	"regexp"
	"strings"

	"platform/components/kubernetes/workload"
)

// placed marks where the secret under a path of the document of secrets comes.
func placed(path ...string) string { return "SECRET-OF-" + strings.Join(path, "/") }

var place = regexp.MustCompile(`SECRET-OF-([a-z0-9/-]+)`)

// leastSecret is what a key or an address has at least: a shorter one is a mistake of whoever filled it in.
const leastSecret = 16

// Template is the configuration as external-secrets completes it
// (https://external-secrets.io/v1.3.2/guides/templating/): Alertmanager's own templates are kept as they are, and
// each secret is taken out of one JSON document,
//
//	{"heartbeat": "https://...", "orders": {"page": "...", "ticket": "https://..."}}
//
// as JSON, which is YAML too. One that is missing spoils the whole, and the last configuration stays in use: better an old
// one than one that leaves a team out.
func (a Args) Template() (string, error) {
	configuration, err := a.Configuration()
	if err != nil {
		return "", err
	}
	// In one pass: what takes the place of a secret is itself a template.
	return regexp.MustCompile(`\{\{|`+place.String()).ReplaceAllStringFunc(configuration, func(found string) string {
		if found == "{{" {
			return `{{ "{{" }}`
		}
		path := place.FindStringSubmatch(found)[1]
		keys := ""
		for _, key := range strings.Split(path, "/") {
			keys += fmt.Sprintf(" %q", key)
		}
		return fmt.Sprintf(`{{ $secret := index (fromJson .%s)%s | toString }}{{ if lt (len $secret) %d }}{{ fail %q }}{{ end }}{{ toJson $secret }}`,
			workload.SecretKey, keys, leastSecret, path+": a secret of at least "+fmt.Sprint(leastSecret)+" characters is needed")
	}), nil
}
