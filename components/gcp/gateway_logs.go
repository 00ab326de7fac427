package gcp

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
)

// doorLogs keeps what load balancers and gateways tell of each request, encrypted, in the environment's region and as
// long as asked. Elsewhere they would lie in the project's default bucket, whose place is global and whose memory is
// 30 days.
func (d *Driver) doorLogs(
	ctx *pulumi.Context, name string, args gateway.Args, parent pulumi.Resource, after ...pulumi.Resource,
) error {
	key, err := d.key(ctx, name+"-logs-key", "Requests at the doors", args.Tags, []pulumi.StringInput{d.agent(loggingService)}, parent)
	if err != nil {
		return err
	}
	bucket, err := logging.NewProjectBucketConfig(ctx, name+"-logs", &logging.ProjectBucketConfigArgs{
		Project: pulumi.String(d.s.Project), Location: pulumi.String(d.s.Region),
		// A deleted bucket keeps its name for a week (https://cloud.google.com/logging/docs/buckets#delete-bucket).
		BucketId: d.unique(KindLogBucket, name), RetentionDays: pulumi.Int(args.LogDays),
		Description: pulumi.String("Requests at the doors of " + name), CmekSettings: &logging.ProjectBucketConfigCmekSettingsArgs{KmsKeyName: key.ID},
	}, d.under(parent, slices.Concat(after, key.Ready)...))
	if err != nil {
		return fmt.Errorf("log bucket: %w", err)
	}
	filter := pulumi.String(d.doorEntries(name, args))
	sink, err := logging.NewProjectSink(ctx, name+"-logs-sink", &logging.ProjectSinkArgs{
		Project: pulumi.String(d.s.Project), Name: pulumi.String(d.physical(KindSink, name)), Filter: filter,
		Description: pulumi.String("Keeps requests at the doors of " + name),
		// A bucket of the same project needs no grant (https://cloud.google.com/logging/docs/export/configure_export_v2#dest-auth).
		Destination: pulumi.Sprintf("logging.googleapis.com/%s", bucket.ID()), UniqueWriterIdentity: pulumi.Bool(true),
	}, d.under(parent, after...))
	if err != nil {
		return fmt.Errorf("log sink: %w", err)
	}
	// Only once the entries are kept here may the default bucket go without them.
	if _, err := logging.NewProjectExclusion(ctx, name+"-logs-exclusion", &logging.ProjectExclusionArgs{
		Project: pulumi.String(d.s.Project), Name: pulumi.String(d.physical(KindExclusion, name)), Filter: filter,
		Description: pulumi.String("Requests at the doors of " + name + " are kept in a bucket of their own"),
	}, d.under(parent, sink)); err != nil {
		return fmt.Errorf("log exclusion: %w", err)
	}
	return nil
}

// doorEntries tells the entries of these doors from all others
// (https://cloud.google.com/load-balancing/docs/https/https-logging-monitoring, https://cloud.google.com/api-gateway/docs/monitoring-logs).
func (d *Driver) doorEntries(name string, args gateway.Args) string {
	var routes, gateways []string
	for _, audience := range slices.Sorted(maps.Keys(args.Audiences)) {
		routes = append(routes, fmt.Sprintf("%q", d.physical(KindBackend, name, audience)))
		gateways = append(gateways, fmt.Sprintf("%q", d.physical(KindGateway, name, audience)))
	}
	return fmt.Sprintf(`(resource.type="http_load_balancer" AND resource.labels.url_map_name=(%s))`+
		` OR (resource.type="apigateway.googleapis.com/Gateway" AND resource.labels.gateway_id=(%s))`,
		strings.Join(routes, " OR "), strings.Join(gateways, " OR "))
}
