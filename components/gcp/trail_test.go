package gcp

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/tags"
	"platform/components/trail"
)

func TestAuditLogsAreKeptInALockedBucketAndUsesOfKeysAndSecretsAreAmongThem(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := trail.New(ctx, "trail", d, trail.Args{Days: 365, Lock: true, Tags: tags.Set{tags.Team: "platform"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	bucket := resources["gcp:logging/projectBucketConfig:ProjectBucketConfig trail-store"]
	if !bucket["locked"].BoolValue() || bucket["retentionDays"].NumberValue() != 365 || bucket["bucketId"].StringValue() != "dev-gcp-trail-0123abc" {
		t.Errorf("the bucket is %v", bucket)
	}
	if filter := resources["gcp:logging/projectSink:ProjectSink trail-sink"]["filter"].StringValue(); filter != `logName:"cloudaudit.googleapis.com"` {
		t.Errorf("the sink takes %q", filter)
	}
	record.Exactly(t, resources, "gcp:projects/iAMAuditConfig:IAMAuditConfig trail-access-secretmanager.googleapis.com", map[string]any{
		"project": "platform-dev", "service": "secretmanager.googleapis.com",
		"auditLogConfigs": []any{map[string]any{"logType": "ADMIN_READ"}, map[string]any{"logType": "DATA_READ"}, map[string]any{"logType": "DATA_WRITE"}},
	})
}

func TestDetectionIsOfTheOrganization(t *testing.T) {
	if got := New(Settings{}).TrailOffer().Detection; got != trail.DetectionOrganization {
		t.Errorf("the offer says %q", got)
	}
}
