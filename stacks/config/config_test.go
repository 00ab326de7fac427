package config_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"platform/stacks/config"
	"platform/stacks/platform"
)

func TestTheCommittedEnvironmentsAreWhole(t *testing.T) {
	for _, name := range []string{"dev-aws", "staging-aws", "prod-aws", "dev-azure", "prod-azure", "dev-gcp", "prod-gcp", "ephemeral"} {
		if _, err := config.FromFile(os.DirFS(".."), name, platform.Offers); err != nil {
			t.Error(err)
		}
	}
}

// TestEightMistakesGiveEightLines changes a whole environment in seven places, of which one is two mistakes.
func TestEightMistakesGiveEightLines(t *testing.T) {
	raw, err := os.ReadFile("../Pulumi.dev-aws.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, change := range [][2]string{
		{"cidr: 10.16.0.0/16", "cidr: 10.48.16.0/20"},
		{"nat: single", "nat: double"},
		{"flowLogDays: 7", "flowLogDays: week"},
		{"retentionDays: 4", "retentionDays: 40"},
		{"size: small, min: 2", "size: tiny, min: 2"},
		{"backupDays: 7", "backupDay: 7"},
		{"staff: {auth: jwt", "crew: {auth: jwt"},
	} {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("the file has no %q", change[0])
		}
		text = strings.Replace(text, change[0], change[1], 1)
	}
	other, err := os.ReadFile("../Pulumi.prod-aws.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = config.FromFile(fstest.MapFS{
		"Pulumi.dev-aws.yaml": {Data: []byte(text)}, "Pulumi.prod-aws.yaml": {Data: other},
	}, "dev-aws", platform.Offers)
	want := `Pulumi.dev-aws.yaml has faults, nothing was built:
cluster.pools.system.size: value "tiny": one of [small medium large] is allowed
database.backupDay: unknown key: allowed are backupDays, deleteProtection, finalSnapshot, multiZone, storageGiB, version
database.backupDays: missing
gateway.audiences: value "[crew mobile partner]": service admin serves /admin to "staff", which is missing here
network.cidr: value "10.48.16.0/20": it overlaps 10.48.0.0/16 of environment prod-aws
network.flowLogDays: value "week": a whole number is allowed
network.nat: value "double": one of [none single per-zone] is allowed
queue.retentionDays: value "40": 1 to 14 is allowed`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// A landing zone bears the same name on every cloud, and the zones of its region need not be named.
func TestAnEnvironmentStandsInItsLandingZone(t *testing.T) {
	raw, err := os.ReadFile("../Pulumi.dev-aws.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ cloud, region, landingZone, account, zones, fault string }{
		{"aws", "eu-central-1", "development", "111122223333", "[eu-central-1a eu-central-1b eu-central-1c]", ""},
		{"azure", "westeurope", "production", "bbbbbbbb-1111-4222-8333-444444444444", "[1 2 3]", ""},
		{"gcp", "europe-west1", "development", "platform-dev-example", "[europe-west1-b europe-west1-c europe-west1-d]", ""},
		{"gcp", "europe-west3", "staging", "", "", `landingZone: value "staging": one of [development ephemeral production] is allowed`},
	} {
		text := strings.NewReplacer("cloud: aws", "cloud: "+test.cloud, "region: eu-central-1", "region: "+test.region,
			"landingZone: development", "landingZone: "+test.landingZone).Replace(string(raw))
		s, err := config.FromFile(fstest.MapFS{"Pulumi.dev.yaml": {Data: []byte(text)}}, "dev", platform.Offers)
		if test.fault != "" {
			if err == nil || !strings.HasSuffix(err.Error(), "\n"+test.fault) || strings.Count(err.Error(), "\n") != 1 {
				t.Errorf("%s: got\n%v\nwant\n%s", test.landingZone, err, test.fault)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.region, err)
		}
		if zones := fmt.Sprint(s.Network.Zones); s.Landing.Account != test.account || zones != test.zones {
			t.Errorf("%s: account %s, zones %s, want %s and %s", test.region, s.Landing.Account, zones, test.account, test.zones)
		}
	}
}
