// Package aws is the simulated AWS: the rule tables in rules/, and hooks for what tables cannot say.
package aws

import (
	"embed"
	"slices"

	"platform/tests/cloud"
)

//go:embed rules/*.yaml
var tables embed.FS

// Release is the provider's version whose behaviour the rules describe.
const Release = "6.83.2"

// New makes the simulated AWS as one account sees it.
func New(account string) (*cloud.Table, error) {
	rules, hooks, err := cloud.Assemble("aws", tables, services)
	if err != nil {
		return nil, err
	}
	return cloud.NewTable(cloud.TableOptions{
		Package: "aws", Release: Release, Rules: rules, Hooks: hooks,
		Account: account, Partition: "aws", Config: config, Moves: []string{"region"}, Regions: regions,
		Admit:       func(inputs map[string]any) error { return admit(account, inputs) },
		DefaultTags: "defaultTags.tags", TagProperty: "tags", AllTags: "tagsAll",
	})
}

// admit refuses credentials of an account that the program does not mean.
func admit(account string, inputs map[string]any) error {
	if allowed, ok := inputs["allowedAccountIds"].([]any); ok && !slices.Contains(allowed, any(account)) {
		return cloud.Refuse("AccountNotAllowed", "the credentials are of account %s, allowed are %v", account, allowed)
	}
	if forbidden, ok := inputs["forbiddenAccountIds"].([]any); ok && slices.Contains(forbidden, any(account)) {
		return cloud.Refuse("AccountNotAllowed", "the credentials are of account %s, which is forbidden", account)
	}
	return nil
}

// config are the provider's own properties that the program may set
// (https://www.pulumi.com/registry/packages/aws/api-docs/provider/).
var config = map[string]*cloud.Property{
	"region":                    {Type: "string"},
	"allowedAccountIds":         {Type: "array", Items: &cloud.Property{Type: "string", Pattern: `^[0-9]{12}$`}},
	"forbiddenAccountIds":       {Type: "array", Items: &cloud.Property{Type: "string", Pattern: `^[0-9]{12}$`}},
	"skipCredentialsValidation": {Type: "bool"},
	"skipMetadataApiCheck":      {Type: "bool"},
	"skipRegionValidation":      {Type: "bool"},
	"skipRequestingAccountId":   {Type: "bool"},
	"version":                   {Type: "string"},
	"defaultTags": {Type: "object", Properties: map[string]*cloud.Property{
		"tags": {Type: "map", Items: &cloud.Property{Type: "string"}},
	}},
}

// regions are those enabled by default in every account
// (https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html).
var regions = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
	"ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
	"us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// services are the hooks of each service's file.
var services = []map[string]cloud.Hook{
	acmHooks,
	apigatewayv2Hooks,
	cloudtrailHooks,
	cloudwatchHooks,
	computeHooks,
	configHooks,
	ec2Hooks,
	eksHooks,
	kmsHooks,
	lbHooks,
	rdsHooks,
	route53Hooks,
	s3Hooks,
	secretsmanagerHooks,
	snsHooks,
	sqsHooks,
}
