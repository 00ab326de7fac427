package gcp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/compute"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
)

// What Cloud Armor takes
// (https://cloud.google.com/armor/docs/rate-limiting-overview, https://cloud.google.com/armor/docs/configure-security-policies).
const (
	rateSeconds   = 10 // the shortest interval over which requests are counted
	mostRequests  = 1000000
	attackRule    = 1000
	firstRateRule = 2000
	defaultRule   = 2147483647
)

// attacks are the preconfigured rules that every door has, at the sensitivity with the fewest false alarms. An
// expression holds five at most, and a project has few rules with expressions: so these share one
// (https://cloud.google.com/armor/docs/waf-rules).
var attacks = []string{"sqli-v33-stable", "xss-v33-stable", "lfi-v33-stable", "rce-v33-stable", "protocolattack-v33-stable"}

// armorArgs is what one audience's door lets through: no attack, only the audience's paths, each at its rate.
func (d *Driver) armorArgs(name, audience string, routes []gateway.Route) *compute.SecurityPolicyArgs {
	var detectors []string
	for _, attack := range attacks {
		detectors = append(detectors, fmt.Sprintf("evaluatePreconfiguredWaf('%s', {'sensitivity': 1})", attack))
	}
	rules := compute.SecurityPolicyRuleTypeArray{compute.SecurityPolicyRuleTypeArgs{
		Priority: pulumi.Int(attackRule), Action: pulumi.String("deny(403)"), Description: pulumi.String("Attacks"),
		Match: expression(strings.Join(detectors, " || ")),
	}}
	for i, route := range audienceRoutes(audience, routes) {
		rules = append(rules, compute.SecurityPolicyRuleTypeArgs{
			Priority: pulumi.Int(firstRateRule + i), Action: pulumi.String("throttle"), Description: pulumi.String(cut(route.Path, 64)),
			Match: expression(fmt.Sprintf("request.path == '%s' || request.path.startsWith('%s/')", route.Path, route.Path)),
			RateLimitOptions: compute.SecurityPolicyRuleRateLimitOptionsArgs{
				ConformAction: pulumi.String("allow"), ExceedAction: pulumi.String("deny(429)"),
				// One rate for all callers together, as the route says.
				EnforceOnKey: pulumi.String("ALL"),
				RateLimitThreshold: compute.SecurityPolicyRuleRateLimitOptionsRateLimitThresholdArgs{
					Count: pulumi.Int(route.Rate * rateSeconds), IntervalSec: pulumi.Int(rateSeconds),
				},
			},
		})
	}
	rules = append(rules, compute.SecurityPolicyRuleTypeArgs{
		Priority: pulumi.Int(defaultRule), Action: pulumi.String("deny(404)"), Description: pulumi.String("No route"),
		Match: compute.SecurityPolicyRuleMatchArgs{
			VersionedExpr: pulumi.String("SRC_IPS_V1"),
			Config:        compute.SecurityPolicyRuleMatchConfigArgs{SrcIpRanges: pulumi.ToStringArray([]string{"*"})},
		},
	})
	return &compute.SecurityPolicyArgs{
		Project: pulumi.String(d.s.Project), Name: pulumi.String(name), Type: pulumi.String("CLOUD_ARMOR"),
		Description: pulumi.String("Door of audience " + audience), Rules: rules,
		// Attacks in JSON are seen as well.
		AdvancedOptionsConfig: compute.SecurityPolicyAdvancedOptionsConfigArgs{
			JsonParsing: pulumi.String("STANDARD"), LogLevel: pulumi.String("NORMAL"),
		},
	}
}

// audienceRoutes are an audience's, the longer path first: the first rule that matches decides.
func audienceRoutes(audience string, routes []gateway.Route) []gateway.Route {
	var own []gateway.Route
	for _, route := range routes {
		if slices.Contains(route.Audiences, audience) {
			own = append(own, route)
		}
	}
	slices.SortFunc(own, func(a, b gateway.Route) int {
		return cmp.Or(cmp.Compare(strings.Count(b.Path, "/"), strings.Count(a.Path, "/")), cmp.Compare(a.Path, b.Path))
	})
	return own
}

func expression(text string) compute.SecurityPolicyRuleMatchArgs {
	return compute.SecurityPolicyRuleMatchArgs{Expr: compute.SecurityPolicyRuleMatchExprArgs{Expression: pulumi.String(text)}}
}

// cut shortens what is only for people to the characters that the cloud takes.
func cut(text string, most int) string {
	if len(text) > most {
		return text[:most]
	}
	return text
}
