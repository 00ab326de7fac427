package contract

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	driver "platform/components/aws"
	"platform/components/cluster"
	"platform/components/gateway"
	"platform/components/network"
	"platform/tests/checks"
)

func TestAGatewayIsBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	store := authority(t)
	built := lifecycle(t, open(t, func(ctx *pulumi.Context, d *driver.Driver, opts ...pulumi.ResourceOption) error {
		n, err := network.New(ctx, "network", d, networkArgs(network.NATSingle), opts...)
		if err != nil {
			return err
		}
		c, err := cluster.New(ctx, "cluster", d, cluster.Args{
			Version: "1.33", LogDays: 7, Tags: owned, Network: n.Outputs, Admins: []string{"arn:aws:iam::111122223333:role/pipeline"},
			Pools: map[string]cluster.Pool{
				"system":  {Size: cluster.Small, Capacity: cluster.OnDemand, Min: 2, Max: 2, System: true, DiskGiB: 50},
				"general": {Size: cluster.Medium, Capacity: cluster.OnDemand, Min: 0, Max: 6, DiskGiB: 50},
			},
		}, opts...)
		if err != nil {
			return err
		}
		_, err = gateway.New(ctx, "gateway", d, gateway.Args{
			Domain: "dev.example.com", Zone: "Z0123456789CONTRACT0", LogDays: 7, Tags: owned, Cluster: c.Outputs, Network: n.Outputs,
			Audiences: map[string]gateway.Audience{
				"mobile":  {Auth: gateway.JWT, Issuer: "https://login.example.com/", Audiences: []string{"app"}},
				"partner": {Auth: gateway.MutualTLS, TrustStore: store},
			},
			Routes: []gateway.Route{
				{Service: "payments", Path: "/payments", Audiences: []string{"mobile", "partner"}, Rate: 200, Burst: 400},
				{Service: "ledger", Path: "/ledger", Audiences: []string{"partner"}, Rate: 5, Burst: 5},
			},
		}, opts...)
		return err
	}))
	for typ, want := range map[string]int{
		"aws:apigatewayv2/api:Api": 2, "aws:apigatewayv2/domainName:DomainName": 2, "aws:apigatewayv2/authorizer:Authorizer": 1,
		"aws:apigatewayv2/route:Route": 6, "aws:autoscaling/attachment:Attachment": 1, "aws:acm/certificate:Certificate": 3,
		"aws:s3/bucketV2:BucketV2": 1,
	} {
		if got := count(built, typ); got != want {
			t.Errorf("%s: %d exist, want %d", typ, got, want)
		}
	}
	for _, o := range built {
		switch o.Type {
		case "aws:apigatewayv2/api:Api":
			if !o.Bool("disableExecuteApiEndpoint") {
				t.Errorf("%s answers under the cloud's own host name: a way around the door", o)
			}
		case "aws:apigatewayv2/route:Route":
			if o.Str("authorizationType") == "" || o.Str("target") == "" {
				t.Errorf("%s leads nowhere or asks for nothing", o)
			}
		}
	}
	for _, f := range checks.Exposure(built) {
		t.Error(f)
	}
}
