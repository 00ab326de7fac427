package aws

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/dynamodb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/documents"
)

// CreateDocuments builds a service's DynamoDB table. DynamoDB uses the key on behalf of who creates
// the table, through grants that it makes itself, so the key needs no statement for the service
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html).
func (d *Driver) CreateDocuments(
	ctx *pulumi.Context, name string, args documents.Args, parent pulumi.Resource,
) (documents.Outputs, error) {
	key, err := d.key(ctx, name+"-documents-key", "Documents of service "+args.Service, args.Tags, nil, parent)
	if err != nil {
		return documents.Outputs{}, err
	}
	table, err := dynamodb.NewTable(ctx, name+"-table", d.tableArgs(args, key.Arn), pulumi.Parent(parent))
	if err != nil {
		return documents.Outputs{}, fmt.Errorf("table: %w", err)
	}
	return documents.Outputs{Name: table.Name, ID: table.Arn, KeyID: key.Arn}, nil
}

func (d *Driver) tableArgs(args documents.Args, key pulumi.StringInput) *dynamodb.TableArgs {
	name := d.physical(KindTable, args.Service)
	return &dynamodb.TableArgs{
		Name: pulumi.String(name),
		// No capacity to plan, and nothing to pay while nobody reads.
		BillingMode: pulumi.String("PAY_PER_REQUEST"),
		HashKey:     pulumi.String(documents.PartitionKey),
		RangeKey:    pulumi.String(documents.SortKey),
		// DynamoDB refuses attributes that no key or index uses.
		Attributes: dynamodb.TableAttributeArray{
			dynamodb.TableAttributeArgs{Name: pulumi.String(documents.PartitionKey), Type: pulumi.String("S")},
			dynamodb.TableAttributeArgs{Name: pulumi.String(documents.SortKey), Type: pulumi.String("S")},
		},
		ServerSideEncryption:      dynamodb.TableServerSideEncryptionArgs{Enabled: pulumi.Bool(true), KmsKeyArn: key.ToStringOutput().ToStringPtrOutput()},
		PointInTimeRecovery:       dynamodb.TablePointInTimeRecoveryArgs{Enabled: pulumi.Bool(true)},
		DeletionProtectionEnabled: pulumi.Bool(args.DeleteProtection),
		Tags:                      tagMap(args.Tags, name),
	}
}

var _ documents.Driver = (*Driver)(nil)
