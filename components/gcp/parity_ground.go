package gcp

import "platform/components/parity"

// parityGround says how this cloud serves the network's capabilities.
var parityGround = []parity.Row{
	{ID: "N1", Level: parity.Differs, How: "subnets span the region's zones: one for machines and pods, one for the proxies of load balancers, and a range of addresses for Google's own services, which lie in a network beside ours"},
	{ID: "N2", Level: parity.Differs, How: "Cloud NAT is part of the region's network and no machine: single and per-zone both mean one gateway that no zone can take away; its public addresses are Google's choice"},
	{ID: "N3", Level: parity.Differs, How: "Private Google Access reaches all of Google's services at one range; what is asked for decides which names lead there"},
	{ID: "N4", Level: parity.Same},
}
