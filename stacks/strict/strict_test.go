package strict_test

import (
	"net/netip"
	"testing"
	"time"

	"platform/stacks/strict"
)

type document struct {
	Range netip.Prefix  `yaml:"range"`
	Wait  time.Duration `yaml:"wait,omitempty"`
	Pools map[string]struct {
		Max int `yaml:"max"`
	} `yaml:"pools,omitempty"`
	Zones []string `yaml:"zones,omitempty"`
	Size  *string  `yaml:"size,omitempty"`
}

func TestEveryMistakeIsNamedWithItsPath(t *testing.T) {
	var got document
	faults := strict.Decode([]byte("range: here\nwait: soon\npools: {web: {max: many, mix: 1}, job: {}}\nzones: a\nsize: 3\nzone: b\n"), &got)
	want := `pools.job.max: missing
pools.web.max: value "many": a whole number is allowed
pools.web.mix: unknown key: allowed are max
range: value "here": an address range such as 10.16.0.0/16 is allowed
size: value "3": a text is allowed (in quotes where it looks like a number)
wait: value "soon": a duration is allowed, as 45s or 5m
zone: unknown key: allowed are pools, range, size, wait, zones
zones: value "a": a list is allowed`
	if text := strict.Join(faults).Error(); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func TestAWholeDocumentIsRead(t *testing.T) {
	var got document
	if faults := strict.Decode([]byte(`{"range": "10.0.0.0/16", "wait": "45s", "pools": {"web": {"max": 3}}, "zones": ["a"]}`), &got); len(faults) != 0 {
		t.Fatal(faults)
	}
	if got.Range != netip.MustParsePrefix("10.0.0.0/16") || got.Wait != 45*time.Second || got.Pools["web"].Max != 3 || got.Zones[0] != "a" {
		t.Errorf("got %+v", got)
	}
}
