package azure

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/tags"
	"platform/components/trail"
)

func recordTrail(t *testing.T, lock bool) record.Resources {
	t.Helper()
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := trail.New(ctx, "trail", d, trail.Args{Days: 365, Lock: lock, Tags: tags.Set{tags.Team: "platform"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

const immutability = "azure-native:storage:BlobContainerImmutabilityPolicy trail-store-immutability"

func TestALockedStoreHasAPolicyThatLetsBlocksBeAdded(t *testing.T) {
	record.Exactly(t, recordTrail(t, true), immutability, object{
		"resourceGroupName": "dev-azure-trail", "accountName": "trail-store", "containerName": "trail-store-container",
		"immutabilityPolicyName": "default", "immutabilityPeriodSinceCreationInDays": 365.0, "allowProtectedAppendWrites": true,
	})
	if _, made := recordTrail(t, false)[immutability]; made {
		t.Error("a store that is not locked could not be taken away")
	}
}

func TestThePlansOfTheSubscriptionAreOnForWhatIsUsed(t *testing.T) {
	resources := recordTrail(t, false)
	for _, plan := range plans {
		got := resources["azure-native:security:Pricing trail-defender-"+plan.name]
		if got["pricingTier"].StringValue() != "Standard" || got["scopeId"].StringValue() != "subscriptions/"+testSubscription {
			t.Errorf("%s is %v", plan.name, got)
		}
	}
}

func TestTheActivityLogOfTheSubscriptionGoesToTheStoreAndTheWorkspace(t *testing.T) {
	got := recordTrail(t, false)["azure-native:insights:DiagnosticSetting trail-export"]
	if got["resourceUri"].StringValue() != "/subscriptions/"+testSubscription || got["storageAccountId"].StringValue() != "id-trail-store" ||
		got["workspaceId"].StringValue() != "workspace" || len(got["logs"].ArrayValue()) != len(activity) {
		t.Errorf("the export is %v", got)
	}
}
