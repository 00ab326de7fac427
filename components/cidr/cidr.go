// Package cidr plans addresses.
package cidr

import (
	"fmt"
	"math/bits"
	"net/netip"
)

// smallest is the longest prefix that a subnet may have: AWS refuses subnets smaller than /28
// (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html); the other clouds allow /29.
const smallest = 28

// Split divides an IPv4 range over zones: each zone gets one large private subnet, and one small
// subnet each for what faces the internet and for data. With three zones a /16 gives private /18,
// public and data /21. The nth subnet of each kind belongs to the nth zone.
//
// A quarter of the range (with three zones) holds the small subnets, with gaps that stay free, so
// that a tier can be added without renumbering.
func Split(prefix netip.Prefix, zones int) (public, private, data []netip.Prefix, err error) {
	if !prefix.IsValid() || !prefix.Addr().Is4() {
		return nil, nil, nil, fmt.Errorf("cidr %q: an IPv4 range is needed, as 10.16.0.0/16", prefix)
	}
	if prefix != prefix.Masked() {
		return nil, nil, nil, fmt.Errorf("cidr %q: has host bits; the range is %s", prefix, prefix.Masked())
	}
	if zones < 1 {
		return nil, nil, nil, fmt.Errorf("zones %d: at least 1", zones)
	}
	large := prefix.Bits() + width(zones+1)
	// Two tiers share what is left; each tier has one subnet per zone.
	small := large + 1 + width(zones)
	if small > smallest {
		return nil, nil, nil, fmt.Errorf(
			"cidr %q: too small for %d zones: the small subnets would be /%d, and /%d is the least; /%d or wider is needed",
			prefix, zones, small, smallest, prefix.Bits()-(small-smallest))
	}
	last := nth(prefix, large, 1<<width(zones+1)-1)
	tier := 1 << width(zones)
	for zone := range zones {
		private = append(private, nth(prefix, large, zone))
		public = append(public, nth(last, small, zone))
		data = append(data, nth(last, small, tier+zone))
	}
	return public, private, data, nil
}

// Overlaps tells whether two ranges share an address.
func Overlaps(a, b netip.Prefix) bool {
	return a.Overlaps(b)
}

// width is the number of bits that tell n things apart.
func width(n int) int {
	return bits.Len(uint(n - 1))
}

// nth is the index-th range of the given length inside prefix.
func nth(prefix netip.Prefix, length, index int) netip.Prefix {
	a := prefix.Addr().As4()
	base := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	base += uint32(index) << (32 - length)
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(base >> 24), byte(base >> 16), byte(base >> 8), byte(base)}), length)
}
