package gcp

import (
	"testing"

	"platform/components/internal/record"
)

func TestArmorRefusesAttacksAndWhatHasNoRouteAndLimitsTheRest(t *testing.T) {
	throttle := func(priority float64, path string, count float64) map[string]any {
		return map[string]any{
			"priority": priority, "action": "throttle", "description": path,
			"match": map[string]any{"expr": map[string]any{"expression": "request.path == '" + path + "' || request.path.startsWith('" + path + "/')"}},
			"rateLimitOptions": map[string]any{
				"conformAction": "allow", "exceedAction": "deny(429)", "enforceOnKey": "ALL",
				"rateLimitThreshold": map[string]any{"count": count, "intervalSec": 10.0},
			},
		}
	}
	record.Exactly(t, recordGateway(t), "gcp:compute/securityPolicy:SecurityPolicy gateway-mobile-armor", map[string]any{
		"project": "platform-dev", "name": "dev-gcp-gateway-mobile", "type": "CLOUD_ARMOR", "description": "Door of audience mobile",
		"advancedOptionsConfig": map[string]any{"jsonParsing": "STANDARD", "logLevel": "NORMAL"},
		"rules": []any{
			map[string]any{
				"priority": 1000.0, "action": "deny(403)", "description": "Attacks",
				"match": map[string]any{"expr": map[string]any{"expression": "evaluatePreconfiguredWaf('sqli-v33-stable', {'sensitivity': 1}) || " +
					"evaluatePreconfiguredWaf('xss-v33-stable', {'sensitivity': 1}) || evaluatePreconfiguredWaf('lfi-v33-stable', {'sensitivity': 1}) || " +
					"evaluatePreconfiguredWaf('rce-v33-stable', {'sensitivity': 1}) || evaluatePreconfiguredWaf('protocolattack-v33-stable', {'sensitivity': 1})"}},
			},
			// The longer path first: for it the shorter one would match as well.
			throttle(2000, "/payments/open-items", 50),
			throttle(2001, "/payments", 2000),
			map[string]any{
				"priority": 2147483647.0, "action": "deny(404)", "description": "No route",
				"match": map[string]any{"versionedExpr": "SRC_IPS_V1", "config": map[string]any{"srcIpRanges": []any{"*"}}},
			},
		},
	})
}
