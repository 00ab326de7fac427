package gcp

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/compute"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/dns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/network"
)

// privateAccess are the addresses under which Google's services answer inside Google's network only
// (https://cloud.google.com/vpc/docs/configure-private-google-access#domain-options).
const privateAccess = "199.36.153.8/30"

var privateAddresses = []string{"199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"}

// recordTTL is five minutes: these addresses do not change.
const recordTTL = 300

// accessZone is a domain of Google's whose names lead to the private addresses.
type accessZone struct {
	role   string
	domain string
	target string // the name that bears the addresses
}

// apis is where all services but the registry answer.
var apis = accessZone{role: "apis", domain: "googleapis.com.", target: "private.googleapis.com."}

// endpointZones are the domains behind each neutral endpoint: an image's layers are in one of the registry's
// domains, and who may pull it is asked at the APIs
// (https://cloud.google.com/vpc/docs/configure-private-google-access#config-domain).
var endpointZones = map[network.Endpoint][]accessZone{
	network.EndpointStorage:   {apis},
	network.EndpointDocuments: {apis},
	network.EndpointRegistry: {
		apis,
		{role: "container-registry", domain: "gcr.io.", target: "gcr.io."},
		{role: "artifact-registry", domain: "pkg.dev.", target: "pkg.dev."},
	},
	network.EndpointSecrets:  {apis},
	network.EndpointQueues:   {apis},
	network.EndpointLogs:     {apis},
	network.EndpointIdentity: {apis},
	network.EndpointCompute:  {apis},
}

// zonesOf are the domains that what was asked for needs, each once, in the order of the contract's list.
func zonesOf(asked []network.Endpoint) []accessZone {
	var out []accessZone
	for _, endpoint := range network.Endpoints {
		if !slices.Contains(asked, endpoint) {
			continue
		}
		for _, zone := range endpointZones[endpoint] {
			if !slices.Contains(out, zone) {
				out = append(out, zone)
			}
		}
	}
	return out
}

// waysOf are where Google's services answer: once one of them is asked for, all that are found under the same
// domain answer at the private addresses.
func waysOf(asked []network.Endpoint) map[network.Endpoint]network.Way {
	out, private := map[network.Endpoint]network.Way{}, zonesOf(asked)
	for _, each := range network.Endpoints {
		out[each] = network.OverInternet(network.TLSPort)
		if !slices.ContainsFunc(endpointZones[each], func(z accessZone) bool { return !slices.Contains(private, z) }) {
			out[each] = network.At([]int{network.TLSPort}, privateAccess)
		}
	}
	return out
}

// endpoints lead the names of Google's services to addresses that need no internet, and the addresses to them.
func (d *Driver) endpoints(
	ctx *pulumi.Context, name string, id pulumi.StringInput, args network.Args, parent pulumi.Resource,
) ([]pulumi.Resource, error) {
	zones := zonesOf(args.Endpoints)
	if len(zones) == 0 {
		return nil, nil
	}
	route, err := compute.NewRoute(ctx, name+"-apis-route", d.routeArgs(name, "apis", id, privateAccess), d.under(parent))
	if err != nil {
		return nil, fmt.Errorf("route to Google's services: %w", err)
	}
	out := []pulumi.Resource{route}
	for _, zone := range zones {
		records, err := d.accessZone(ctx, name+"-"+zone.role, zone, id, args, parent)
		if err != nil {
			return nil, err
		}
		out = append(out, records...)
	}
	return out, nil
}

func (d *Driver) accessZone(
	ctx *pulumi.Context, name string, zone accessZone, id pulumi.StringInput, args network.Args, parent pulumi.Resource,
) ([]pulumi.Resource, error) {
	made, err := dns.NewManagedZone(ctx, name+"-zone", &dns.ManagedZoneArgs{
		Name: pulumi.String(d.physical(KindZone, name)), Project: pulumi.String(d.s.Project), DnsName: pulumi.String(zone.domain),
		Description: pulumi.String("Leads " + zone.domain + " to addresses that need no internet"),
		Visibility:  pulumi.String("private"), ForceDestroy: pulumi.Bool(false),
		PrivateVisibilityConfig: &dns.ManagedZonePrivateVisibilityConfigArgs{
			Networks: dns.ManagedZonePrivateVisibilityConfigNetworkArray{
				dns.ManagedZonePrivateVisibilityConfigNetworkArgs{NetworkUrl: id},
			},
		},
		Labels: labelMap(args.Tags),
	}, d.under(parent))
	if err != nil {
		return nil, fmt.Errorf("zone %s: %w", zone.domain, err)
	}
	addresses, err := dns.NewRecordSet(ctx, name+"-addresses", &dns.RecordSetArgs{
		Project: pulumi.String(d.s.Project), ManagedZone: made.Name, Name: pulumi.String(zone.target), Type: pulumi.String("A"),
		Ttl: pulumi.Int(recordTTL), Rrdatas: pulumi.ToStringArray(privateAddresses),
	}, d.under(parent))
	if err != nil {
		return nil, fmt.Errorf("addresses of %s: %w", zone.domain, err)
	}
	names, err := dns.NewRecordSet(ctx, name+"-names", &dns.RecordSetArgs{
		Project: pulumi.String(d.s.Project), ManagedZone: made.Name, Name: pulumi.String("*." + zone.domain), Type: pulumi.String("CNAME"),
		Ttl: pulumi.Int(recordTTL), Rrdatas: pulumi.ToStringArray([]string{zone.target}),
	}, d.under(parent))
	if err != nil {
		return nil, fmt.Errorf("names of %s: %w", zone.domain, err)
	}
	return []pulumi.Resource{addresses, names}, nil
}
