package config_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"platform/stacks/config"
	"platform/stacks/platform"
)

const (
	trail      = "trail: {days: 7, lock: false}"
	guardrails = "guardrails: {refuse: false}"
	quotas     = "quotas: {percent: 70}"
)

// besides reads the mould of short-lived environments, to which a part is given, beside another environment.
func besides(t *testing.T, other, part string, changes ...string) error {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range []string{"Pulumi.ephemeral.yaml", "Pulumi." + other + ".yaml"} {
		raw, err := os.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: raw}
	}
	const before = "    keys: {deletionDays: 7}\n"
	mould := files["Pulumi.ephemeral.yaml"]
	mould.Data = []byte(strings.NewReplacer(append(changes, before, before+"    "+part+"\n")...).Replace(string(mould.Data)))
	_, err := config.FromFile(files, "ephemeral", platform.Offers)
	return err
}

// onAzure are the changes that move the mould.
var onAzure = []string{"cloud: aws", "cloud: azure", "region: eu-central-1", "region: germanywestcentral", "storageGiB: 20", "storageGiB: 32"}

func TestWhatAnAccountHasOnceIsOfOneEnvironment(t *testing.T) {
	for part, want := range map[string]string{
		trail:      `trail: value "given": environment dev-aws has one in 111122223333 already: what is logged and watched is said for a whole account`,
		quotas:     `quotas: value "given": environment dev-aws has one in 111122223333 already: quotas are of a whole account, and a team that is told twice listens to neither`,
		guardrails: `guardrails: value "given": environment dev-aws has one in 111122223333 already: an account has one recorder in a region, and a project one policy for a constraint`,
	} {
		want := "Pulumi.ephemeral.yaml has faults, nothing was built:\n" + want
		if err := besides(t, "dev-aws", part, "landingZone: ephemeral", "landingZone: development"); err == nil || err.Error() != want {
			t.Errorf("got\n%v\nwant\n%s", err, want)
		}
	}
}

func TestAnotherAccountHasItsOwn(t *testing.T) {
	for _, part := range []string{trail, quotas, guardrails} {
		if err := besides(t, "dev-aws", part, "landingZone: ephemeral", "landingZone: staging"); err != nil {
			t.Errorf("in another landing zone: %v", err)
		}
		if err := besides(t, "dev-aws", part, onAzure...); err != nil {
			t.Errorf("on another cloud: %v", err)
		}
	}
}

func TestAGroupOfResourcesHasGuardrailsOfItsOwn(t *testing.T) {
	if err := besides(t, "dev-azure", guardrails, onAzure...); err != nil {
		t.Error(err)
	}
}

func TestATrailIsKeptForDaysThatTheCloudAllows(t *testing.T) {
	err := besides(t, "dev-aws", "trail: {days: 0, locked: true}", "landingZone: ephemeral", "landingZone: staging")
	want := `Pulumi.ephemeral.yaml has faults, nothing was built:
trail.days: value "0": 1 to 36500 is allowed
trail.locked: unknown key: allowed are days, lock`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
