package aws

import (
	"strings"

	"platform/tests/cloud"
)

const (
	apiType         = "aws:apigatewayv2/api:Api"
	integrationType = "aws:apigatewayv2/integration:Integration"
	routeType       = "aws:apigatewayv2/route:Route"
	stageType       = "aws:apigatewayv2/stage:Stage"
	domainType      = "aws:apigatewayv2/domainName:DomainName"

	targetOf = "domainNameConfiguration.targetDomainName"
	// doorsZone is the hosted zone of API Gateway's regional names in Frankfurt
	// (https://docs.aws.amazon.com/general/latest/gr/apigateway.html).
	doorsZone = "Z1U9ULNL0V5AJ3"
)

// again makes an Updated hook of a Created one that only checks and completes.
func again(created func(*cloud.Tx, *cloud.Object) error) cloud.Hook {
	return cloud.Hook{Created: created, Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return created(t, o) }}
}

var apigatewayv2Hooks = map[string]cloud.Hook{
	apiType:                                  {Deleted: apiDeleted},
	"aws:apigatewayv2/vpcLink:VpcLink":       {Created: linkCreated, Deleted: takesOwned},
	integrationType:                          again(integrationSet),
	routeType:                                again(routeSet),
	stageType:                                again(stageSet),
	domainType:                               again(domainSet),
	"aws:apigatewayv2/apiMapping:ApiMapping": again(mappingSet),
}

// apiDeleted takes what is inside the API with it.
func apiDeleted(t *cloud.Tx, o *cloud.Object) error {
	for _, typ := range []string{routeType, stageType, integrationType, "aws:apigatewayv2/authorizer:Authorizer"} {
		for _, inside := range t.Find(typ, func(i *cloud.Object) bool { return i.Str("apiId") == o.ID }) {
			t.Remove(inside.Key())
		}
	}
	return nil
}

// linkCreated: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vpc-links.html
func linkCreated(t *cloud.Tx, o *cloud.Object) error {
	for _, id := range o.List("subnetIds") {
		mintInterface(t, o, "", id, o.List("securityGroupIds"), "api_gateway_managed", false)
	}
	return nil
}

// integrationSet: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html
func integrationSet(t *cloud.Tx, o *cloud.Object) error {
	if o.Str("connectionType") != "VPC_LINK" {
		if o.Str("connectionId") != "" {
			return cloud.Refuse("BadRequestException", "a connectionId is for connection type VPC_LINK")
		}
		return nil
	}
	if o.Str("connectionId") == "" {
		return cloud.Refuse("BadRequestException", "connectionId must be set for connection type VPC_LINK")
	}
	if t.Get(listenerType, o.Str("integrationUri")) == nil {
		return cloud.Refuse("BadRequestException", "for VpcLink, integration uri should be a valid ELB listener ARN or a Cloud Map service ARN")
	}
	values, _ := o.Value("requestParameters").(map[string]any)
	for key := range values {
		action, _, _ := strings.Cut(key, ":")
		if action != "append" && action != "overwrite" && action != "remove" {
			return cloud.Refuse("BadRequestException", "invalid mapping expression specified: %s", key)
		}
	}
	return nil
}

func routeSet(t *cloud.Tx, o *cloud.Object) error {
	if id, ok := strings.CutPrefix(o.Str("target"), "integrations/"); ok {
		if in := t.Get(integrationType, id); in == nil || in.Str("apiId") != o.Str("apiId") {
			return cloud.Refuse("NotFoundException", "unable to find integration %s of API %s", id, o.Str("apiId"))
		}
	}
	if o.Str("authorizationType") == "JWT" && o.Str("authorizerId") == "" {
		return cloud.Refuse("BadRequestException", "authorizerId must be set for authorization type JWT")
	}
	return nil
}

// stageSet: settings name routes that are there
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html).
func stageSet(t *cloud.Tx, o *cloud.Object) error {
	settings, _ := o.Value("routeSettings").([]any)
	for _, s := range settings {
		setting, _ := s.(map[string]any)
		found := t.Find(routeType, func(r *cloud.Object) bool {
			return r.Str("apiId") == o.Str("apiId") && r.Str("routeKey") == setting["routeKey"]
		})
		if len(found) == 0 {
			return cloud.Refuse("NotFoundException", "unable to find Route by key %v within the provided RouteSettings", setting["routeKey"])
		}
	}
	return nil
}

// domainSet: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html
func domainSet(t *cloud.Tx, o *cloud.Object) error {
	if err := issued(t, o.Str("domainNameConfiguration.certificateArn"), o.Str("domainName")); err != nil {
		return err
	}
	if uri, ok := strings.CutPrefix(o.Str("mutualTlsAuthentication.truststoreUri"), "s3://"); ok {
		store := t.Get(objectType, uri)
		if store == nil {
			return cloud.Refuse("BadRequestException", "the truststore s3://%s does not exist", uri)
		}
		if v := o.Str("mutualTlsAuthentication.truststoreVersion"); v != "" && v != store.Str("versionId") {
			return cloud.Refuse("BadRequestException", "the truststore s3://%s has no version %s", uri, v)
		}
	}
	config := o.Outputs["domainNameConfiguration"].(map[string]any)
	config["targetDomainName"] = o.Str("target") + ".execute-api." + o.Region + ".amazonaws.com"
	config["hostedZoneId"] = doorsZone
	return nil
}

func mappingSet(t *cloud.Tx, o *cloud.Object) error {
	stages := t.Find(stageType, func(s *cloud.Object) bool {
		return s.Str("apiId") == o.Str("apiId") && s.Str("name") == o.Str("stage")
	})
	if len(stages) == 0 {
		return cloud.Refuse("NotFoundException", "invalid stage identifier specified: %s has no stage %s", o.Str("apiId"), o.Str("stage"))
	}
	return nil
}
