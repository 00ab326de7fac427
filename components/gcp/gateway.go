package gcp

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/apigateway"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/compute"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/projects"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/serviceaccount"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
)

// door is what is made for one audience, as far as other resources of the door need it.
type door struct {
	audience string
	host     string // mobile.example.com
	logical  string
	region   string // of API Gateway
	address  *compute.GlobalAddress
	gateway  *apigateway.Gateway
	key      pulumi.StringOutput // secret: with it the load balancer proves that a request came through it
	account  *serviceaccount.Account
}

// CreateGateway builds for each audience an API Gateway behind a load balancer of its own, which bears
// the audience's host name, limits the rates and filters attacks.
//
// API Gateway reaches public addresses only. So the way into the cluster is the host name of the ingress
// (gateway.Origin), which is built with what is inside the cluster: the gateway calls it over TLS and with an
// identity token of its own service account, and the ingress has to refuse what comes without one.
func (d *Driver) CreateGateway(
	ctx *pulumi.Context, name string, args gateway.Args, parent pulumi.Resource,
) (gateway.Outputs, error) {
	none := gateway.Outputs{}
	region, err := doorRegion(d.s.Region)
	if err != nil {
		return none, err
	}
	ready, err := d.doorServices(ctx, name, parent)
	if err != nil {
		return none, err
	}
	if err := d.doorLogs(ctx, name, args, parent, ready...); err != nil {
		return none, err
	}
	tls, err := d.tlsPolicy(ctx, name, parent, ready...)
	if err != nil {
		return none, err
	}
	in := d.entrance(args)
	out := gateway.Outputs{Endpoints: map[string]pulumi.StringOutput{}, APIs: map[string]pulumi.StringOutput{}, Entrance: in}
	for _, audience := range slices.Sorted(maps.Keys(args.Audiences)) {
		at := &door{
			audience: audience, host: args.Host(audience), logical: name + "-" + audience, region: region,
		}
		if err := d.doorAPI(ctx, at, args, parent, ready...); err != nil {
			return none, fmt.Errorf("audience %s: %w", audience, err)
		}
		proof, err := d.doorCertificates(ctx, at, args, parent, ready...)
		if err != nil {
			return none, fmt.Errorf("audience %s: %w", audience, err)
		}
		routes, rule, err := d.doorBalancer(ctx, at, args, proof, tls, parent, ready...)
		if err != nil {
			return none, fmt.Errorf("audience %s: %w", audience, err)
		}
		endpoint, err := d.doorName(ctx, at, args, rule, parent)
		if err != nil {
			return none, fmt.Errorf("audience %s: %w", audience, err)
		}
		// Metrics of the door are told by the name of its URL map
		// (https://cloud.google.com/monitoring/api/resources#tag_https_lb_rule).
		out.APIs[audience], out.Endpoints[audience] = routes.Name, endpoint
		in.Proof.Doors[audience] = gateway.DoorToken{Audience: tokenAudience(args, audience), Subject: at.account.UniqueId}
	}
	return out, nil
}

// gatewayServices are those of Google Cloud that doors need besides what every environment uses.
var gatewayServices = []string{
	"apigateway.googleapis.com", "apikeys.googleapis.com", "certificatemanager.googleapis.com",
	"servicecontrol.googleapis.com", "servicemanagement.googleapis.com",
}

// doorServices switches on what only doors need.
func (d *Driver) doorServices(ctx *pulumi.Context, name string, parent pulumi.Resource) ([]pulumi.Resource, error) {
	var ready []pulumi.Resource
	for _, service := range gatewayServices {
		if slices.Contains(services, service) {
			continue
		}
		made, err := projects.NewService(ctx, name+"-service-"+service, &projects.ServiceArgs{
			Project: pulumi.String(d.s.Project), Service: pulumi.String(service),
			// Other environments and people may use it: it stays on when this environment goes.
			DisableOnDestroy: pulumi.Bool(false),
		}, d.under(parent))
		if err != nil {
			return nil, fmt.Errorf("service %s: %w", service, err)
		}
		ready = append(ready, made)
	}
	return slices.Clip(ready), nil
}

// gatewayRegions are where API Gateway is
// (https://cloud.google.com/api-gateway/docs/deployment-model#choosing_a_gcp_region).
var gatewayRegions = []string{
	"asia-northeast1", "australia-southeast1", "europe-west1", "europe-west2", "us-central1", "us-east1", "us-east4",
	"us-west2", "us-west3", "us-west4",
}

// neighbours are the regions whose doors stand in another one: those of the European Union have it in
// Belgium, which is the only region of the Union that API Gateway is in.
var neighbours = map[string]string{
	"europe-central2": "europe-west1", "europe-north1": "europe-west1", "europe-southwest1": "europe-west1",
	"europe-west3": "europe-west1", "europe-west4": "europe-west1", "europe-west8": "europe-west1",
	"europe-west9": "europe-west1", "europe-west10": "europe-west1", "europe-west12": "europe-west1",
}

// doorRegion is where the doors of an environment in a region stand.
func doorRegion(region string) (string, error) {
	if slices.Contains(gatewayRegions, region) {
		return region, nil
	}
	if near, ok := neighbours[region]; ok {
		return near, nil
	}
	return "", fmt.Errorf("region: value %q: API Gateway is not there, and in no region under the same law: one of %v or %v is allowed",
		region, gatewayRegions, slices.Sorted(maps.Keys(neighbours)))
}

// doorAPI registers the API of one audience, the gateway that serves it, and the key without which the
// gateway answers nobody.
func (d *Driver) doorAPI(
	ctx *pulumi.Context, at *door, args gateway.Args, parent pulumi.Resource, after ...pulumi.Resource,
) error {
	document, err := openAPI(at.audience, args)
	if err != nil {
		return err
	}
	// Without a name the engine appends random text.
	if at.address, err = compute.NewGlobalAddress(ctx, d.physical(KindDoor, at.logical), &compute.GlobalAddressArgs{
		Project: pulumi.String(d.s.Project), AddressType: pulumi.String("EXTERNAL"), IpVersion: pulumi.String("IPV4"),
		Description: pulumi.String("Door of audience " + at.audience), Labels: labelMap(args.Tags),
	}, d.under(parent, after...)); err != nil {
		return fmt.Errorf("address: %w", err)
	}
	// The API has the address's name and with it its random text: Google keeps the service behind a deleted API
	// for 30 days, and none of that name can be made meanwhile
	// (https://cloud.google.com/service-infrastructure/docs/create-services).
	api, err := apigateway.NewApi(ctx, at.logical, &apigateway.ApiArgs{
		Project: pulumi.String(d.s.Project), ApiId: at.address.Name, DisplayName: pulumi.String("Door of audience " + at.audience),
		Labels: labelMap(args.Tags),
	}, d.under(parent, after...))
	if err != nil {
		return fmt.Errorf("API: %w", err)
	}
	// It may do nothing: the ingress knows the gateway by it. Without one, tokens would be those of the account
	// that virtual machines have by default.
	if at.account, err = serviceaccount.NewAccount(ctx, at.logical+"-account", &serviceaccount.AccountArgs{
		Project: pulumi.String(d.s.Project), AccountId: pulumi.String(d.physical(KindServiceAccount, at.logical)),
		DisplayName: pulumi.String("Door of audience " + at.audience),
	}, d.under(parent, after...)); err != nil {
		return fmt.Errorf("account: %w", err)
	}
	config, err := apigateway.NewApiConfig(ctx, at.logical+"-config", &apigateway.ApiConfigArgs{
		Project: pulumi.String(d.s.Project), Api: api.ApiId,
		// A config is never changed: the next one stands beside it, and the gateway moves over to it. So the
		// provider completes the name.
		ApiConfigIdPrefix: pulumi.String(d.physical(KindAPIConfig, at.logical) + "-"),
		DisplayName:       pulumi.String("Door of audience " + at.audience),
		GatewayConfig: apigateway.ApiConfigGatewayConfigArgs{
			BackendConfig: apigateway.ApiConfigGatewayConfigBackendConfigArgs{GoogleServiceAccount: at.account.Email},
		},
		OpenapiDocuments: apigateway.ApiConfigOpenapiDocumentArray{apigateway.ApiConfigOpenapiDocumentArgs{
			Document: apigateway.ApiConfigOpenapiDocumentDocumentArgs{
				Path: pulumi.String("openapi.json"), Contents: pulumi.String(base64.StdEncoding.EncodeToString([]byte(document))),
			},
		}},
		Labels: labelMap(args.Tags),
	}, d.under(parent, after...))
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	if at.gateway, err = apigateway.NewGateway(ctx, at.logical+"-gateway", &apigateway.GatewayArgs{
		Project: pulumi.String(d.s.Project), Region: pulumi.String(at.region), ApiConfig: config.ID(),
		GatewayId: pulumi.String(d.physical(KindGateway, at.logical)), DisplayName: pulumi.String("Door of audience " + at.audience),
		Labels: labelMap(args.Tags),
	}, d.under(parent, after...)); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	return d.doorKey(ctx, at, api, config, parent)
}

// doorKey registers the key that the load balancer adds to every request. API Gateway cannot shut the host name
// that Google gives it (https://cloud.google.com/api-gateway/docs/gateway-load-balancing#limitations), which
// would be a way around the rates and the audience's header: but who comes there has no key.
func (d *Driver) doorKey(
	ctx *pulumi.Context, at *door, api *apigateway.Api, config *apigateway.ApiConfig, parent pulumi.Resource,
) error {
	// Keys are taken only for a service that is switched on, and it can be once it has a config
	// (https://cloud.google.com/api-gateway/docs/authenticate-api-keys).
	service, err := projects.NewService(ctx, at.logical+"-service", &projects.ServiceArgs{
		Project: pulumi.String(d.s.Project), Service: api.ManagedService,
		// It is this API's own, and nobody else's.
		DisableOnDestroy: pulumi.Bool(true),
	}, d.under(parent, config))
	if err != nil {
		return fmt.Errorf("service: %w", err)
	}
	// Without a name the engine appends random text: a deleted key stays for 30 days
	// (https://cloud.google.com/api-keys/docs/reference/rest/v2/projects.locations.keys/undelete).
	key, err := projects.NewApiKey(ctx, d.physical(KindDoor, at.logical), &projects.ApiKeyArgs{
		Project: pulumi.String(d.s.Project), DisplayName: pulumi.String(at.audience),
		Restrictions: projects.ApiKeyRestrictionsArgs{
			ApiTargets: projects.ApiKeyRestrictionsApiTargetArray{projects.ApiKeyRestrictionsApiTargetArgs{Service: api.ManagedService}},
		},
	}, d.under(parent, service))
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	at.key = key.KeyString
	return nil
}

// originURL is where the ingress answers.
func originURL(args gateway.Args) string { return "https://" + args.Host(gateway.Origin) }

// tokenAudience is for whom the identity tokens of a door are, which no other door's are for.
func tokenAudience(args gateway.Args, audience string) string {
	return originURL(args) + "/" + audience
}

// entrance is the public name of the ingress, at a load balancer of GKE's. API Gateway comes from no addresses that would be known
// (https://cloud.google.com/api-gateway/docs/configure-dev-env), but shows a token that Google signed for its account
// (https://cloud.google.com/docs/authentication/token-types#id-contents), known by the account's number, which no other gets.
func (d *Driver) entrance(args gateway.Args) *gateway.Entrance {
	return &gateway.Entrance{
		Annotations: pulumi.ToStringMap(d.Expose(args.Tags)), Published: true,
		Proof: &gateway.Proof{
			Issuer: "https://accounts.google.com", Keys: "https://www.googleapis.com/oauth2/v3/certs", Doors: map[string]gateway.DoorToken{},
		},
	}
}

var _ gateway.Driver = (*Driver)(nil)
