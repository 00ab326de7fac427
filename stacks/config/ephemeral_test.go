package config_test

import (
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"platform/components/tags"
	"platform/stacks/config"
	"platform/stacks/platform"
)

// committed are the files of all environments, with changes of some.
func committed(t *testing.T, changes map[string][]string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for _, name := range []string{"ephemeral", "dev-aws", "dev-azure", "dev-gcp", "staging-aws", "prod-aws", "prod-azure", "prod-gcp"} {
		raw, err := os.ReadFile("../" + config.FileOf(name))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer(changes[name]...).Replace(string(raw))
		if len(changes[name]) > 0 && text == string(raw) {
			t.Fatalf("the file of %s is as it was", name)
		}
		out[config.FileOf(name)] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

var born = time.Date(2040, 11, 26, 8, 0, 0, 0, time.UTC)

func cast(cloud, region string) config.Cast {
	return config.Cast{
		Name: "pr-123", Cloud: cloud, Region: region, Plan: netip.MustParsePrefix("10.128.16.0/20"), Owner: "octocat", Expires: born,
		Services: []string{"accounts"},
	}
}

// A cast is an environment like any other, on each cloud, judged as strictly.
func TestACastIsWholeOnEachCloud(t *testing.T) {
	files := committed(t, nil)
	label := regexp.MustCompile(`^[a-z0-9_-]{1,63}$`)
	for cloud, region := range map[string]string{"aws": "eu-west-1", "azure": "germanywestcentral", "gcp": "europe-west3"} {
		raw, err := config.FileFor(files, cast(cloud, region))
		if err != nil {
			t.Fatal(err)
		}
		files[config.FileOf("pr-123")] = &fstest.MapFile{Data: raw}
		s, err := config.FromFile(files, "pr-123", platform.Offers)
		if err != nil {
			t.Errorf("%s: %v", cloud, err)
			continue
		}
		if s.Region != region || s.Network.CIDR.String() != "10.128.16.0/20" || s.Delivery.Folder != "ephemeral" || s.Gateway.Label != "pr-123" ||
			strings.Join(s.Catalog.Names(), " ") != "accounts" {
			t.Errorf("%s: %+v", cloud, s)
		}
		for _, set := range []tags.Set{s.Tags("network"), s.ServiceTags("accounts")} {
			if set[tags.Owner] != "octocat" || set[tags.Expires] != "2040-11-26t08-00-00z" || !label.MatchString(set[tags.Expires]) {
				t.Errorf("%s: tags are %v", cloud, set)
			}
		}
	}
}

func TestACastThatCouldStayIsRefused(t *testing.T) {
	files := committed(t, nil)
	raw, err := config.FileFor(files, config.Cast{
		Name: "pr-123", Cloud: "aws", Region: "eu-west-1", Plan: netip.MustParsePrefix("10.144.0.0/20"), Owner: "octocat", Expires: born,
	})
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for was, is := range map[string]string{
		"tier: development": "tier: production", "landingZone: ephemeral": "landingZone: production", "owner: octocat": "owner: Octo Cat",
		"label: pr-123": "label: pr-1", "finalSnapshot: false": "finalSnapshot: true", "mesh:": "trail: {days: 7}\n    guardrails: {}\n    lifecycle: {protected: true}\n    mesh:",
	} {
		if strings.Count(text, was) != 1 {
			t.Fatalf("%d times %q in\n%s", strings.Count(text, was), was, text)
		}
		text = strings.Replace(text, was, is, 1)
	}
	files[config.FileOf("pr-123")] = &fstest.MapFile{Data: []byte(text)}
	_, err = config.FromFile(files, "pr-123", platform.Offers)
	for _, want := range []string{
		`tier: value "production": development is allowed`, `ephemeral.owner: value "Octo Cat": 1 to 39 lower-case letters`, `gateway.label: value "pr-1": pr-123 is allowed`,
		`database.finalSnapshot: value "true": false is allowed`, `lifecycle.protected: value "true": false is allowed`, `trail: value "given": nothing is allowed`,
		`guardrails: value "given": nothing is allowed`, `landingZone: value "production": one without committed environments is allowed, and prod-aws is in it`,
		`network.cidr: value "10.144.0.0/20": one of the pool's plans is allowed: a /20 of 10.128.0.0/12`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got\n%v\nwithout %q", err, want)
		}
	}
}

// What the pool gives nobody commits, and the other way round.
func TestThePoolIsNobodyElses(t *testing.T) {
	_, err := config.FromFile(committed(t, map[string][]string{"dev-aws": {"10.16.0.0/16", "10.130.0.0/16"}}), "dev-aws", platform.Offers)
	want := `network.cidr: value "10.130.0.0/16": it overlaps 10.128.0.0/12, from which environments that live for some hours are given theirs`
	if err == nil || !strings.HasSuffix(err.Error(), "\n"+want) {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = config.PoolOf(committed(t, map[string][]string{"ephemeral": {
		"prefix: pr-", "prefix: dev-", "block: 10.128.0.0/12, bits: 20", "block: 10.16.0.0/12, bits: 24", "usual: 8h, most: 72h", "usual: 10m, most: 1000h",
		"eu-north-1: 5", "us-east-1: 0", "gcp: {", "moon: {", "tier: development", "tier: staging",
	}}))
	want = `Pulumi.ephemeral.yaml has faults:
platform:ephemeral: addresses.bits: value "24": 16 to 20 is allowed
platform:ephemeral: addresses.block: value "10.16.0.0/12": it overlaps 10.16.0.0/16 of environment dev-aws
platform:ephemeral: life.most: value "1000h0m0s": at most 744h0m0s is allowed
platform:ephemeral: life.usual: value "10m0s": 1h0m0s to 1000h0m0s is allowed
platform:ephemeral: prefix: value "dev-": one with which no committed environment begins is allowed, and dev-aws does
platform:ephemeral: prefix: value "dev-": one with which no committed environment begins is allowed, and dev-azure does
platform:ephemeral: prefix: value "dev-": one with which no committed environment begins is allowed, and dev-gcp does
platform:ephemeral: regions.aws.us-east-1: value "0": at least 1 is allowed
platform:ephemeral: regions.aws: value "us-east-1": one of [eu-central-1 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-3] is allowed
platform:ephemeral: regions: value "moon": one of [aws azure gcp] is allowed
tier: value "staging": development is allowed: environments of other tiers do not come and go by a command`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	_, err = config.FromFile(committed(t, map[string][]string{"dev-aws": {"config:\n", "config:\n  platform:ephemeral: {}\n"}}), "dev-aws", platform.Offers)
	if err == nil || !strings.Contains(err.Error(), "platform:ephemeral: unknown key: allowed are platform:environment") {
		t.Errorf("a pool in the file of another environment: %v", err)
	}
}

func TestPlansCutTheBlock(t *testing.T) {
	plans := config.Addresses{Block: netip.MustParsePrefix("10.128.0.0/12"), Bits: 20}.Plans()
	if len(plans) != 256 || plans[0].String() != "10.128.0.0/20" || plans[17].String() != "10.129.16.0/20" || plans[255].String() != "10.143.240.0/20" {
		t.Errorf("%d plans: %v", len(plans), plans)
	}
	if last := (config.Addresses{Block: netip.MustParsePrefix("255.240.0.0/12"), Bits: 20}).Plans(); len(last) != 256 {
		t.Errorf("%d plans at the end of all addresses", len(last))
	}
}
