package aws

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
)

// computed is what AWS makes up for a type, besides what it makes up for all.
var computed = record.Made{
	"aws:rds/instance:Instance": {
		"address":    resource.NewProperty("server.example"),
		"resourceId": resource.NewProperty("db-1"),
		"masterUserSecrets": resource.NewProperty([]resource.PropertyValue{resource.NewProperty(resource.PropertyMap{
			"secretArn": resource.NewProperty("arn:secret"),
		})}),
	},
	"aws:rds/proxy:Proxy": {
		"arn":      resource.NewProperty("arn:aws:rds:eu-central-1:111122223333:db-proxy:prx-1"),
		"endpoint": resource.NewProperty("proxy.example"),
	},
	"aws:eks/cluster:Cluster": made(map[string]any{
		"endpoint":             "https://cluster.example",
		"certificateAuthority": map[string]any{"data": "authority"},
		"vpcConfig":            map[string]any{"clusterSecurityGroupId": "sg-cluster"},
		"identities":           []any{map[string]any{"oidcs": []any{map[string]any{"issuer": "https://issuer.example"}}}},
	}),
	"aws:eks/nodeGroup:NodeGroup": made(map[string]any{
		"resources": []any{map[string]any{"autoscalingGroups": []any{map[string]any{"name": "group"}}}},
	}),
	"aws:ec2/launchTemplate:LaunchTemplate":                   made(map[string]any{"latestVersion": 3}),
	"aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": {"name": resource.NewProperty("default")},
}

func made(values map[string]any) resource.PropertyMap { return resource.NewPropertyMapFromMap(values) }

// identified is what AWS makes up for every resource.
func identified(args pulumi.MockResourceArgs) resource.PropertyMap {
	return resource.PropertyMap{
		"arn":   resource.NewProperty("arn:" + args.Name),
		"url":   resource.NewProperty("https://" + args.Name),
		"keyId": resource.NewProperty("id-" + args.Name),
	}
}

// recorded are the resources of a build, with a driver of a development environment.
func recorded(t *testing.T, build func(*pulumi.Context, *Driver) error) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev-aws", func(ctx *pulumi.Context) error {
		return build(ctx, New(Settings{Environment: "dev-aws", Region: "eu-central-1", Account: "111122223333"}))
	}, record.Each(identified), record.Outputs(computed))
}
