package config_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"platform/stacks/config"
	"platform/stacks/platform"
)

const withTrail = "    keys: {deletionDays: 7}\n    trail: {days: 7, lock: false}\n"

// besides reads the mould of short-lived environments, with a trail, beside the development environment.
func besides(t *testing.T, changes ...string) error {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range []string{"Pulumi.ephemeral.yaml", "Pulumi.dev-aws.yaml"} {
		raw, err := os.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: raw}
	}
	mould := files["Pulumi.ephemeral.yaml"]
	mould.Data = []byte(strings.NewReplacer(append(changes, "    keys: {deletionDays: 7}\n", withTrail)...).Replace(string(mould.Data)))
	_, err := config.FromFile(files, "ephemeral", platform.Offers)
	return err
}

func TestTwoEnvironmentsOfOneAccountHaveOneTrail(t *testing.T) {
	want := `Pulumi.ephemeral.yaml has faults, nothing was built:
trail: value "given": environment dev-aws has one in 111122223333 already: what is logged and watched is said for a whole account`
	if err := besides(t); err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestAnotherAccountHasATrailOfItsOwn(t *testing.T) {
	if err := besides(t, "landingZone: development", "landingZone: staging"); err != nil {
		t.Error(err)
	}
	if err := besides(t, "cloud: aws", "cloud: azure", "region: eu-central-1", "region: germanywestcentral"); err != nil {
		t.Error(err)
	}
}

func TestATrailIsKeptForDaysThatTheCloudAllows(t *testing.T) {
	err := besides(t, "landingZone: development", "landingZone: staging", "    keys: {deletionDays: 7}\n",
		"    keys: {deletionDays: 7}\n    trail: {days: 0, locked: true}\n")
	want := `Pulumi.ephemeral.yaml has faults, nothing was built:
trail.days: value "0": 1 to 36500 is allowed
trail.locked: unknown key: allowed are days, lock`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
