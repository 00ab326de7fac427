package aws

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigatewayv2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
)

// accessLog is what is kept of each request
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html). No
// header, query or token is among it.
const accessLog = `{"requestId":"$context.requestId","time":"$context.requestTime","host":"$context.domainName",` +
	`"route":"$context.routeKey","path":"$context.path","status":"$context.status","source":"$context.identity.sourceIp",` +
	`"latency":"$context.responseLatency","backend":"$context.integrationLatency","error":"$context.error.message",` +
	`"authorizerError":"$context.authorizer.error","integrationError":"$context.integrationErrorMessage"}`

// vendedLogs is where AWS's services may write without each group making the account's one log
// policy longer (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html).
const vendedLogs = "/aws/vendedlogs"

// CreateGateway builds an HTTP API with a host name of its own for each audience, before one way
// into the cluster that they share.
func (d *Driver) CreateGateway(
	ctx *pulumi.Context, name string, args gateway.Args, parent pulumi.Resource,
) (gateway.Outputs, error) {
	in, err := d.ingress(ctx, name, args, parent)
	if err != nil {
		return gateway.Outputs{}, err
	}
	group := vendedLogs + d.physical(KindLogGroup, name)
	logs, err := d.logGroup(ctx, name+"-logs", group, args.LogDays, args.Tags, parent)
	if err != nil {
		return gateway.Outputs{}, err
	}
	stores, err := d.trustStores(ctx, name, args, parent)
	if err != nil {
		return gateway.Outputs{}, err
	}
	out := gateway.Outputs{
		Endpoints: map[string]pulumi.StringOutput{}, APIs: map[string]pulumi.StringOutput{}, Entrance: entrance(args),
	}
	for _, audience := range slices.Sorted(maps.Keys(args.Audiences)) {
		api, stage, err := d.audienceAPI(ctx, name+"-"+audience, audience, args, in, logs, parent)
		if err != nil {
			return gateway.Outputs{}, fmt.Errorf("audience %s: %w", audience, err)
		}
		endpoint, err := d.audienceDomain(ctx, name+"-"+audience, args.Host(audience), args, api, stage, stores[audience], parent)
		if err != nil {
			return gateway.Outputs{}, fmt.Errorf("audience %s: %w", audience, err)
		}
		out.APIs[audience], out.Endpoints[audience] = api.ID().ToStringOutput(), endpoint
	}
	return out, nil
}

// audienceAPI registers the API of one audience, its routes and the stage that limits their rates.
func (d *Driver) audienceAPI(
	ctx *pulumi.Context, logical, audience string, args gateway.Args, in ingress, logs *cloudwatch.LogGroup, parent pulumi.Resource,
) (*apigatewayv2.Api, *apigatewayv2.Stage, error) {
	physical := d.physical(KindAPI, logical)
	api, err := apigatewayv2.NewApi(ctx, logical, &apigatewayv2.ApiArgs{
		Name: pulumi.String(physical), ProtocolType: pulumi.String("HTTP"), Description: pulumi.String("Door of audience " + audience),
		// AWS's own host name would be a way around client certificates.
		DisableExecuteApiEndpoint: pulumi.Bool(true), Tags: tagMap(args.Tags, physical),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, nil, fmt.Errorf("API: %w", err)
	}
	integration, err := apigatewayv2.NewIntegration(ctx, logical+"-integration", &apigatewayv2.IntegrationArgs{
		ApiId: api.ID(), IntegrationType: pulumi.String("HTTP_PROXY"), IntegrationMethod: pulumi.String("ANY"),
		ConnectionType: pulumi.String("VPC_LINK"), ConnectionId: in.link.ToStringPtrOutput(),
		IntegrationUri: in.listener.ToStringPtrOutput(), PayloadFormatVersion: pulumi.String("1.0"),
		// With a name to verify, the way to the load balancer is TLS as well.
		TlsConfig:         apigatewayv2.IntegrationTlsConfigArgs{ServerNameToVerify: pulumi.String(args.Host(gateway.Origin))},
		RequestParameters: pulumi.StringMap{"overwrite:header." + gateway.AudienceHeader: pulumi.String(audience)},
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, nil, fmt.Errorf("integration: %w", err)
	}
	spec := apigatewayv2.RouteArgs{
		ApiId: api.ID(), Target: pulumi.Sprintf("integrations/%s", integration.ID()), AuthorizationType: pulumi.String("NONE"),
	}
	if a := args.Audiences[audience]; a.Auth == gateway.JWT {
		authorizer, err := apigatewayv2.NewAuthorizer(ctx, logical+"-authorizer", &apigatewayv2.AuthorizerArgs{
			ApiId: api.ID(), Name: pulumi.String(audience), AuthorizerType: pulumi.String("JWT"),
			IdentitySources: pulumi.ToStringArray([]string{"$request.header.Authorization"}),
			JwtConfiguration: apigatewayv2.AuthorizerJwtConfigurationArgs{
				Issuer: pulumi.String(a.Issuer), Audiences: pulumi.ToStringArray(a.Audiences),
			},
		}, pulumi.Parent(parent))
		if err != nil {
			return nil, nil, fmt.Errorf("authorizer: %w", err)
		}
		spec.AuthorizationType, spec.AuthorizerId = pulumi.String("JWT"), authorizer.ID().ToStringOutput().ToStringPtrOutput()
	}
	stage, err := d.audienceStage(ctx, logical, audience, args, api, spec, logs, parent)
	if err != nil {
		return nil, nil, err
	}
	return api, stage, nil
}

// audienceStage registers the routes of one audience and the stage with their rates.
func (d *Driver) audienceStage(
	ctx *pulumi.Context, logical, audience string, args gateway.Args, api *apigatewayv2.Api, spec apigatewayv2.RouteArgs,
	logs *cloudwatch.LogGroup, parent pulumi.Resource,
) (*apigatewayv2.Stage, error) {
	var routes []pulumi.Resource
	settings := apigatewayv2.StageRouteSettingArray{}
	for _, asked := range args.Routes {
		if !slices.Contains(asked.Audiences, audience) {
			continue
		}
		role := logical + "-route" + strings.ReplaceAll(asked.Path, "/", "-")
		// A path without what lies below it and the path's descendants are two routes to API Gateway.
		for _, part := range []struct{ suffix, key string }{{"", "ANY " + asked.Path}, {"-below", "ANY " + asked.Path + "/{proxy+}"}} {
			one := spec
			one.RouteKey = pulumi.String(part.key)
			route, err := apigatewayv2.NewRoute(ctx, role+part.suffix, &one, pulumi.Parent(parent))
			if err != nil {
				return nil, fmt.Errorf("route %s: %w", part.key, err)
			}
			routes = append(routes, route)
			settings = append(settings, apigatewayv2.StageRouteSettingArgs{
				RouteKey: pulumi.String(part.key), DetailedMetricsEnabled: pulumi.Bool(true),
				ThrottlingRateLimit: pulumi.Float64(asked.Rate), ThrottlingBurstLimit: pulumi.Int(asked.Burst),
			})
		}
	}
	stage, err := apigatewayv2.NewStage(ctx, logical+"-stage", &apigatewayv2.StageArgs{
		ApiId: api.ID(), Name: pulumi.String("$default"), AutoDeploy: pulumi.Bool(true),
		AccessLogSettings:    apigatewayv2.StageAccessLogSettingsArgs{DestinationArn: logs.Arn, Format: pulumi.String(accessLog)},
		DefaultRouteSettings: apigatewayv2.StageDefaultRouteSettingsArgs{DetailedMetricsEnabled: pulumi.Bool(true)},
		RouteSettings:        settings, Tags: tagMap(args.Tags, logical),
		// The settings name routes, which must be there.
	}, pulumi.Parent(parent), pulumi.DependsOn(routes))
	if err != nil {
		return nil, fmt.Errorf("stage: %w", err)
	}
	return stage, nil
}

var _ gateway.Driver = (*Driver)(nil)
