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
		"mesh: {kind: istio, replicas: 1}", "mesh: {kind: linkerd, replicas: 6}\n    images: {registry: \"https://registry.example.com/\"}",
	).Replace(string(raw))
	_, err = config.FromFile(fstest.MapFS{"Pulumi.dev.yaml": {Data: []byte(text)}}, "dev", platform.Offers)
	for _, want := range []string{
		`certificates.acme.server: value "http://acme-staging-v02.api.letsencrypt.org/directory": an https address is allowed`,
		`certificates.acme.email: value "nobody": an address of mail is needed`,
		`certificates.replicas: value "9": 1 to 5 is allowed`, `secrets.replicas: value "-1": 1 to 5 is allowed`,
		`mesh.kind: value "linkerd": one of [istio none] is allowed`, `mesh.replicas: value "6": 1 to 5 is allowed`,
		`images.registry: value "https://registry.example.com/": a host, a port if it has one of its own, and a path are allowed`,
	} {
		if err == nil || !strings.Contains(err.Error(), "\n"+want) {
			t.Errorf("%s\nis not in\n%v", want, err)
		}
	}
}

// An environment without a mesh says so: to say nothing is a fault.
func TestAnEnvironmentSaysWhichMeshItHas(t *testing.T) {
	raw, err := os.ReadFile("../Pulumi.dev-gcp.yaml") // whose doors are in the cluster
	if err != nil {
		t.Fatal(err)
	}
	for said, want := range map[string]string{
		"": "mesh: missing", "mesh: {replicas: 1}": "mesh.kind: missing", "mesh: {kind: none}": "", "mesh: {kind: istio}": "",
	} {
		text := strings.Replace(string(raw), "mesh: {kind: istio, replicas: 1}", said, 1)
		_, err := config.FromFile(fstest.MapFS{"Pulumi.dev.yaml": {Data: []byte(text)}}, "dev", platform.Offers)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error is %v, want %q", said, err, want)
		}
	}
}
