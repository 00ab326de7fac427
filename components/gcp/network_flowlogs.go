package gcp

import (
	"fmt"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/network"
)

// flowLogs keep the metadata of all traffic, and what the firewall refused, in an encrypted log bucket of the
// environment's region. Elsewhere they would lie in the project's default bucket, whose place is global.
func (d *Driver) flowLogs(ctx *pulumi.Context, name string, args network.Args, parent pulumi.Resource) error {
	key, err := d.key(ctx, name+"-flow-logs-key", "Flow logs of "+name, args.Tags,
		[]pulumi.StringInput{d.agent(loggingService)}, parent)
	if err != nil {
		return err
	}
	bucket, err := logging.NewProjectBucketConfig(ctx, name+"-flow-logs", &logging.ProjectBucketConfigArgs{
		Project: pulumi.String(d.s.Project), Location: pulumi.String(d.s.Region),
		// A deleted bucket keeps its name for a week (https://cloud.google.com/logging/docs/buckets#delete-bucket).
		BucketId:      d.unique(KindLogBucket, name, "flow-logs"),
		Description:   pulumi.String("Flow logs of " + name),
		RetentionDays: pulumi.Int(args.FlowLogDays),
		CmekSettings:  &logging.ProjectBucketConfigCmekSettingsArgs{KmsKeyName: key.ID},
	}, d.under(parent, key.Ready...))
	if err != nil {
		return fmt.Errorf("bucket of the flow logs: %w", err)
	}
	filter := d.networkLogs(name)
	sink, err := logging.NewProjectSink(ctx, name+"-flow-logs-sink", &logging.ProjectSinkArgs{
		Name: pulumi.String(d.physical(KindSink, name, "flow-logs")), Project: pulumi.String(d.s.Project),
		Description: pulumi.String("Keeps flow logs of " + name),
		// A bucket of the same project needs no grant (https://cloud.google.com/logging/docs/export/configure_export_v2#dest-auth).
		Destination: pulumi.Sprintf("logging.googleapis.com/%s", bucket.ID()), Filter: pulumi.String(filter),
		UniqueWriterIdentity: pulumi.Bool(true),
	}, d.under(parent))
	if err != nil {
		return fmt.Errorf("sink of the flow logs: %w", err)
	}
	// Only once the logs are kept here must the default bucket go without them.
	if _, err := logging.NewProjectExclusion(ctx, name+"-flow-logs-exclusion", &logging.ProjectExclusionArgs{
		Name: pulumi.String(d.physical(KindExclusion, name, "flow-logs")), Project: pulumi.String(d.s.Project),
		Description: pulumi.String("Flow logs of " + name + " are kept in a bucket of their own"), Filter: pulumi.String(filter),
	}, d.under(parent, sink)); err != nil {
		return fmt.Errorf("exclusion of the flow logs: %w", err)
	}
	return nil
}

// networkLogs tells the logs of this network from all others: of traffic and the firewall by the subnet, of
// address translation by the gateway
// (https://cloud.google.com/vpc/docs/access-flow-logs, https://cloud.google.com/nat/docs/monitoring#viewing_logs).
func (d *Driver) networkLogs(name string) string {
	return fmt.Sprintf(
		`((log_id("compute.googleapis.com/vpc_flows") OR log_id("compute.googleapis.com/firewall")) AND resource.labels.subnetwork_name="%s")`+
			` OR (log_id("compute.googleapis.com/nat_flows") AND resource.labels.gateway_name="%s")`,
		d.privateSubnet(name), d.natName(name))
}
