package gcp

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/compute"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
)

// globalManaged is the load balancer that can go before API Gateway and take its rules from Cloud Armor
// (https://cloud.google.com/api-gateway/docs/gateway-load-balancing).
const globalManaged = "EXTERNAL_MANAGED"

// tlsPolicy registers what callers must speak: TLS 1.2 and no weak cipher
// (https://cloud.google.com/load-balancing/docs/ssl-policies-concepts).
func (d *Driver) tlsPolicy(
	ctx *pulumi.Context, name string, parent pulumi.Resource, after ...pulumi.Resource,
) (*compute.SSLPolicy, error) {
	policy, err := compute.NewSSLPolicy(ctx, name+"-tls", &compute.SSLPolicyArgs{
		Project: pulumi.String(d.s.Project), Name: pulumi.String(d.physical(KindBackend, name, "tls")),
		Profile: pulumi.String("MODERN"), MinTlsVersion: pulumi.String("TLS_1_2"),
	}, d.under(parent, after...))
	if err != nil {
		return nil, fmt.Errorf("TLS policy: %w", err)
	}
	return policy, nil
}

// doorBalancer registers the load balancer of one audience, from its gateway to its address. Each audience has its
// own, so that no host name that a caller claims leads to another audience's rules.
func (d *Driver) doorBalancer(
	ctx *pulumi.Context, at *door, args gateway.Args, proof certificates, tls *compute.SSLPolicy,
	parent pulumi.Resource, after ...pulumi.Resource,
) (*compute.URLMap, *compute.GlobalForwardingRule, error) {
	physical, project := pulumi.String(d.physical(KindBackend, at.logical)), pulumi.String(d.s.Project)
	armor, err := compute.NewSecurityPolicy(ctx, at.logical+"-armor",
		d.armorArgs(string(physical), at.audience, args.Routes), d.under(parent, after...))
	if err != nil {
		return nil, nil, fmt.Errorf("security policy: %w", err)
	}
	group, err := compute.NewRegionNetworkEndpointGroup(ctx, at.logical+"-endpoints", &compute.RegionNetworkEndpointGroupArgs{
		Project: project, Name: physical, Region: pulumi.String(at.region), NetworkEndpointType: pulumi.String("SERVERLESS"),
		ServerlessDeployment: compute.RegionNetworkEndpointGroupServerlessDeploymentArgs{
			Platform: pulumi.String("apigateway.googleapis.com"), Resource: at.gateway.GatewayId,
		},
	}, d.under(parent, after...))
	if err != nil {
		return nil, nil, fmt.Errorf("endpoint group: %w", err)
	}
	backend, err := compute.NewBackendService(ctx, at.logical+"-backend", &compute.BackendServiceArgs{
		Project: project, Name: physical, Protocol: pulumi.String("HTTPS"), LoadBalancingScheme: pulumi.String(globalManaged),
		Backends:       compute.BackendServiceBackendArray{compute.BackendServiceBackendArgs{Group: group.ID()}},
		SecurityPolicy: armor.ID().ToStringOutput().ToStringPtrOutput(),
		LogConfig:      compute.BackendServiceLogConfigArgs{Enable: pulumi.Bool(true), SampleRate: pulumi.Float64(1)},
	}, d.under(parent, after...))
	if err != nil {
		return nil, nil, fmt.Errorf("backend service: %w", err)
	}
	add := func(header string, value pulumi.StringInput) compute.URLMapHeaderActionRequestHeadersToAddArgs {
		return compute.URLMapHeaderActionRequestHeadersToAddArgs{
			HeaderName: pulumi.String(header), HeaderValue: value,
			// What a caller claims is overwritten.
			Replace: pulumi.Bool(true),
		}
	}
	routes, err := compute.NewURLMap(ctx, at.logical+"-routes", &compute.URLMapArgs{
		Project: project, Name: physical, DefaultService: backend.ID().ToStringOutput().ToStringPtrOutput(),
		HeaderAction: compute.URLMapHeaderActionArgs{RequestHeadersToAdds: compute.URLMapHeaderActionRequestHeadersToAddArray{
			add(gateway.AudienceHeader, pulumi.String(at.audience)), add(keyHeader, at.key),
		}},
	}, d.under(parent, after...))
	if err != nil {
		return nil, nil, fmt.Errorf("URL map: %w", err)
	}
	proxy, err := compute.NewTargetHttpsProxy(ctx, at.logical+"-proxy", &compute.TargetHttpsProxyArgs{
		Project: project, Name: physical, UrlMap: routes.ID(), SslPolicy: tls.ID().ToStringOutput().ToStringPtrOutput(),
		CertificateMap: proof.reference.ToStringPtrOutput(),
	}, d.under(parent, slices.Concat(after, proof.ready)...))
	if err != nil {
		return nil, nil, fmt.Errorf("proxy: %w", err)
	}
	// Port 80 is not open: a token that was sent in the clear is lost, redirect or not.
	rule, err := compute.NewGlobalForwardingRule(ctx, at.logical+"-rule", &compute.GlobalForwardingRuleArgs{
		Project: project, Name: physical, Target: proxy.ID(), IpAddress: at.address.Address.ToStringPtrOutput(),
		IpProtocol: pulumi.String("TCP"), PortRange: pulumi.String("443"), LoadBalancingScheme: pulumi.String(globalManaged),
		Labels: labelMap(args.Tags),
	}, d.under(parent, after...))
	if err != nil {
		return nil, nil, fmt.Errorf("forwarding rule: %w", err)
	}
	return routes, rule, nil
}
