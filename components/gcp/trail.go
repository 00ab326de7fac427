package gcp

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/logging"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/projects"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/limit"
	"platform/components/trail"
)

// TrailOffer is what a log bucket keeps (https://cloud.google.com/logging/quotas#logs_retention_periods). Security Command
// Center is switched on in the console, or for a whole organization; no call switches it on for a project
// (https://cloud.google.com/security-command-center/docs/activate-scc-for-a-project).
func (d *Driver) TrailOffer() trail.Offer {
	return trail.Offer{Days: limit.Range{Least: 1, Most: 3650}, Lock: trail.LockedByProgram, Detection: trail.DetectionOrganization}
}

// CreateStore builds a log bucket of the environment's region and its key.
func (d *Driver) CreateStore(ctx *pulumi.Context, name string, args trail.Args, parent pulumi.Resource) (trail.Store, error) {
	key, err := d.key(ctx, name+"-key", "Audit trail", args.Tags, []pulumi.StringInput{d.agent(loggingService)}, parent)
	if err != nil {
		return trail.Store{}, err
	}
	bucket, err := logging.NewProjectBucketConfig(ctx, name, d.trailBucketArgs(args, key), d.under(parent, key.Ready...))
	if err != nil {
		return trail.Store{}, fmt.Errorf("log bucket: %w", err)
	}
	return trail.Store{Name: bucket.BucketId, ID: bucket.ID().ToStringOutput(), Key: key.ID, Ready: []pulumi.Resource{bucket}}, nil
}

// trailBucketArgs: a locked bucket can be neither emptied nor deleted, and its days cannot be changed
// (https://cloud.google.com/logging/docs/buckets#locking-logs-buckets). A deleted one keeps its name for a week.
func (d *Driver) trailBucketArgs(args trail.Args, key key) *logging.ProjectBucketConfigArgs {
	return &logging.ProjectBucketConfigArgs{
		Project: pulumi.String(d.s.Project), Location: pulumi.String(d.s.Region), BucketId: d.unique(KindLogBucket, "trail"),
		Description: pulumi.String("Audit trail of the project"), RetentionDays: pulumi.Int(args.Days), Locked: pulumi.Bool(args.Lock),
		CmekSettings: &logging.ProjectBucketConfigCmekSettingsArgs{KmsKeyName: key.ID},
	}
}

const (
	// auditEntries are the logs of all that people and services did or tried through Google Cloud's API
	// (https://cloud.google.com/logging/docs/audit#viewing_audit_logs).
	auditEntries = `logName:"cloudaudit.googleapis.com"`
	// dataEntries are those of them that may be kept elsewhere than in the project's own store of four hundred days
	// (https://cloud.google.com/logging/docs/audit#data-access).
	dataEntries = `log_id("cloudaudit.googleapis.com/data_access")`
)

// CreateTrail builds what is logged beyond what always is, and the sink that brings all of it into the store.
func (d *Driver) CreateTrail(
	ctx *pulumi.Context, name string, _ trail.Args, store trail.Store, parent pulumi.Resource,
) (trail.Outputs, error) {
	for _, access := range accessLogs {
		if _, err := projects.NewIAMAuditConfig(ctx, name+"-access-"+access.service, d.accessArgs(access), d.under(parent)); err != nil {
			return trail.Outputs{}, fmt.Errorf("access logs of %s: %w", access.service, err)
		}
	}
	sink, err := logging.NewProjectSink(ctx, name+"-sink", &logging.ProjectSinkArgs{
		Project: pulumi.String(d.s.Project), Name: pulumi.String(d.physical(KindSink, name)), Filter: pulumi.String(auditEntries),
		Description: pulumi.String("Keeps the audit trail of the project"),
		// A bucket of the same project needs no grant (https://cloud.google.com/logging/docs/export/configure_export_v2#dest-auth).
		Destination: pulumi.Sprintf("logging.googleapis.com/%s", store.ID), UniqueWriterIdentity: pulumi.Bool(true),
	}, d.under(parent, store.Ready...))
	if err != nil {
		return trail.Outputs{}, fmt.Errorf("sink: %w", err)
	}
	// Only once the entries are kept here may the default bucket, whose place is global, go without them.
	if _, err := logging.NewProjectExclusion(ctx, name+"-exclusion", &logging.ProjectExclusionArgs{
		Project: pulumi.String(d.s.Project), Name: pulumi.String(d.physical(KindExclusion, name)), Filter: pulumi.String(dataEntries),
		Description: pulumi.String("Access to data is kept in the audit trail"),
	}, d.under(parent, sink)); err != nil {
		return trail.Outputs{}, fmt.Errorf("exclusion: %w", err)
	}
	return trail.Outputs{Store: store.Name, Trail: sink.ID().ToStringOutput(), Detection: trail.DetectionOrganization}, nil
}

// accessLog is what of a service's use is logged.
type accessLog struct {
	service string
	kinds   []string
}

// everyAccess is all that can be logged of a service; what writes configuration is logged always
// (https://cloud.google.com/logging/docs/audit/configure-data-access).
var everyAccess = []string{"ADMIN_READ", "DATA_READ", "DATA_WRITE"}

// accessLogs: who looks around is logged of all services, and each use of what opens other things: keys, secrets, and
// becoming another account. Each message and document read would be more than all the rest together, and cost so.
var accessLogs = []accessLog{
	{"allServices", []string{"ADMIN_READ"}},
	{"cloudkms.googleapis.com", everyAccess},
	{"iam.googleapis.com", everyAccess},
	{"secretmanager.googleapis.com", everyAccess},
	{"sts.googleapis.com", everyAccess},
}

func (d *Driver) accessArgs(access accessLog) *projects.IAMAuditConfigArgs {
	var kinds projects.IAMAuditConfigAuditLogConfigArray
	for _, kind := range slices.Sorted(slices.Values(access.kinds)) {
		kinds = append(kinds, projects.IAMAuditConfigAuditLogConfigArgs{LogType: pulumi.String(kind)})
	}
	return &projects.IAMAuditConfigArgs{Project: pulumi.String(d.s.Project), Service: pulumi.String(access.service), AuditLogConfigs: kinds}
}

var _ trail.Driver = (*Driver)(nil)
