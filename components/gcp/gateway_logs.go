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

// doorLogs keeps what load balancers and gateways tell of each request as long as asked. Without it, the project's
// default bucket forgets after 30 days (https://cloud.google.com/logging/quotas#logs_retention_periods).
func (d *Driver) doorLogs(
	ctx *pulumi.Context, name string, args gateway.Args, parent pulumi.Resource, after ...pulumi.Resource,
) error {
	physical := d.physical(KindLogBucket, name)
	bucket, err := logging.NewProjectBucketConfig(ctx, name+"-logs", &logging.ProjectBucketConfigArgs{
		Project: pulumi.String(d.s.Project), Location: pulumi.String(d.s.Region), BucketId: d.fresh(physical),
		RetentionDays: pulumi.Int(args.LogDays), Description: pulumi.String("Requests at the doors of " + d.s.Environment),
	}, d.under(parent, after...))
	if err != nil {
		return fmt.Errorf("log bucket: %w", err)
	}
	// Into a bucket of the same project it writes without an account of its own
	// (https://cloud.google.com/logging/docs/export/configure_export_v2#dest-auth).
	if _, err := logging.NewProjectSink(ctx, name+"-sink", &logging.ProjectSinkArgs{
		Project: pulumi.String(d.s.Project), Name: pulumi.String(physical), Filter: pulumi.String(d.logFilter(name, args)),
		Destination: pulumi.Sprintf("logging.googleapis.com/%s", bucket.ID()), UniqueWriterIdentity: pulumi.Bool(true),
	}, d.under(parent, after...)); err != nil {
		return fmt.Errorf("log sink: %w", err)
	}
	return nil
}

// logFilter picks the entries of an environment's doors.
func (d *Driver) logFilter(name string, args gateway.Args) string {
	var routes, gateways []string
	for _, audience := range slices.Sorted(maps.Keys(args.Audiences)) {
		routes = append(routes, fmt.Sprintf("%q", d.physical(KindBackend, name, audience)))
		gateways = append(gateways, fmt.Sprintf("%q", d.physical(KindGateway, name, audience)))
	}
	return fmt.Sprintf(`(resource.type="http_load_balancer" AND resource.labels.url_map_name=(%s)) OR `+
		`(resource.type="apigateway.googleapis.com/Gateway" AND resource.labels.gateway_id=(%s))`,
		strings.Join(routes, " OR "), strings.Join(gateways, " OR "))
}

// fresh completes a name with the random end of the key ring's, which is another one each time an environment is
// built: for what Google keeps for a while after it is deleted.
func (d *Driver) fresh(name string) pulumi.StringOutput {
	return d.ground.keyRing.ApplyT(func(ring string) string {
		return name + ring[strings.LastIndex(ring, "-"):]
	}).(pulumi.StringOutput)
}
