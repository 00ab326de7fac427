package gcp

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/dns"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/projects"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/pubsub"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/secretmanager"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/storage"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
)

// permission is what an action means on Google Cloud: roles on the resource itself where it has a policy of its
// own, else roles on the project that hold for the resource alone. Whoever uses a resource needs nothing on
// its key: the cloud's own agents encrypt and decrypt.
type permission struct {
	roles map[string]string // by the end of the grant's logical name
	// service is what conditions call the service of a resource without a policy of its own; for a Firestore
	// database they go by its name alone.
	service string
}

// permissions by action. Sources:
//   - topics, subscriptions: https://cloud.google.com/pubsub/docs/access-control#roles
//   - secrets: https://cloud.google.com/secret-manager/docs/access-control
//   - documents: https://cloud.google.com/firestore/docs/security/iam and for one database
//     https://cloud.google.com/firestore/docs/manage-databases#configure_per-database_access_permissions
//   - databases: https://cloud.google.com/sql/docs/postgres/iam-roles and for one instance
//     https://cloud.google.com/sql/docs/postgres/iam-conditions
//   - names to prove: https://cert-manager.io/docs/configuration/acme/dns01/google/
//   - records: https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/gke/ and for one zone
//     https://cloud.google.com/dns/docs/zones/iam-per-resource-zones
//   - objects: https://cloud.google.com/storage/docs/access-control/iam-roles
//   - how deep queues are: https://cloud.google.com/monitoring/access-control
var permissions = map[identity.Action]permission{
	identity.Publish: {roles: map[string]string{"": "roles/pubsub.publisher"}},
	identity.Consume: {roles: map[string]string{"": "roles/pubsub.subscriber"}},
	identity.Read:    {roles: map[string]string{"": "roles/secretmanager.secretAccessor"}},
	// Clients ask for the bucket itself before they ask for what is in it.
	identity.Store: {roles: map[string]string{"": "roles/storage.objectUser", "-bucket": "roles/storage.legacyBucketReader"}},
	identity.ReadWrite: {
		roles: map[string]string{"": "roles/datastore.user"},
	},
	identity.Connect: {
		// One opens the connection, the other logs in to the database.
		roles:   map[string]string{"-client": "roles/cloudsql.client", "-user": "roles/cloudsql.instanceUser"},
		service: "sqladmin.googleapis.com",
	},
	// There is no role for records of one type.
	identity.ProveNames: {roles: map[string]string{"": zoneWriter}},
	// Zones are found by listing those of the project, which is asked of the project and not of the zone.
	identity.ManageRecords: {roles: map[string]string{"": zoneWriter, "-look": zoneReader}},
	identity.Observe:       {roles: map[string]string{"": "roles/monitoring.viewer"}},
}

// Roles of Cloud DNS (https://cloud.google.com/dns/docs/access-control).
const (
	zoneWriter = "roles/dns.admin"
	zoneReader = "roles/dns.reader"
)

// CreateGrants gives the account exactly the grants, each on its one resource, if the resource has a policy or a condition.
func (d *Driver) CreateGrants(
	ctx *pulumi.Context, name string, args identity.GrantsArgs, parent pulumi.Resource,
) error {
	observes := false
	for _, grant := range args.Grants {
		if grant.Action == identity.Observe {
			observes = true
			continue
		}
		p, ok := permissions[grant.Action]
		if !ok {
			return fmt.Errorf("grant %s: Google Cloud has no roles for action %q: add it to the table in identity_grants.go", grant.Role, grant.Action)
		}
		for _, end := range slices.Sorted(maps.Keys(p.roles)) {
			role := p.roles[end]
			if err := d.grant(ctx, name+"-"+grant.Role+end, role, p.service, grant, args.Identity.Principal, parent); err != nil {
				return fmt.Errorf("grant %s: role %s: %w", grant.Role, role, err)
			}
		}
	}
	if observes {
		return d.observe(ctx, name, args.Identity.Principal, parent)
	}
	return nil
}

// observe lets an identity read the metrics of the project, once for all queues: metrics have no policy of their own, and
// conditions know no single one (https://cloud.google.com/iam/docs/conditions-resource-attributes).
func (d *Driver) observe(ctx *pulumi.Context, name string, principal pulumi.StringOutput, parent pulumi.Resource) error {
	role := permissions[identity.Observe].roles[""]
	if _, err := projects.NewIAMMember(ctx, name+"-observe", &projects.IAMMemberArgs{
		Project: pulumi.String(d.s.Project), Role: pulumi.String(role), Member: principal,
	}, d.under(parent)); err != nil {
		return fmt.Errorf("role %s: %w", role, err)
	}
	return nil
}

func (d *Driver) grant(
	ctx *pulumi.Context, name, role, service string, grant identity.Grant, principal pulumi.StringOutput, parent pulumi.Resource,
) error {
	project, given := pulumi.String(d.s.Project), pulumi.String(role)
	var err error
	switch grant.Action {
	case identity.Publish:
		_, err = pubsub.NewTopicIAMMember(ctx, name, &pubsub.TopicIAMMemberArgs{
			Project: project, Topic: grant.Resource, Role: given, Member: principal,
		}, d.under(parent))
	case identity.Consume:
		_, err = pubsub.NewSubscriptionIAMMember(ctx, name, &pubsub.SubscriptionIAMMemberArgs{
			Project: project, Subscription: grant.Resource, Role: given, Member: principal,
		}, d.under(parent))
	case identity.Read:
		_, err = secretmanager.NewSecretIamMember(ctx, name, &secretmanager.SecretIamMemberArgs{
			Project: project, SecretId: grant.Resource, Role: given, Member: principal,
		}, d.under(parent))
	case identity.Store:
		_, err = storage.NewBucketIAMMember(ctx, name, &storage.BucketIAMMemberArgs{
			Bucket: grant.Resource, Role: given, Member: principal,
		}, d.under(parent))
	case identity.ProveNames, identity.ManageRecords:
		if role == zoneReader {
			_, err = projects.NewIAMMember(ctx, name, &projects.IAMMemberArgs{Project: project, Role: given, Member: principal}, d.under(parent))
			break
		}
		_, err = dns.NewDnsManagedZoneIamMember(ctx, name, &dns.DnsManagedZoneIamMemberArgs{
			Project: project, ManagedZone: grant.Resource, Role: given, Member: principal,
		}, d.under(parent))
	default:
		_, err = projects.NewIAMMember(ctx, name, &projects.IAMMemberArgs{
			Project: project, Role: given, Member: principal,
			Condition: projects.IAMMemberConditionArgs{
				Title: pulumi.String(grant.Role), Expression: only(service, grant.Resource),
			},
		}, d.under(parent))
	}
	return err
}

// only is the condition that holds for one resource alone
// (https://cloud.google.com/iam/docs/conditions-resource-attributes).
func only(service string, resource pulumi.StringInput) pulumi.StringOutput {
	if service == "" {
		return pulumi.Sprintf(`resource.name == "%s"`, resource)
	}
	return pulumi.Sprintf(`resource.service == "%s" && resource.name == "%s"`, service, resource)
}
