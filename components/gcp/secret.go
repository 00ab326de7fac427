package gcp

import (
	"fmt"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/secretmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/secret"
)

// CreateSecret builds a Secret Manager secret, and its first version if there is a value. Its reader is let in by a
// grant; nobody else is.
func (d *Driver) CreateSecret(
	ctx *pulumi.Context, name string, args secret.Args, parent pulumi.Resource,
) (secret.Outputs, error) {
	key, err := d.key(ctx, name+"-key", "Secret "+args.Name+" of service "+args.Service, args.Tags,
		[]pulumi.StringInput{d.agent("secretmanager.googleapis.com")}, parent)
	if err != nil {
		return secret.Outputs{}, err
	}
	container, err := secretmanager.NewSecret(ctx, name+"-secret", d.secretArgs(args, key.ID), d.under(parent, key.Ready...))
	if err != nil {
		return secret.Outputs{}, err
	}
	if args.HasValue {
		if _, err := secretmanager.NewSecretVersion(ctx, name+"-value", &secretmanager.SecretVersionArgs{
			Secret: container.ID(), SecretData: args.Value,
		}, d.under(parent)); err != nil {
			return secret.Outputs{}, fmt.Errorf("value: %w", err)
		}
	}
	return secret.Outputs{
		ID: container.ID().ToStringOutput(), KeyID: key.ID, Store: d.secretStore(args.Identity), Key: container.SecretId,
	}, nil
}

// secretStore opens the project's secrets as the account that the pods' account names; it says which cluster's token
// is exchanged, since the controller would ask the machine's metadata for it
// (https://external-secrets.io/v1.3.2/provider/google-secrets-manager/#explicitly-specifying-the-gke-clusters-name-and-location).
func (d *Driver) secretStore(reader identity.Outputs) pulumi.Map {
	return pulumi.Map{"gcpsm": pulumi.Map{
		"projectID": pulumi.String(d.s.Project),
		"auth": pulumi.Map{"workloadIdentity": pulumi.Map{
			"clusterProjectID": pulumi.String(d.s.Project), "clusterLocation": pulumi.String(d.s.Region),
			"clusterName":       reader.Details[detailCluster],
			"serviceAccountRef": pulumi.Map{"name": pulumi.String(reader.ServiceAccount)},
		}},
	}}
}

// secretArgs keeps the secret in the region alone: left to itself it would be copied to others.
func (d *Driver) secretArgs(args secret.Args, key pulumi.StringInput) *secretmanager.SecretArgs {
	return &secretmanager.SecretArgs{
		Project: pulumi.String(d.s.Project), SecretId: pulumi.String(d.physical(KindSecret, args.Service, args.Name)),
		Replication: secretmanager.SecretReplicationArgs{
			UserManaged: secretmanager.SecretReplicationUserManagedArgs{
				Replicas: secretmanager.SecretReplicationUserManagedReplicaArray{
					secretmanager.SecretReplicationUserManagedReplicaArgs{
						Location:                  pulumi.String(d.s.Region),
						CustomerManagedEncryption: secretmanager.SecretReplicationUserManagedReplicaCustomerManagedEncryptionArgs{KmsKeyName: key},
					},
				},
			},
		},
		Labels: labelMap(args.Tags),
	}
}

var _ secret.Driver = (*Driver)(nil)
