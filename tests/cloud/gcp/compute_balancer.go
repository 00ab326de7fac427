package gcp

import (
	"strings"

	"platform/tests/cloud"
)

const (
	serverlessType  = "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup"
	armorType       = "gcp:compute/securityPolicy:SecurityPolicy"
	doorBackendType = "gcp:compute/backendService:BackendService"
	doorRoutesType  = "gcp:compute/uRLMap:URLMap"
	doorProxyType   = "gcp:compute/targetHttpsProxy:TargetHttpsProxy"
	doorRuleType    = "gcp:compute/globalForwardingRule:GlobalForwardingRule"
	apiGatewayType  = "gcp:apigateway/gateway:Gateway"
	managedScheme   = "EXTERNAL_MANAGED"
)

var computeBalancerHooks = map[string]cloud.Hook{
	serverlessType:  {Created: groupCreated},
	armorType:       again(armorSet),
	doorBackendType: again(backendSet),
	doorRuleType:    again(ruleSet),
}

// again makes an Updated hook of a Created one that only checks and completes.
func again(created func(*cloud.Tx, *cloud.Object) error) cloud.Hook {
	return cloud.Hook{Created: created, Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return created(t, o) }}
}

// groupCreated: a group points to a gateway of its own region
// (https://cloud.google.com/api-gateway/docs/gateway-load-balancing#limitations).
func groupCreated(t *cloud.Tx, o *cloud.Object) error {
	if o.Str("networkEndpointType") != "SERVERLESS" {
		return nil
	}
	resource := o.Str("serverlessDeployment.resource")
	if resource == "" {
		return cloud.Refuse("INVALID_ARGUMENT", "a serverless endpoint group of API Gateway must name a gateway")
	}
	found := t.Find(apiGatewayType, func(g *cloud.Object) bool {
		return g.Str("gatewayId") == resource && g.Str("region") == o.Str("region")
	})
	if len(found) == 0 {
		return cloud.Refuse("NOT_FOUND", "there is no gateway %s in %s", resource, o.Str("region"))
	}
	return nil
}

// advancedRules is how many rules with an expression a project may have: the quota SECURITY_POLICY_CEVAL_RULES of a
// new project (https://cloud.google.com/armor/quotas).
const advancedRules = 20

// armorSet: https://cloud.google.com/armor/docs/configure-security-policies and, for rates,
// https://cloud.google.com/armor/docs/rate-limiting-overview
func armorSet(t *cloud.Tx, o *cloud.Object) error {
	rules, _ := o.Value("rules").([]any)
	taken, last := map[float64]bool{}, false
	for i, r := range rules {
		rule, _ := r.(map[string]any)
		priority, _ := rule["priority"].(float64)
		if taken[priority] {
			return cloud.Refuse("INVALID_ARGUMENT", "rules[%d]: priority %v is given twice", i, priority)
		}
		taken[priority] = true
		if throttle := rule["action"] == "throttle"; throttle != (rule["rateLimitOptions"] != nil) {
			return cloud.Refuse("INVALID_ARGUMENT", "rules[%d]: rateLimitOptions go with the action throttle", i)
		}
		expression := ruleExpression(rule)
		if parts := len(strings.FieldsFunc(strings.ReplaceAll(expression, "&&", "||"), func(c rune) bool { return c == '|' })); parts > 5 {
			return cloud.Refuse("INVALID_ARGUMENT", "rules[%d]: an expression has up to 5 subexpressions, this has %d", i, parts)
		}
		if priority == 2147483647 {
			match, _ := rule["match"].(map[string]any)
			last = expression == "" && match["versionedExpr"] == "SRC_IPS_V1"
		}
	}
	if !last {
		return cloud.Refuse("INVALID_ARGUMENT", "a policy needs a default rule of priority 2147483647 that matches everybody")
	}
	n := 0
	for _, policy := range t.Find(armorType, nil) {
		all, _ := policy.Value("rules").([]any)
		for _, r := range all {
			if rule, _ := r.(map[string]any); ruleExpression(rule) != "" {
				n++
			}
		}
	}
	if n > advancedRules {
		return cloud.Refuse("QUOTA_EXCEEDED", "quota 'SECURITY_POLICY_CEVAL_RULES' exceeded: %d rules have an expression, the limit is %d", n, advancedRules)
	}
	return nil
}

func ruleExpression(rule map[string]any) string {
	match, _ := rule["match"].(map[string]any)
	expr, _ := match["expr"].(map[string]any)
	text, _ := expr["expression"].(string)
	return text
}

// backendSet: what serverless backends may have
// (https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts#limitations).
func backendSet(t *cloud.Tx, o *cloud.Object) error {
	backends, _ := o.Value("backends").([]any)
	for _, b := range backends {
		backend, _ := b.(map[string]any)
		name, _ := backend["group"].(string)
		group := t.Lookup([]string{serverlessType}, []string{"id", "selfLink"}, name)
		if group == nil || group.Str("networkEndpointType") != "SERVERLESS" {
			continue
		}
		for _, property := range []string{"healthChecks", "portName", "timeoutSec"} {
			if o.Inputs[property] != nil {
				return cloud.Refuse("INVALID_ARGUMENT", "%s cannot be set for a backend service with serverless backends", property)
			}
		}
		if backend["balancingMode"] != nil && backend["balancingMode"] != "UTILIZATION" {
			return cloud.Refuse("INVALID_ARGUMENT", "balancingMode %v cannot be set for a serverless backend", backend["balancingMode"])
		}
	}
	if policy := t.Lookup([]string{armorType}, []string{"id", "selfLink"}, o.Str("securityPolicy")); policy != nil && policy.Str("type") == "CLOUD_ARMOR_EDGE" {
		return cloud.Refuse("INVALID_ARGUMENT", "%s is an edge policy, which is no backend policy", policy)
	}
	return nil
}

// ruleSet: rule, proxy and backend service are of one kind of load balancer, and an address has one rule for a port
// (https://cloud.google.com/load-balancing/docs/forwarding-rule-concepts).
func ruleSet(t *cloud.Tx, o *cloud.Object) error {
	by := []string{"id", "selfLink"}
	proxy := t.Lookup([]string{doorProxyType}, by, o.Str("target"))
	routes := t.Lookup([]string{doorRoutesType}, by, proxy.Str("urlMap"))
	backend := t.Lookup([]string{doorBackendType}, by, routes.Str("defaultService"))
	if scheme := o.Str("loadBalancingScheme"); scheme != backend.Str("loadBalancingScheme") {
		return cloud.Refuse("INVALID_ARGUMENT", "a forwarding rule of scheme %s cannot lead to a backend service of scheme %s", scheme, backend.Str("loadBalancingScheme"))
	}
	if o.Str("loadBalancingScheme") != managedScheme && o.Str("portRange") != "443" && o.Str("portRange") != "443-443" {
		return cloud.Refuse("INVALID_ARGUMENT", "portRange %q: allowed is 443", o.Str("portRange"))
	}
	for _, other := range t.Find(doorRuleType, func(r *cloud.Object) bool {
		return r.ID != o.ID && r.Str("ipAddress") == o.Str("ipAddress") && r.Str("portRange") == o.Str("portRange")
	}) {
		return cloud.Refuse("RESOURCE_IN_USE", "the address and port are those of %s", other)
	}
	return nil
}
