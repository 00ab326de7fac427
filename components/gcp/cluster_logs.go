package gcp

import (
	"fmt"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
)

// clusterLogs keep the logs of the control plane, audits among them, in an encrypted log bucket of the environment's
// region. Elsewhere they would lie in the project's default bucket, whose place is global, for thirty days
// (https://cloud.google.com/kubernetes-engine/docs/concepts/about-logs). It returns what must be there before the
// control plane, so that its first words are kept.
func (d *Driver) clusterLogs(
	ctx *pulumi.Context, name, physical string, args cluster.Args, parent pulumi.Resource,
) ([]pulumi.Resource, error) {
	key, err := d.key(ctx, name+"-logs-key", "Logs of cluster "+physical, args.Tags,
		[]pulumi.StringInput{d.agent(loggingService)}, parent)
	if err != nil {
		return nil, err
	}
	bucket, err := logging.NewProjectBucketConfig(ctx, name+"-logs", &logging.ProjectBucketConfigArgs{
		Project: pulumi.String(d.s.Project), Location: pulumi.String(d.s.Region),
		// A deleted bucket keeps its name for a week (https://cloud.google.com/logging/docs/buckets#delete-bucket).
		BucketId:      d.unique(KindLogBucket, name, "logs"),
		Description:   pulumi.String("Logs of cluster " + physical),
		RetentionDays: pulumi.Int(args.LogDays),
		CmekSettings:  &logging.ProjectBucketConfigCmekSettingsArgs{KmsKeyName: key.ID},
	}, d.under(parent, key.Ready...))
	if err != nil {
		return nil, fmt.Errorf("bucket of the logs: %w", err)
	}
	filter := pulumi.String(clusterFilter(d.s.Region, physical))
	sink, err := logging.NewProjectSink(ctx, name+"-logs-sink", &logging.ProjectSinkArgs{
		Name: pulumi.String(d.physical(KindSink, name, "logs")), Project: pulumi.String(d.s.Project),
		Description: pulumi.String("Keeps the logs of cluster " + physical),
		// A bucket of the same project needs no grant
		// (https://cloud.google.com/logging/docs/export/configure_export_v2#dest-auth).
		Destination: pulumi.Sprintf("logging.googleapis.com/%s", bucket.ID()), Filter: filter,
		UniqueWriterIdentity: pulumi.Bool(true),
	}, d.under(parent))
	if err != nil {
		return nil, fmt.Errorf("sink of the logs: %w", err)
	}
	// Only once the logs are kept here must the default bucket go without them.
	exclusion, err := logging.NewProjectExclusion(ctx, name+"-logs-exclusion", &logging.ProjectExclusionArgs{
		Name: pulumi.String(d.physical(KindExclusion, name, "logs")), Project: pulumi.String(d.s.Project),
		Description: pulumi.String("Logs of cluster " + physical + " are kept in a bucket of their own"), Filter: filter,
	}, d.under(parent, sink))
	if err != nil {
		return nil, fmt.Errorf("exclusion of the logs: %w", err)
	}
	return []pulumi.Resource{sink, exclusion}, nil
}

// clusterFilter tells the logs of one cluster from all others: of its control plane, its audits and its nodes
// (https://cloud.google.com/kubernetes-engine/docs/how-to/view-logs).
func clusterFilter(region, physical string) string {
	return fmt.Sprintf(`resource.type=~"^(k8s_|gke_)" AND resource.labels.location="%s" AND resource.labels.cluster_name="%s"`, region, physical)
}
