package network_test

import (
	"net/netip"
	"strings"
	"testing"

	"platform/components/network"
)

// all is what a cloud offers that can do everything.
var all = network.Offer{NATs: network.NATs, Endpoints: network.Endpoints}

func valid() network.Args {
	return network.Args{
		CIDR: netip.MustParsePrefix("10.16.0.0/16"), Zones: []string{"a", "b", "c"}, NAT: network.NATSingle,
		Endpoints: []network.Endpoint{network.EndpointStorage}, FlowLogDays: 30,
	}
}

func TestValidArgsHaveNoFault(t *testing.T) {
	if err := valid().Validate(all); err != nil {
		t.Error(err)
	}
}

func TestEachFaultIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*network.Args)
		want  string
	}{
		"host bits":      {func(a *network.Args) { a.CIDR = netip.MustParsePrefix("10.16.0.1/16") }, `cidr "10.16.0.1/16": has host bits; the range is 10.16.0.0/16`},
		"too wide":       {func(a *network.Args) { a.CIDR = netip.MustParsePrefix("10.0.0.0/8") }, `cidr: value "10.0.0.0/8": /16 to /20 is allowed`},
		"two zones":      {func(a *network.Args) { a.Zones = []string{"a", "b"} }, `zones: value "[a b]": exactly 3 zones are allowed`},
		"a zone twice":   {func(a *network.Args) { a.Zones = []string{"a", "b", "b"} }, `zones: value "b": each zone is named once`},
		"way out":        {func(a *network.Args) { a.NAT = "double" }, `nat: value "double": one of [none single per-zone] is allowed`},
		"endpoint":       {func(a *network.Args) { a.Endpoints = []network.Endpoint{"fax"} }, `endpoints: value "fax": any of [storage documents registry secrets queues logs identity compute] are allowed`},
		"endpoint twice": {func(a *network.Args) { a.Endpoints = append(a.Endpoints, network.EndpointStorage) }, `endpoints: value "storage": each endpoint is named once`},
		"no flow logs":   {func(a *network.Args) { a.FlowLogDays = 0 }, `flowLogDays: value "0": at least 1 is allowed`},
	} {
		t.Run(name, func(t *testing.T) {
			args := valid()
			c.spoil(&args)
			if err := args.Validate(all); err == nil || err.Error() != c.want {
				t.Errorf("got\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	err := network.Args{}.Validate(all)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, path := range []string{"cidr", "zones", "nat", "flowLogDays"} {
		if !strings.Contains(err.Error(), path) {
			t.Errorf("%s is not named in\n%v", path, err)
		}
	}
}
