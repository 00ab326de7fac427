package gcp

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	"platform/tests/cloud"
)

// What others make in Compute Engine behind one's back.
const (
	machineType     = "compute:instance"
	diskType        = "compute:disk"
	groupType       = "compute:instance-group-manager"
	templateType    = "compute:instance-template"
	firewallType    = "compute:firewall"
	ruleType        = "compute:forwarding-rule"
	madeAddressType = "compute:address"
	backendType     = "compute:backend-service"
	poolTargetType  = "compute:target-pool"
	healthType      = "compute:health-check"
	endpointsType   = "compute:network-endpoint-group"
	proxyType       = "compute:target-proxy"
	urlMapType      = "compute:url-map"
	certificateType = "compute:ssl-certificate"
)

// place is a network and a subnet of it, in which something is made.
type place struct{ network, subnet *cloud.Object }

// placeOf finds the network and the subnet that an object names by id, link or name.
func placeOf(t *cloud.Tx, o *cloud.Object) place {
	by := []string{"id", "selfLink", "name"}
	return place{
		network: t.Lookup([]string{networkType}, by, o.Str("network")),
		subnet:  t.Lookup([]string{subnetworkType}, by, o.Str("subnetwork")),
	}
}

// holds are what the things in a place keep from being deleted.
func (p place) holds() []cloud.Key {
	var out []cloud.Key
	for _, o := range []*cloud.Object{p.network, p.subnet} {
		if o != nil {
			out = append(out, o.Key())
		}
	}
	return out
}

// holdsNetwork is what a firewall rule keeps from being deleted.
func (p place) holdsNetwork() []cloud.Key { return place{network: p.network}.holds() }

// made is the id of a thing in Compute Engine: where is global, a region or a zone.
func made(project, where, kind, name string) string {
	scope := "global"
	switch strings.Count(where, "-") {
	case 1:
		scope = "regions/" + where
	case 2:
		scope = "zones/" + where
	}
	return fmt.Sprintf("projects/%s/%s/%s/%s", project, scope, kind, name)
}

// inside is an address of a range that nothing else of the simulated cloud depends on.
func inside(t *cloud.Tx, text string) string {
	r, err := netip.ParsePrefix(text)
	if err != nil {
		return outside(t)
	}
	var offset uint32
	if _, err := fmt.Sscanf(t.Random(8), "%08x", &offset); err != nil {
		return outside(t)
	}
	b := r.Masked().Addr().As4()
	first := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	size := uint32(1) << (32 - r.Bits())
	a := first + offset%size
	return netip.AddrFrom4([4]byte{byte(a >> 24), byte(a >> 16), byte(a >> 8), byte(a)}).String()
}

// outside is an address of the ranges reserved for documentation and tests
// (https://www.rfc-editor.org/rfc/rfc2544, 198.18.0.0/15).
func outside(t *cloud.Tx) string { return inside(t, "198.18.0.0/15") }

// zones of a region: a, b and c, but where Google counts otherwise
// (https://cloud.google.com/compute/docs/regions-zones#available).
func zones(location string) []string {
	if strings.Count(location, "-") == 2 {
		return []string{location}
	}
	letters := cmp.Or(map[string]string{"europe-west1": "bcd", "us-east1": "bcd"}[location], "abc")
	var out []string
	for _, letter := range letters {
		out = append(out, location+"-"+string(letter))
	}
	return out
}

// with are labels with more of them, which win.
func with(labels map[string]string, more ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range append([]map[string]string{labels}, more...) {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

// labelsAt are the labels under an input of an object.
func labelsAt(o *cloud.Object, path string) map[string]string {
	out := map[string]string{}
	values, _ := o.Value(path).(map[string]any)
	for k, v := range values {
		out[k] = fmt.Sprint(v)
	}
	return out
}
