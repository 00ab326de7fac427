package config_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"platform/stacks/config"
	"platform/stacks/platform"
)

func TestFaultsOfTheControllersAreNamed(t *testing.T) {
	raw, err := os.ReadFile("../Pulumi.dev-aws.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(
		`server: "https://acme-staging`, `server: "http://acme-staging`, "email: platform@example.com", "email: nobody",
		"certificates:\n      replicas: 1", "certificates:\n      replicas: 9", "secrets: {replicas: 1}", "secrets: {replicas: -1}",
	).Replace(string(raw))
	_, err = config.FromFile(fstest.MapFS{"Pulumi.dev.yaml": {Data: []byte(text)}}, "dev", platform.Offers)
	for _, want := range []string{
		`certificates.acme.server: value "http://acme-staging-v02.api.letsencrypt.org/directory": an https address is allowed`,
		`certificates.acme.email: value "nobody": an address of mail is needed`,
		`certificates.replicas: value "9": 1 to 5 is allowed`, `secrets.replicas: value "-1": 1 to 5 is allowed`,
	} {
		if err == nil || !strings.Contains(err.Error(), "\n"+want) {
			t.Errorf("%s\nis not in\n%v", want, err)
		}
	}
}
