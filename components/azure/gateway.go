package azure

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-azure-native-sdk/managedidentity/v2"
	"github.com/pulumi/pulumi-azure-native-sdk/network/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/gateway"
)

// The types of API Management, for which there is no SDK module
// (https://www.pulumi.com/registry/packages/azure-native/api-docs/apimanagement/).
const (
	serviceType       = "azure-native:apimanagement:ApiManagementService"
	servicePolicyType = "azure-native:apimanagement:Policy"
	backendType       = "azure-native:apimanagement:Backend"
	apiType           = "azure-native:apimanagement:Api"
	apiPolicyType     = "azure-native:apimanagement:ApiPolicy"
)

// doorsPlan is what follows from the arguments alone: if there is a fault in it, nothing is registered.
type doorsPlan struct {
	zone        dnsZone
	records     map[string]string // by audience, within the zone
	certificate brought
	authorities pulumi.Array
	policy      string              // of the whole service
	ingress     pulumi.StringOutput // address
	sources     []string            // whence the doors come
}

func (d *Driver) plan(args gateway.Args) (doorsPlan, error) {
	p := doorsPlan{records: map[string]string{}}
	var faults []error
	note := func(err error) { faults = append(faults, err) }
	var err error
	p.zone, err = d.zoneOf(args.Zone)
	note(err)
	if err == nil {
		for _, audience := range slices.Sorted(maps.Keys(args.Audiences)) {
			p.records[audience], err = p.zone.relative(args.Host(audience))
			note(err)
		}
	}
	p.certificate, err = broughtOf(args.Certificate)
	note(err)
	p.authorities, err = authorities(args)
	note(err)
	p.policy, err = servicePolicy(args)
	note(err)
	var kept bool
	if p.ingress, kept = args.Network.Details[detailIngressAddress]; !kept {
		note(fmt.Errorf("the network keeps no address for the ingress: it gives none under %q", detailIngressAddress))
	}
	if p.sources = args.Network.PublicRanges; len(p.sources) == 0 {
		note(errors.New("the network tells no range of its public tier, from which the doors come"))
	}
	return p, errors.Join(faults...)
}

// CreateGateway builds one API Management service with a host name for each audience, and an API for each path
// that services serve. What is asked of a caller follows from the host name.
func (d *Driver) CreateGateway(
	ctx *pulumi.Context, name string, args gateway.Args, parent pulumi.Resource,
) (gateway.Outputs, error) {
	p, err := d.plan(args)
	if err != nil {
		return gateway.Outputs{}, err
	}
	service, err := d.service(ctx, name, args, p, parent)
	if err != nil {
		return gateway.Outputs{}, err
	}
	in, err := d.ingress(ctx, name, args, p.ingress, service, parent)
	if err != nil {
		return gateway.Outputs{}, err
	}
	policy, err := native(ctx, servicePolicyType, name+"-policy", d.inService(service, pulumi.Map{
		"policyId": pulumi.String("policy"), "format": pulumi.String("xml"), "value": pulumi.String(p.policy),
		// The policy names the backend, which must be there.
	}), parent, pulumi.DependsOn([]pulumi.Resource{in}))
	if err != nil {
		return gateway.Outputs{}, err
	}
	if err := d.routes(ctx, name, args, service, policy, parent); err != nil {
		return gateway.Outputs{}, err
	}
	if err := d.requestLogs(ctx, name, service.ID(), parent); err != nil {
		return gateway.Outputs{}, err
	}
	out := gateway.Outputs{
		Endpoints: map[string]pulumi.StringOutput{}, APIs: map[string]pulumi.StringOutput{}, Entrance: p.entrance(),
	}
	for _, audience := range slices.Sorted(maps.Keys(args.Audiences)) {
		host := args.Host(audience)
		record, err := network.NewRecordSet(ctx, name+"-"+audience+"-record", audienceRecordArgs(p.records[audience], p.zone, service.Name),
			// Nobody is led to a service that asks for no proof yet.
			pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{policy}))
		if err != nil {
			return gateway.Outputs{}, fmt.Errorf("record of %s: %w", host, err)
		}
		out.Endpoints[audience] = record.ID().ApplyT(func(pulumi.ID) string { return "https://" + host }).(pulumi.StringOutput)
		out.APIs[audience] = pulumi.Sprintf("%s%s%s", service.ID(), doorOf, host)
	}
	return out, nil
}

// doorOf stands between the id of a service and the host name of one of its doors: the doors are one service,
// and alarms tell them apart by their hosts.
const doorOf = "/hostnames/"

// service registers the service and what it cannot be made without: an identity that reads its certificate, and
// a public address.
func (d *Driver) service(
	ctx *pulumi.Context, name string, args gateway.Args, p doorsPlan, parent pulumi.Resource,
) (*resource, error) {
	// The service would have an identity of its own only once it is made, and asks for the certificate before.
	reader, err := managedidentity.NewUserAssignedIdentity(ctx, name+"-identity", &managedidentity.UserAssignedIdentityArgs{
		ResourceGroupName: d.ground.group, ResourceName: pulumi.String(d.physical(KindIdentity, name)),
		Location: pulumi.String(d.s.Region), Tags: tagMap(args.Tags),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	granted, err := d.assignRole(ctx, name+"-certificate", builtin.SecretReader, reader.PrincipalId, pulumi.String(p.certificate.id), parent)
	if err != nil {
		return nil, fmt.Errorf("access to the certificate: %w", err)
	}
	address, err := network.NewPublicIPAddress(ctx, name+"-address", d.doorAddressArgs(name, args), pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("public address: %w", err)
	}
	spec := d.serviceArgs(args)
	spec["resourceGroupName"] = d.ground.group
	spec["identity"] = pulumi.Map{
		"type": pulumi.String("UserAssigned"), "userAssignedIdentities": pulumi.Array{reader.ID()},
	}
	spec["hostnameConfigurations"] = hostnames(args, p.certificate, reader.ClientId)
	spec["publicIpAddressId"] = address.ID()
	spec["virtualNetworkConfiguration"] = pulumi.Map{"subnetResourceId": args.Network.PublicSubnets[0].ID}
	if len(p.authorities) > 0 {
		spec["certificates"] = p.authorities
	}
	// Azure changes a network's subnets one after the other, and the service changes its own: it comes after all.
	before := append(slices.Clone(args.Network.EndpointsReady), granted)
	return native(ctx, serviceType, name+"-service", spec, parent, pulumi.DependsOn(before))
}

// serviceArgs is a service in the network, that callers reach from the internet. Only the tiers Developer and
// Premium can be both (https://learn.microsoft.com/azure/api-management/api-management-features); only Premium
// spans zones, with a unit in each (https://learn.microsoft.com/azure/reliability/reliability-api-management),
// and has an SLA.
//
// The service has no name here: a deleted one keeps its name for two days
// (https://learn.microsoft.com/azure/api-management/soft-delete), and so the engine makes a new one each time.
func (d *Driver) serviceArgs(args gateway.Args) pulumi.Map {
	spec := pulumi.Map{
		"location": pulumi.String(d.s.Region), "virtualNetworkType": pulumi.String("External"),
		"sku":           pulumi.Map{"name": pulumi.String("Developer"), "capacity": pulumi.Int(1)},
		"publisherName": pulumi.String(d.s.Environment),
		// Where Azure writes of the service; an address below our own domain.
		"publisherEmail":       pulumi.String("gateway@" + args.Domain),
		"apiVersionConstraint": pulumi.Map{"minApiVersion": pulumi.String(oldestManagement)},
		"customProperties":     tlsProperties(),
		"tags":                 tagMap(args.Tags),
	}
	if args.ZoneRedundant {
		spec["sku"] = pulumi.Map{"name": pulumi.String("Premium"), "capacity": pulumi.Int(len(doorZones))}
		spec["zones"] = pulumi.ToStringArray(doorZones)
	}
	return spec
}

// doorZones are the fewest that survive the loss of one: each costs a unit.
var doorZones = []string{"1", "2"}

// oldestManagement is the oldest version of the management API that shows no secrets to readers
// (https://learn.microsoft.com/azure/api-management/breaking-changes/api-version-retirement-sep-2023).
const oldestManagement = "2021-08-01"

// tlsProperties leave TLS 1.2 and 1.3 with forward secrecy, to callers and to the ingress
// (https://learn.microsoft.com/azure/api-management/api-management-howto-manage-protocols-ciphers).
func tlsProperties() pulumi.Map {
	const security = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security."
	m := pulumi.Map{"Microsoft.WindowsAzure.ApiManagement.Gateway.Protocols.Server.Http2": pulumi.String("True")}
	for _, off := range []string{
		"Protocols.Ssl30", "Protocols.Tls10", "Protocols.Tls11",
		"Backend.Protocols.Ssl30", "Backend.Protocols.Tls10", "Backend.Protocols.Tls11",
		"Ciphers.TripleDes168", "Ciphers.TLS_RSA_WITH_AES_128_GCM_SHA256", "Ciphers.TLS_RSA_WITH_AES_256_CBC_SHA256",
		"Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA256", "Ciphers.TLS_RSA_WITH_AES_256_CBC_SHA", "Ciphers.TLS_RSA_WITH_AES_128_CBC_SHA",
		"Ciphers.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "Ciphers.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
		"Ciphers.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "Ciphers.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
	} {
		m[security+off] = pulumi.String("False")
	}
	return m
}

// doorAddressArgs is a fixed address, in all zones. A service in a network asks for a DNS label on it
// (https://learn.microsoft.com/azure/api-management/api-management-using-with-vnet#prerequisites).
func (d *Driver) doorAddressArgs(name string, args gateway.Args) *network.PublicIPAddressArgs {
	physical := d.physical(KindPublicAddress, name)
	return &network.PublicIPAddressArgs{
		ResourceGroupName: d.ground.group, PublicIpAddressName: pulumi.String(physical), Location: pulumi.String(d.s.Region),
		Sku: network.PublicIPAddressSkuArgs{Name: pulumi.String("Standard"), Tier: pulumi.String("Regional")}, PublicIPAllocationMethod: pulumi.String("Static"),
		PublicIPAddressVersion: pulumi.String("IPv4"), Zones: pulumi.ToStringArray([]string{"1", "2", "3"}),
		DnsSettings: network.PublicIPAddressDnsSettingsArgs{DomainNameLabel: pulumi.String(d.physical(KindDNSLabel, name))},
		Tags:        tagMap(args.Tags),
	}
}

// inService adds where a part of the service lies.
func (d *Driver) inService(service *resource, args pulumi.Map) pulumi.Map {
	args["resourceGroupName"], args["serviceName"] = d.ground.group, service.Name
	return args
}

// routes registers an API for each path, and what its audiences may send.
func (d *Driver) routes(
	ctx *pulumi.Context, name string, args gateway.Args, service, policy *resource, parent pulumi.Resource,
) error {
	paths := map[string][]gateway.Route{}
	for _, route := range args.Routes {
		paths[route.Path] = append(paths[route.Path], route)
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		document, err := routeDocument(path)
		if err != nil {
			return err
		}
		role := strings.ReplaceAll(path, "/", "-")
		api, err := native(ctx, apiType, name+"-route"+role, d.inService(service, pulumi.Map{
			"apiId": pulumi.String(strings.TrimPrefix(role, "-")), "displayName": pulumi.String(path), "path": pulumi.String(strings.TrimPrefix(path, "/")),
			"protocols": pulumi.ToStringArray([]string{"https"}), "format": pulumi.String("openapi+json"), "value": pulumi.String(document),
			// Callers prove themselves by token or certificate; a key would be a second thing to hand out.
			"subscriptionRequired": pulumi.Bool(false),
			// Nothing is open before the service's policy asks for proof.
		}), parent, pulumi.DependsOn([]pulumi.Resource{policy}))
		if err != nil {
			return fmt.Errorf("route %s: %w", path, err)
		}
		if _, err := native(ctx, apiPolicyType, name+"-rates"+role, d.inService(service, pulumi.Map{
			"apiId": api.Name, "policyId": pulumi.String("policy"), "format": pulumi.String("xml"),
			"value": pulumi.String(routePolicy(path, paths[path], args)),
		}), parent); err != nil {
			return fmt.Errorf("rates of %s: %w", path, err)
		}
	}
	return nil
}

var _ gateway.Driver = (*Driver)(nil)
