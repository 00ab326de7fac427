package config_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"platform/stacks/config"
	"platform/stacks/platform"
)

// beside reads an environment that stands beside another, whose file is changed so that it moves to a cloud.
func beside(t *testing.T, changes ...string) error {
	t.Helper()
	files := fstest.MapFS{}
	for name, cidr := range map[string]string{"one": "10.16.0.0/16", "two": "10.17.0.0/16"} {
		raw, err := os.ReadFile("../Pulumi.dev-aws.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(raw), "guardrails: {") {
			t.Fatal("the development environment has no guardrails")
		}
		text := strings.NewReplacer(append([]string{"10.16.0.0/16", cidr}, changes...)...).Replace(string(raw))
		files["Pulumi."+name+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	_, err := config.FromFile(files, "one", platform.Offers)
	return err
}

func TestWhatAnAccountHasOnceIsOfOneEnvironment(t *testing.T) {
	err := beside(t)
	want := `Pulumi.one.yaml has faults, nothing was built:
guardrails: value "development": environment two has it in this landing zone, and an account has one recorder in a region, and a project one policy for a constraint`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestAGroupOfResourcesHasItsOwn(t *testing.T) {
	if err := beside(t, "cloud: aws", "cloud: azure", "region: eu-central-1", "region: germanywestcentral", "storageGiB: 20", "storageGiB: 32"); err != nil &&
		strings.Contains(err.Error(), "guardrails") {
		t.Error(err)
	}
}
