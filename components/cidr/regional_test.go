package cidr_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"platform/components/cidr"
)

func parts(r cidr.Regional) map[string]netip.Prefix {
	return map[string]netip.Prefix{
		"nodes": r.Nodes, "pods": r.Pods, "services": r.Services, "proxies": r.Proxies,
		"producers": r.Producers, "control planes": r.ControlPlanes,
	}
}

func TestSplitRegionalIsDisjointInsideAndWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(8, 20).Draw(t, "bits")
		prefix := netip.PrefixFrom(netip.MustParseAddr(fmt.Sprintf("10.%d.%d.0", rapid.IntRange(0, 255).Draw(t, "second"), rapid.IntRange(0, 255).Draw(t, "third"))), bits).Masked()
		split, err := cidr.SplitRegional(prefix)
		if err != nil {
			t.Fatal(err)
		}
		taken := 0
		for name, part := range parts(split) {
			if !prefix.Contains(part.Addr()) || part.Bits() <= prefix.Bits() || part != part.Masked() {
				t.Fatalf("%s: %s is not a part of %s", name, part, prefix)
			}
			for other, beside := range parts(split) {
				if other != name && part.Overlaps(beside) {
					t.Fatalf("%s and %s overlap: %s and %s", name, other, part, beside)
				}
			}
			taken += 1 << (32 - part.Bits())
		}
		if taken != 1<<(32-bits) {
			t.Fatalf("%d addresses of %s are used, want all", taken, prefix)
		}
	})
}

func TestSplitRegionalOfAnEnvironment(t *testing.T) {
	got, err := cidr.SplitRegional(netip.MustParsePrefix("10.16.0.0/16"))
	if err != nil {
		t.Fatal(err)
	}
	want := cidr.Regional{
		Pods: netip.MustParsePrefix("10.16.0.0/17"), Nodes: netip.MustParsePrefix("10.16.128.0/18"),
		Services: netip.MustParsePrefix("10.16.192.0/20"), Proxies: netip.MustParsePrefix("10.16.208.0/20"),
		Producers: netip.MustParsePrefix("10.16.224.0/20"), ControlPlanes: netip.MustParsePrefix("10.16.240.0/20"),
	}
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSplitRegionalRefuses(t *testing.T) {
	for name, c := range map[string]struct{ prefix, want string }{
		"too narrow": {"10.0.0.0/21", `cidr "10.0.0.0/21": too small: the range of the cloud's services would be /25, and /24 is the least; /20 or wider is needed`},
		"host bits":  {"10.0.0.1/16", "has host bits; the range is 10.0.0.0/16"},
		"IPv6":       {"2001:db8::/48", "an IPv4 range is needed"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := cidr.SplitRegional(netip.MustParsePrefix(c.prefix)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one that says %q", err, c.want)
			}
		})
	}
}
