package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/insights/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/limit"
	"platform/components/trail"
)

// TrailOffer is what a container's policy may ask for, 400 years. The provider makes policies and has no call that locks
// one: that last step is an operator's
// (https://learn.microsoft.com/azure/storage/blobs/immutable-time-based-retention-policy-overview,
// https://learn.microsoft.com/rest/api/storagerp/blob-containers/lock-immutability-policy).
func (d *Driver) TrailOffer() trail.Offer {
	return trail.Offer{Days: limit.Range{Least: 1, Most: 146000}, Lock: trail.LockedByOperator, Detection: trail.DetectionOn}
}

// activity are the categories of a subscription's Activity Log
// (https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema#categories).
var activity = []string{
	"Administrative", "Alert", "Autoscale", "Policy", "Recommendation", "ResourceHealth", "Security", "ServiceHealth",
}

// pricingToken is a plan of Defender for Cloud.
const pricingToken = "azure-native:security:Pricing"

// plans are those of Defender for Cloud for what an environment uses, with the second choice that some offer
// (https://learn.microsoft.com/rest/api/defenderforcloud/pricings/update).
var plans = []struct{ name, sub string }{
	{"Arm", "PerSubscription"},
	{"Containers", ""},
	{"CosmosDbs", ""},
	{"KeyVaults", "PerKeyVault"},
	{"OpenSourceRelationalDatabases", ""},
	{"StorageAccounts", "DefenderForStorageV2"},
}

// CreateTrail exports the subscription's Activity Log, and switches Defender for Cloud on.
func (d *Driver) CreateTrail(
	ctx *pulumi.Context, name string, _ trail.Args, store trail.Store, parent pulumi.Resource,
) (trail.Outputs, error) {
	subscription := d.subscriptionID()
	var logs insights.LogSettingsArray
	for _, category := range activity {
		logs = append(logs, insights.LogSettingsArgs{Category: pulumi.String(category), Enabled: pulumi.Bool(true)})
	}
	export, err := insights.NewDiagnosticSetting(ctx, name+"-export", &insights.DiagnosticSettingArgs{
		Name: pulumi.String(d.physical(KindDiagnostic, name)), ResourceUri: pulumi.String(subscription), Logs: logs,
		// In the store it is kept unchanged, and in the workspace people can ask it.
		StorageAccountId: store.ID.ToStringPtrOutput(), WorkspaceId: d.ground.workspace.ToStringPtrOutput(),
	}, pulumi.Parent(parent), pulumi.DependsOn(store.Ready))
	if err != nil {
		return trail.Outputs{}, fmt.Errorf("export of the activity log: %w", err)
	}
	// What reads the store's key is logged too, but to the environment's workspace, which goes: so this goes with it.
	if _, err := d.logsOf(ctx, name+"-keys", d.trailVault, parent, auditEvents); err != nil {
		return trail.Outputs{}, err
	}
	for _, plan := range plans {
		spec := pulumi.Map{
			"scopeId": pulumi.String("subscriptions/" + d.s.Subscription), "pricingName": pulumi.String(plan.name), "pricingTier": pulumi.String("Standard"),
		}
		if plan.sub != "" {
			spec["subPlan"] = pulumi.String(plan.sub)
		}
		if _, err := native(ctx, pricingToken, name+"-defender-"+plan.name, spec, parent); err != nil {
			return trail.Outputs{}, err
		}
	}
	return trail.Outputs{Store: store.Name, Trail: export.ID().ToStringOutput(), Detection: trail.DetectionOn}, nil
}

var _ trail.Driver = (*Driver)(nil)
