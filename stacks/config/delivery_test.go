package config_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"platform/stacks/config"
	"platform/stacks/platform"
)

func TestFaultsOfDeliveryAreAllNamed(t *testing.T) {
	raw, err := os.ReadFile("../Pulumi.dev-aws.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	text = text[:strings.Index(text, "    delivery:")] + `    delivery:
      replicas: 9
      sso: {issuer: "http://login.example.com", clientID: "", scopes: [openid, "a b"]}
      git: {url: "https://other.example.com/checkout", username: ""}
`
	_, err = config.FromFile(fstest.MapFS{"Pulumi.dev-aws.yaml": {Data: []byte(text)}}, "dev-aws", platform.Offers)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`delivery.replicas: value "9": 1 to 5 is allowed`, `delivery.sso.issuer: value "http://login.example.com": an https URL is allowed`,
		"delivery.sso.clientID: a value is needed", `delivery.sso.scopes[1]: value "a b": one word`,
		`delivery.git.url: value "https://other.example.com/checkout": an https URL that ends in a slash`,
		`delivery.git.url: value "https://other.example.com/checkout": the repository of team checkout, which owns services, is "https://git.example.com/checkout/deploy.git"`,
		"delivery.git.username: ",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
}
