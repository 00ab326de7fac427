package environments

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/compute"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/container"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/pubsub"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/sql"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func publicDatabase(p pulumi.Input) {
	if args, ok := p.(*sql.DatabaseInstanceArgs); ok {
		settings := args.Settings.(sql.DatabaseInstanceSettingsArgs)
		address := settings.IpConfiguration.(sql.DatabaseInstanceSettingsIpConfigurationArgs)
		address.Ipv4Enabled = pulumi.Bool(true)
		settings.IpConfiguration = address
		args.Settings = settings
	}
}

// TestAPublicDatabaseOnGoogleCloudIsRefusedAndFound makes it with the project's constraint, which refuses it, and
// without, where a check finds it.
func TestAPublicDatabaseOnGoogleCloudIsRefusedAndFound(t *testing.T) {
	t.Parallel()
	turnsRed(t, "dev-gcp", []mistake{{
		"a database is public", publicDatabase, []string{"violates the constraint constraints/sql.restrictPublicIp"},
	}})
	unguarded := altered(t, "dev-gcp", func(file string) string { return strings.Replace(file, "    guardrails: {refuse: false}\n", "", 1) })
	turnsRedIn(t, unguarded, "dev-gcp", []mistake{{
		"a database is public where nothing refuses it", publicDatabase,
		[]string{"exposure: gcp:sql/databaseInstance:DatabaseInstance", "components/gcp/database.go"},
	}})
}

func TestAMistakeOnGoogleCloudTurnsTheRehearsalRed(t *testing.T) {
	t.Parallel()
	turnsRed(t, "dev-gcp", []mistake{
		{
			"a driver forgets the labels of machines",
			func(p pulumi.Input) {
				if args, ok := p.(*container.NodePoolArgs); ok {
					spec := args.NodeConfig.(container.NodePoolNodeConfigArgs)
					spec.ResourceLabels = nil
					args.NodeConfig = spec
				}
			},
			[]string{"tags: gcp:container/nodePool:NodePool", "components/gcp/cluster.go"},
		},
		{
			"a queue admits everyone",
			func(p pulumi.Input) {
				if args, ok := p.(*pubsub.SubscriptionIAMMemberArgs); ok {
					args.Member = pulumi.String("allUsers")
				}
			},
			[]string{`stage "preview`, "allUsers"},
		},
		{
			"nobody may forward dead letters",
			func(p pulumi.Input) {
				if args, ok := p.(*pubsub.TopicIAMMemberArgs); ok {
					args.Role = pulumi.String("roles/pubsub.viewer")
				}
			},
			[]string{"dead letters: gcp:pubsub/subscription:Subscription", "may not publish to", "components/gcp/queue.go"},
		},
		{
			"a firewall rule is open to the world",
			func(p pulumi.Input) {
				if args, ok := p.(*compute.FirewallArgs); ok {
					args.Denies = nil
					args.Allows = compute.FirewallAllowArray{compute.FirewallAllowArgs{
						Protocol: pulumi.String("tcp"), Ports: pulumi.ToStringArray([]string{"5432"}),
					}}
					args.SourceRanges = pulumi.ToStringArray([]string{"0.0.0.0/0"})
				}
			},
			[]string{"exposure: gcp:compute/firewall:Firewall", "0.0.0.0/0"},
		},
		{
			"a topic is encrypted with a key that is not ours",
			func(p pulumi.Input) {
				if args, ok := p.(*pubsub.TopicArgs); ok {
					args.KmsKeyName = nil
				}
			},
			[]string{"encryption: gcp:pubsub/topic:Topic"},
		},
	})
}
