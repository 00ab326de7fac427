package aws

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cfg"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/aws/promise"
	"platform/components/guardrails"
)

const configService = "config.amazonaws.com"

// packBytes is how long the template of a conformance pack may be
// (https://docs.aws.amazon.com/config/latest/APIReference/API_PutConformancePack.html).
const packBytes = 51200

// CreateGuardrails records what is in the account and watches it by one pack of rules. The account has one recorder
// in the region, which writes to a bucket of its own.
func (d *Driver) CreateGuardrails(
	ctx *pulumi.Context, name string, args guardrails.Args, parent pulumi.Resource,
) (guardrails.Outputs, error) {
	template, err := packTemplate(args)
	if err != nil {
		return guardrails.Outputs{}, err
	}
	running, err := d.configRecorder(ctx, name, args, parent)
	if err != nil {
		return guardrails.Outputs{}, err
	}
	// All rules are in the pack: they come, change and go as one, nobody edits them by hand, and the pack has one
	// score. The rule beside the pack would be evaluated, and paid, a second time.
	if _, err := cfg.NewConformancePack(ctx, name+"-pack", &cfg.ConformancePackArgs{
		Name: pulumi.String(d.physical(KindPack, "promises")), TemplateBody: pulumi.String(template),
	}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{running})); err != nil {
		return guardrails.Outputs{}, fmt.Errorf("conformance pack: %w", err)
	}
	clauses := pulumi.StringMap{}
	for _, c := range promise.Table.For(args) {
		clauses[c.Name] = pulumi.String(c.ID)
	}
	return guardrails.Outputs{Clauses: clauses}, nil
}

// configRecorder registers the recorder, and where it delivers to, and starts it: without a channel it does not start
// (https://docs.aws.amazon.com/config/latest/APIReference/API_StartConfigurationRecorder.html).
func (d *Driver) configRecorder(
	ctx *pulumi.Context, name string, args guardrails.Args, parent pulumi.Resource,
) (pulumi.Resource, error) {
	role, err := iam.NewServiceLinkedRole(ctx, name+"-role", &iam.ServiceLinkedRoleArgs{
		AwsServiceName: pulumi.String(configService), Tags: tagMap(args.Tags, name+"-role"),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("role of the recorder: %w", err)
	}
	key, err := d.key(ctx, name+"-key", "What AWS Config records", args.Tags, []statement{d.configKeyStatement()}, parent)
	if err != nil {
		return nil, err
	}
	bucket, ready, err := d.bucket(ctx, name+"-records", privateBucket{
		purpose: "what is recorded", key: key.Arn, tags: args.Tags,
		// The service itself keeps what it recorded for seven years; these are copies
		// (https://docs.aws.amazon.com/config/latest/developerguide/delete-config-data-with-retention-period.html).
		empties: !args.DeleteProtection, statements: d.configBucketStatements,
	}, parent)
	if err != nil {
		return nil, err
	}
	recorder, err := cfg.NewRecorder(ctx, name+"-recorder", &cfg.RecorderArgs{
		Name: pulumi.String(d.physical(KindRecorder, "all")), RoleArn: role.Arn,
		RecordingGroup: cfg.RecorderRecordingGroupArgs{
			// What has no region is recorded here too: an environment is in one region.
			AllSupported: pulumi.Bool(true), IncludeGlobalResourceTypes: pulumi.Bool(true),
		},
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("recorder: %w", err)
	}
	channel, err := cfg.NewDeliveryChannel(ctx, name+"-channel", &cfg.DeliveryChannelArgs{
		Name: pulumi.String(d.physical(KindRecorder, "all")), S3BucketName: bucket.Bucket, S3KmsKeyArn: key.Arn.ToStringPtrOutput(),
		SnapshotDeliveryProperties: cfg.DeliveryChannelSnapshotDeliveryPropertiesArgs{DeliveryFrequency: pulumi.String("TwentyFour_Hours")},
	}, pulumi.Parent(parent), pulumi.DependsOn(append(ready, recorder)))
	if err != nil {
		return nil, fmt.Errorf("delivery channel: %w", err)
	}
	running, err := cfg.NewRecorderStatus(ctx, name+"-running", &cfg.RecorderStatusArgs{
		Name: recorder.Name, IsEnabled: pulumi.Bool(true),
	}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{channel}))
	if err != nil {
		return nil, fmt.Errorf("start of the recorder: %w", err)
	}
	return running, nil
}

// ofThisAccount keeps a service from acting for somebody else's account
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html).
func (d *Driver) ofThisAccount() condition {
	return condition{Operator: "StringEquals", Key: "aws:SourceAccount", Values: texts(d.s.Account)}
}

// configKeyStatement lets AWS Config encrypt what it delivers
// (https://docs.aws.amazon.com/config/latest/developerguide/s3-kms-key-policy.html).
func (d *Driver) configKeyStatement() statement {
	return statement{
		Sid: "Config", Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: texts("*"),
		Principals: map[string][]pulumi.StringInput{principalService: texts(configService)},
		Conditions: []condition{d.ofThisAccount()},
	}
}

// configBucketStatements let AWS Config look at its bucket and write to its own place in it
// (https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-policy.html).
func (d *Driver) configBucketStatements(bucket *s3.BucketV2) []statement {
	service := map[string][]pulumi.StringInput{principalService: texts(configService)}
	return []statement{
		{
			Sid: "ConfigLooks", Actions: []string{"s3:GetBucketAcl", "s3:ListBucket"}, Resources: []pulumi.StringInput{bucket.Arn},
			Principals: service, Conditions: []condition{d.ofThisAccount()},
		},
		{
			Sid: "ConfigWrites", Actions: []string{"s3:PutObject"},
			Resources:  []pulumi.StringInput{pulumi.Sprintf("%s/AWSLogs/%s/Config/*", bucket.Arn, d.s.Account)},
			Principals: service,
			Conditions: []condition{d.ofThisAccount(), {Operator: "StringEquals", Key: "s3:x-amz-acl", Values: texts("bucket-owner-full-control")}},
		},
	}
}

// packTemplate writes the rules as a conformance pack reads them: JSON, which is YAML too
// (https://docs.aws.amazon.com/config/latest/developerguide/custom-conformance-pack.html).
func packTemplate(args guardrails.Args) (string, error) {
	type source struct{ Owner, SourceIdentifier string }
	type properties struct {
		ConfigRuleName  string
		Description     string
		InputParameters map[string]any `json:",omitempty"`
		Source          source
	}
	type rule struct {
		Type       string
		Properties properties
	}
	resources := map[string]rule{}
	for _, c := range promise.Table.For(args) {
		p := properties{ConfigRuleName: c.Name, Description: "Promise: " + c.Rule, Source: source{"AWS", c.ID}}
		if c.Parameters != nil {
			p.InputParameters = c.Parameters(args)
		}
		resources[logicalID(c.ID)] = rule{"AWS::Config::ConfigRule", p}
	}
	raw, err := json.Marshal(map[string]any{"Resources": resources})
	if err != nil {
		return "", fmt.Errorf("template of the conformance pack: %w", err)
	}
	if len(raw) > packBytes {
		return "", fmt.Errorf("the template of the conformance pack has %d bytes, %d are allowed", len(raw), packBytes)
	}
	return string(raw), nil
}

// logicalID is a rule's name in the template, where letters and digits alone are allowed.
func logicalID(id string) string {
	out := make([]rune, 0, len(id))
	for _, letter := range id {
		if letter != '_' {
			out = append(out, letter)
		}
	}
	return string(out)
}

var _ guardrails.Driver = (*Driver)(nil)
