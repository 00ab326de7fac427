package gcp_test

import (
	"strings"
	"testing"

	"platform/tests/cloud"
)

const (
	network    = "gcp:compute/network:Network"
	subnetwork = "gcp:compute/subnetwork:Subnetwork"
	firewall   = "gcp:compute/firewall:Firewall"
	route      = "gcp:compute/route:Route"
	router     = "gcp:compute/router:Router"
	nat        = "gcp:compute/routerNat:RouterNat"
	address    = "gcp:compute/globalAddress:GlobalAddress"
	connection = "gcp:servicenetworking/connection:Connection"
)

type values = map[string]any

// networkWorld has a network with a subnet and a way out.
type networkWorld struct {
	*world
	network, subnet, router *cloud.Object
}

func newNetworkWorld(t *testing.T) *networkWorld {
	t.Helper()
	w := &networkWorld{world: newWorld(t, "compute", "servicenetworking", "dns", "cloudkms")}
	w.network = w.Have(network, values{"name": "dev", "autoCreateSubnetworks": false, "deleteDefaultRoutesOnCreate": true})
	w.subnet = w.Have(subnetwork, w.machines(), values{"name": "machines"})
	w.router = w.Have(router, values{"name": "out", "network": w.network.ID})
	return w
}

func (w *networkWorld) machines() values {
	return values{
		"name": "more", "network": w.network.ID, "region": "europe-west3", "ipCidrRange": "10.0.0.0/20", "privateIpGoogleAccess": true,
		"secondaryIpRanges": []any{values{"rangeName": "pods", "ipCidrRange": "10.1.0.0/16"}},
	}
}

func (w *networkWorld) proxies() values {
	return values{
		"name": "proxies", "network": w.network.ID, "region": "europe-west3", "ipCidrRange": "10.2.0.0/24",
		"purpose": "REGIONAL_MANAGED_PROXY", "role": "ACTIVE",
	}
}

func (w *networkWorld) translation() values {
	return values{
		"name": "out", "router": "out", "region": "europe-west3", "natIpAllocateOption": "AUTO_ONLY",
		"sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS",
		"subnetworks":                   []any{values{"name": w.subnet.ID, "sourceIpRangesToNats": []any{"ALL_IP_RANGES"}}},
	}
}

func (w *networkWorld) reserved() values {
	return values{
		"name": "databases", "network": w.network.ID, "purpose": "VPC_PEERING", "addressType": "INTERNAL",
		"address": "10.3.0.0", "prefixLength": 20.0,
	}
}

func (w *networkWorld) connection() values {
	return values{
		"network": w.network.ID, "service": "servicenetworking.googleapis.com", "reservedPeeringRanges": []any{"databases"},
	}
}

// refusal is a change that turns what is good into what is refused.
type refusal struct {
	changes values
	want    string
}

func (w *networkWorld) refuses(t *testing.T, typ string, good values, cases map[string]refusal) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := w.Create(typ, good, c.changes); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestANetworkIsRefused(t *testing.T) {
	w := newNetworkWorld(t)
	w.refuses(t, network, values{"name": "second", "autoCreateSubnetworks": false}, map[string]refusal{
		"with subnets all over the world": {values{"autoCreateSubnetworks": true}, "residency"},
		"by a name that is too long":      {values{"name": strings.Repeat("n", 64)}, "64 characters"},
		"by a name of other letters":      {values{"name": "Dev_Network"}, "does not match"},
		"by a name that is taken":         {values{"name": "dev"}, "is taken by"},
		"with frames that are too large":  {values{"mtu": 9000.0}, "at most 8896"},
		"with what nobody knows":          {values{"colour": "red"}, "do not know this property"},
	})
}

// A network that keeps its default route has a way out that no program asked for.
func TestANetworkComesWithARouteToTheInternet(t *testing.T) {
	w := newWorld(t, "compute")
	open := w.Have(network, values{"name": "open", "autoCreateSubnetworks": false})
	if routes := w.All("compute:route"); len(routes) != 1 || routes[0].Str("destRange") != "0.0.0.0/0" || routes[0].Owner != open.Key() {
		t.Errorf("routes: %v, want the one to the internet", routes)
	}
	if err := w.Remove(open); err != nil {
		t.Fatal(err)
	}
	if routes := w.All("compute:route"); len(routes) != 0 {
		t.Errorf("left: %v", routes)
	}
}

func TestASubnetIsRefused(t *testing.T) {
	w := newNetworkWorld(t)
	second := func(block string) values {
		return values{"ipCidrRange": "10.8.0.0/20", "secondaryIpRanges": []any{values{"rangeName": "pods", "ipCidrRange": block}}}
	}
	w.refuses(t, subnetwork, w.machines(), map[string]refusal{
		"over another":                     {values{"secondaryIpRanges": nil}, "conflicts with 10.0.0.0/20"},
		"with pods over another's":         {second("10.1.128.0/17"), "conflicts with 10.1.0.0/16"},
		"with pods over its own machines":  {second("10.8.8.0/24"), "overlap"},
		"with host bits":                   {values{"ipCidrRange": "10.8.0.1/20"}, "its network is 10.8.0.0/20"},
		"that is too small":                {values{"ipCidrRange": "10.8.0.0/30", "secondaryIpRanges": nil}, "/4 to /29"},
		"of a network that is not there":   {values{"network": "projects/platform-test/global/networks/no"}, "does not exist"},
		"with a role but no proxies":       {values{"ipCidrRange": "10.8.0.0/20", "secondaryIpRanges": nil, "role": "ACTIVE"}, "role is for subnets of proxies"},
		"with half the logs of a subnet":   {values{"logConfig": values{"flowSampling": 1.5}}, "at most 1"},
		"by a range of a name that is bad": {values{"secondaryIpRanges": []any{values{"rangeName": "Pods", "ipCidrRange": "10.9.0.0/20"}}}, "does not match"},
	})
	w.Have(subnetwork, w.proxies())
	w.refuses(t, subnetwork, w.proxies(), map[string]refusal{
		"of proxies with logs":                {values{"name": "b", "ipCidrRange": "10.2.1.0/24", "logConfig": values{"flowSampling": 1.0}}, "logConfig is not for"},
		"of proxies with access":              {values{"name": "b", "ipCidrRange": "10.2.1.0/24", "privateIpGoogleAccess": true}, "privateIpGoogleAccess is not for"},
		"of proxies beside an active one":     {values{"name": "b", "ipCidrRange": "10.2.1.0/24"}, "the active subnet of proxies already"},
		"of proxies without a role":           {values{"name": "b", "ipCidrRange": "10.2.1.0/24", "role": nil}, "ACTIVE or BACKUP"},
		"of proxies with too few of them":     {values{"name": "b", "ipCidrRange": "10.2.1.0/27", "role": "BACKUP"}, "64 addresses"},
		"of proxies over a range of machines": {values{"name": "b", "ipCidrRange": "10.0.4.0/24", "role": "BACKUP"}, "conflicts with"},
	})
}

func TestASubnetHasARouteForEachRange(t *testing.T) {
	w := newNetworkWorld(t)
	if got := len(w.All("compute:route")); got != 2 {
		t.Errorf("%d routes, want one for machines and one for pods", got)
	}
	if got := w.subnet.Str("gatewayAddress"); got != "10.0.0.1" {
		t.Errorf("the gateway is %q", got)
	}
	if err := w.Update(w.subnet, values{"secondaryIpRanges": nil}); err != nil {
		t.Fatal(err)
	}
	if got := len(w.All("compute:route")); got != 1 {
		t.Errorf("%d routes after the pods' range went, want 1", got)
	}
}

func TestAFirewallRuleIsRefused(t *testing.T) {
	w := newNetworkWorld(t)
	deny := []any{values{"protocol": "all"}}
	good := values{"name": "deny", "network": w.network.ID, "denies": deny, "sourceRanges": []any{"0.0.0.0/0"}}
	w.Have(firewall, good)
	w.refuses(t, firewall, good, map[string]refusal{
		"that allows and denies":       {values{"name": "b", "allows": deny}, "at most one of"},
		"that does neither":            {values{"name": "b", "denies": nil}, "must be set"},
		"without a source":             {values{"name": "b", "sourceRanges": nil}, "must be set"},
		"with a source for the way up": {values{"name": "b", "direction": "EGRESS", "sourceRanges": nil, "sourceTags": []any{"web"}}, "no source but ranges"},
		"with ports of no ports":       {values{"name": "b", "denies": []any{values{"protocol": "icmp", "ports": []any{"22"}}}}, "has no ports"},
		"with tags and accounts":       {values{"name": "b", "targetTags": []any{"web"}, "targetServiceAccounts": []any{"a@b"}}, "at most one of"},
		"after the last priority":      {values{"name": "b", "priority": 65536.0}, "at most 65535"},
	})
}

func TestARouteIsRefused(t *testing.T) {
	w := newNetworkWorld(t)
	good := values{"name": "apis", "network": w.network.ID, "destRange": "199.36.153.8/30", "nextHopGateway": "default-internet-gateway"}
	w.Have(route, good)
	w.refuses(t, route, good, map[string]refusal{
		"inside a subnet":   {values{"name": "b", "destRange": "10.0.1.0/24"}, "lies in 10.0.0.0/20"},
		"to nowhere":        {values{"name": "b", "nextHopGateway": nil}, "must be set"},
		"to two hops":       {values{"name": "b", "nextHopIp": "10.0.0.5"}, "at most one of"},
		"to what is no hop": {values{"name": "b", "nextHopGateway": "somewhere"}, "allowed are"},
	})
}

func TestTranslationIsRefused(t *testing.T) {
	w := newNetworkWorld(t)
	proxies := w.Have(subnetwork, w.proxies())
	w.refuses(t, nat, w.translation(), map[string]refusal{
		"by a name of one letter":      {values{"name": "n"}, "does not match"},
		"of subnets that it does not":  {values{"subnetworks": nil}, "needed there"},
		"of all and of some":           {values{"sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"}, "are for LIST_OF_SUBNETWORKS"},
		"of proxies":                   {values{"subnetworks": []any{values{"name": proxies.ID, "sourceIpRangesToNats": []any{"ALL_IP_RANGES"}}}}, "no machines to translate"},
		"without addresses":            {values{"natIpAllocateOption": nil}, "needs natIpAllocateOption"},
		"with addresses but none":      {values{"natIpAllocateOption": "MANUAL_ONLY"}, "MANUAL_ONLY needs natIps"},
		"with both kinds of mapping":   {values{"enableDynamicPortAllocation": true, "enableEndpointIndependentMapping": true}, "exclude"},
		"with a most that is fixed":    {values{"maxPortsPerVm": 4096.0}, "is for dynamic ports"},
		"with ports of no power":       {values{"enableDynamicPortAllocation": true, "minPortsPerVm": 100.0}, "powers of two"},
		"with more ports at least":     {values{"enableDynamicPortAllocation": true, "minPortsPerVm": 128.0, "maxPortsPerVm": 64.0}, "the second above the first"},
		"by a router that is not here": {values{"router": "elsewhere"}, "does not exist"},
	})
}

func TestTranslationTakesAnAddressAndGivesItBack(t *testing.T) {
	w := newNetworkWorld(t)
	made := w.Have(nat, w.translation())
	if addresses := w.All("compute:address"); len(addresses) != 1 || addresses[0].Owner != made.Key() {
		t.Errorf("addresses: %v, want one of the gateway", addresses)
	}
	if _, err := w.Create(nat, w.translation(), values{"name": "again"}); err == nil || !strings.Contains(err.Error(), "translated by") {
		t.Errorf("a subnet is translated twice: %v", err)
	}
	for _, held := range []*cloud.Object{w.router, w.subnet} {
		if err := w.Remove(held); !cloud.Refused(err, "DependencyViolation") {
			t.Errorf("deleting %s: %v", held, err)
		}
	}
	if err := w.Remove(made); err != nil {
		t.Fatal(err)
	}
	if addresses := w.All("compute:address"); len(addresses) != 0 {
		t.Errorf("left: %v", addresses)
	}
	if err := w.Remove(w.router); err != nil {
		t.Error(err)
	}
}

// What GKE and controllers make in a network is a rule of its own that keeps it.
func TestANetworkStaysWhileAnyRuleIsInIt(t *testing.T) {
	w := newNetworkWorld(t)
	if err := w.Store.Update("controller", func(t *cloud.Tx) error {
		t.Mint(cloud.Object{Type: "compute:firewall", ID: "gke-dev-vms", Account: project, Hidden: true, Holds: []cloud.Key{w.network.Key()}})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, o := range []*cloud.Object{w.router, w.subnet} {
		if err := w.Remove(o); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Remove(w.network); err == nil || !strings.Contains(err.Error(), "gke-dev-vms") {
		t.Errorf("error is %v, want one that names the rule", err)
	}
}

func TestARangeForPeeringIsRefused(t *testing.T) {
	w := newNetworkWorld(t)
	w.Have(address, w.reserved())
	w.refuses(t, address, w.reserved(), map[string]refusal{
		"over a subnet":        {values{"name": "b", "address": "10.0.0.0"}, "conflicts with 10.0.0.0/20"},
		"over another":         {values{"name": "b"}, "conflicts with 10.3.0.0/20"},
		"of no length":         {values{"name": "b", "prefixLength": nil}, "needs network and prefixLength"},
		"that is public":       {values{"name": "b", "addressType": "EXTERNAL"}, "is INTERNAL"},
		"that is no range":     {values{"name": "b", "address": "10.4.0.1"}, "no network range"},
		"with a label in caps": {values{"name": "b", "address": "10.4.0.0", "labels": values{"team": "Payments"}}, "does not match"},
	})
}
