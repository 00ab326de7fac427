package environments

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi-azure-native-sdk/authorization/v2"
	"github.com/pulumi/pulumi-azure-native-sdk/network/v2"
	"github.com/pulumi/pulumi-azure-native-sdk/storage/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

func TestAMistakeOnAzureTurnsTheRehearsalRed(t *testing.T) {
	t.Parallel()
	const receiver = "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"
	const owner = "/subscriptions/aaaaaaaa-1111-4222-8333-444444444444/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	turnsRed(t, "dev-azure", []mistake{
		{
			"a driver forgets the tags of the network",
			func(p pulumi.Input) {
				if args, ok := p.(*network.VirtualNetworkArgs); ok {
					args.Tags = nil
				}
			},
			[]string{"tags: azure-native:network:VirtualNetwork", "components/azure/network.go"},
		},
		{
			"whoever has a key may send and receive",
			func(p pulumi.Input) {
				if args, ok := p.(pulumi.Map); ok && args["disableLocalAuth"] != nil && args["minimumTlsVersion"] != nil {
					args["disableLocalAuth"] = pulumi.Bool(false)
				}
			},
			[]string{"admission: azure-native:servicebus:Namespace", "components/azure/queue.go"},
		},
		{
			"a service owns what it may use",
			func(p pulumi.Input) {
				args, ok := p.(*authorization.RoleAssignmentArgs)
				if !ok {
					return
				}
				if role, ok := args.RoleDefinitionId.(pulumi.String); ok && strings.HasSuffix(string(role), receiver) {
					args.RoleDefinitionId = pulumi.String(owner)
				}
			},
			[]string{"admission: azure-native:authorization:RoleAssignment", "may do everything"},
		},
		{
			"blobs may be made public",
			func(p pulumi.Input) {
				if args, ok := p.(*storage.StorageAccountArgs); ok {
					args.AllowBlobPublicAccess = pulumi.Bool(true)
				}
			},
			[]string{"exposure: azure-native:storage:StorageAccount", "components/azure/network_flowlogs.go"},
		},
		{
			"a database is public",
			func(p pulumi.Input) {
				if args, ok := p.(pulumi.Map); ok && args["administratorLogin"] == nil && args["authConfig"] != nil {
					args["network"] = pulumi.Map{"publicNetworkAccess": pulumi.String("Enabled")}
				}
			},
			[]string{"exposure: azure-native:dbforpostgresql/v20240801:Server", "components/azure/database.go"},
		},
		{
			"the data tier is open to the world",
			func(p pulumi.Input) {
				args, ok := p.(*network.NetworkSecurityGroupArgs)
				if !ok {
					return
				}
				args.SecurityRules = network.SecurityRuleTypeArray{network.SecurityRuleTypeArgs{
					Name: pulumi.String("everyone"), Access: pulumi.String("Allow"), Direction: pulumi.String("Inbound"), Priority: pulumi.Int(100),
					Protocol: pulumi.String("Tcp"), SourceAddressPrefix: pulumi.String("Internet"), SourcePortRange: pulumi.String("*"),
					DestinationAddressPrefix: pulumi.String("*"), DestinationPortRange: pulumi.String("5432"),
				}}
			},
			[]string{"NetworkSecurityGroup"},
		},
	})
}
