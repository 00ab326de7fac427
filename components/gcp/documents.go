package gcp

import (
	"fmt"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/firestore"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/documents"
)

// documentCollection is the one collection of a service's documents.
const documentCollection = "documents"

// CreateDocuments builds a service's Firestore database, with an index for the key that tables have on all clouds:
// Firestore itself knows no key but a document's name.
func (d *Driver) CreateDocuments(
	ctx *pulumi.Context, name string, args documents.Args, parent pulumi.Resource,
) (documents.Outputs, error) {
	key, err := d.key(ctx, name+"-documents-key", "Documents of service "+args.Service, args.Tags,
		[]pulumi.StringInput{d.agent("firestore.googleapis.com")}, parent)
	if err != nil {
		return documents.Outputs{}, err
	}
	// Without a name the engine appends random text: a deleted database's name cannot be had again for five minutes
	// (https://cloud.google.com/firestore/docs/manage-databases#delete_a_database).
	database, err := firestore.NewDatabase(ctx, d.physical(KindFirestore, args.Service), d.documentArgs(args, key.ID),
		d.under(parent, key.Ready...))
	if err != nil {
		return documents.Outputs{}, fmt.Errorf("database: %w", err)
	}
	if _, err := firestore.NewIndex(ctx, name+"-index", &firestore.IndexArgs{
		Project: pulumi.String(d.s.Project), Database: database.Name, Collection: pulumi.String(documentCollection),
		Fields: firestore.IndexFieldArray{
			firestore.IndexFieldArgs{FieldPath: pulumi.String(documents.PartitionKey), Order: pulumi.String("ASCENDING")},
			firestore.IndexFieldArgs{FieldPath: pulumi.String(documents.SortKey), Order: pulumi.String("ASCENDING")},
		},
	}, d.under(parent)); err != nil {
		return documents.Outputs{}, fmt.Errorf("index: %w", err)
	}
	return documents.Outputs{Name: database.Name, ID: database.ID().ToStringOutput(), KeyID: key.ID}, nil
}

// documentArgs is all of the database but its name. The provider has no labels for it.
func (d *Driver) documentArgs(args documents.Args, key pulumi.StringInput) *firestore.DatabaseArgs {
	protection := "DELETE_PROTECTION_DISABLED"
	if args.DeleteProtection {
		protection = "DELETE_PROTECTION_ENABLED"
	}
	return &firestore.DatabaseArgs{
		Project: pulumi.String(d.s.Project), LocationId: pulumi.String(d.s.Region),
		Type:                          pulumi.String("FIRESTORE_NATIVE"),
		AppEngineIntegrationMode:      pulumi.String("DISABLED"),
		PointInTimeRecoveryEnablement: pulumi.String("POINT_IN_TIME_RECOVERY_ENABLED"),
		DeleteProtectionState:         pulumi.String(protection),
		// Without it the provider forgets the database instead of deleting it.
		DeletionPolicy: pulumi.String("DELETE"),
		CmekConfig:     firestore.DatabaseCmekConfigArgs{KmsKeyName: key},
	}
}

var _ documents.Driver = (*Driver)(nil)
