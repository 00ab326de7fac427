package config_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"platform/stacks/config"
	"platform/stacks/platform"
)

func TestTheCommittedEnvironmentsAreWhole(t *testing.T) {
	for _, name := range []string{"dev-aws", "staging-aws", "prod-aws", "dev-azure", "prod-azure", "dev-gcp", "prod-gcp"} {
		if _, err := config.FromFile(os.DirFS(".."), name, platform.Offers); err != nil {
			t.Error(err)
		}
	}
}

// TestEightMistakesGiveEightLines changes a whole environment in eight places.
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
		{"size: small, min: 1", "size: tiny, min: 1"},
		{"backupDays: 1", "backupDay: 1"},
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

func TestACertificateIsNamedOnlyWhereTheCloudIssuesNone(t *testing.T) {
	raw, err := os.ReadFile("../Pulumi.dev-aws.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(raw), "      logDays: 7\n      audiences:", "      certificate: doors\n      logDays: 7\n      audiences:", 1)
	_, err = config.FromFile(fstest.MapFS{"Pulumi.dev-aws.yaml": {Data: []byte(text)}}, "dev-aws", platform.Offers)
	want := `gateway.certificate: value "doors": nothing is allowed: this cloud issues the doors' certificates itself`
	if err == nil || !strings.HasSuffix(err.Error(), "\n"+want) {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
