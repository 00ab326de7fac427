package cidr_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"platform/components/cidr"
)

func TestSplitIsDisjointAndInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(16, 20).Draw(t, "bits")
		second := rapid.IntRange(0, 255).Draw(t, "second")
		prefix := netip.MustParsePrefix(fmt.Sprintf("10.%d.0.0/%d", second, bits))
		public, private, data, err := cidr.Split(prefix, 3)
		if err != nil {
			t.Fatal(err)
		}
		all := slices.Concat(public, private, data)
		if len(all) != 9 {
			t.Fatalf("%d subnets, want 9", len(all))
		}
		for i, subnet := range all {
			if !prefix.Contains(subnet.Addr()) || subnet.Bits() <= prefix.Bits() || subnet != subnet.Masked() {
				t.Fatalf("%s is not a subnet of %s", subnet, prefix)
			}
			for _, other := range all[i+1:] {
				if subnet.Overlaps(other) {
					t.Fatalf("%s and %s overlap", subnet, other)
				}
			}
		}
	})
}

func TestSplitRefuses(t *testing.T) {
	for name, prefix := range map[string]string{
		"too narrow": "10.0.0.0/26",
		"host bits":  "10.0.0.1/16",
		"IPv6":       "2001:db8::/48",
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, _, err := cidr.Split(netip.MustParsePrefix(prefix), 3); err == nil {
				t.Errorf("%s was accepted", prefix)
			}
		})
	}
}

func TestOverlaps(t *testing.T) {
	dev, inside, apart := netip.MustParsePrefix("10.16.0.0/16"), netip.MustParsePrefix("10.16.128.0/20"), netip.MustParsePrefix("10.32.0.0/16")
	if !cidr.Overlaps(dev, inside) || !cidr.Overlaps(inside, dev) {
		t.Errorf("%s and %s overlap, but are said not to", dev, inside)
	}
	if cidr.Overlaps(dev, apart) {
		t.Errorf("%s and %s do not overlap, but are said to", dev, apart)
	}
}
