package rehearsal_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/stacks/lifecycle/review"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

// reviewedRules are some types of which the policies, the guard, the audit and the modelled times each know something.
const reviewedRules = `
aws:ec2/vpc:Vpc:
  source: https://example.com/vpc
  id: "vpc-{hex:17}"
  properties:
    cidrBlock: {type: string, replace: true}
    tags: {type: map, items: {type: string}}
aws:rds/instance:Instance:
  source: https://example.com/instance
  id: "db-{hex:17}"
  properties:
    dbName: {type: string, replace: true}
    dbSubnetGroupName: {type: string}
    password: {type: string, secret: true}
    publiclyAccessible: {type: bool}
    storageEncrypted: {type: bool}
    allocatedStorage: {type: int}
    tags: {type: map, items: {type: string}}
aws:sqs/queue:Queue:
  source: https://example.com/queue
  id: "q-{hex:17}"
  properties:
    name: {type: string, replace: true}
    messageRetentionSeconds: {type: int}
aws:iam/role:Role:
  source: https://example.com/role
  id: "{name}"
  properties:
    name: {type: string, replace: true}
    assumeRolePolicy: {type: string}
aws:iam/rolePolicy:RolePolicy:
  source: https://example.com/role-policy
  id: "{role}:{name}"
  properties:
    name: {type: string, replace: true}
    role: {type: string, replace: true}
    policy: {type: string}
`

// hostile is a name that would speak as Markdown, or to people, if a review let it.
const hostile = "orders`|<!-- --> @everyone [here](https://example.com) **bold**"

// reviewedProgram builds a database on a network, queues, and who may read one of them. Later the database is another, public and
// with another password, a queue has gone, another keeps messages for longer, one has a name that is meant to harm, and whoever read
// one queue may do anything with all. A harmless change is of one tag.
func reviewedProgram(when *string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		harmful := *when == "change"
		provider := &toyProvider{}
		if err := ctx.RegisterResource("pulumi:providers:aws", "cloud", pulumi.Map{"region": pulumi.String("eu-central-1")}, provider); err != nil {
			return err
		}
		database := &toyComponent{}
		if err := ctx.RegisterComponentResource("platform:database:Database", "database-orders", database); err != nil {
			return err
		}
		one := func(typ, name string, props pulumi.Map, opts ...pulumi.ResourceOption) (pulumi.IDOutput, error) {
			r := &toyResource{}
			err := ctx.RegisterResource(typ, name, props, r, append(opts, pulumi.Provider(provider))...)
			return r.ID(), err
		}
		word := func(before, after string) pulumi.String {
			if harmful {
				return pulumi.String(after)
			}
			return pulumi.String(before)
		}
		team := "platform"
		if *when == "before" {
			team = "checkout"
		}
		network, err := one("aws:ec2/vpc:Vpc", "network", pulumi.Map{"cidrBlock": pulumi.String("10.16.0.0/16"), "tags": pulumi.StringMap{"team": pulumi.String(team)}})
		if err != nil {
			return err
		}
		role, err := one("aws:iam/role:Role", "reader", pulumi.Map{"name": pulumi.String("dev-aws-reader"), "assumeRolePolicy": pulumi.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)})
		if err != nil {
			return err
		}
		queues := []string{"orders", "settled", "parcels"}
		if harmful {
			queues = []string{"orders", hostile, "parcels"}
		}
		for _, name := range queues {
			if _, err := one("aws:sqs/queue:Queue", name, pulumi.Map{"name": pulumi.String("dev-aws-" + strings.Fields(name)[0]), "messageRetentionSeconds": pulumi.Int(len(word("a", "bb")))}); err != nil {
				return err
			}
		}
		const document = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["%s"],"Resource":["%s"]}]}`
		const queue = "arn:aws:sqs:eu-central-1:111122223333:dev-aws-orders"
		if _, err := one("aws:iam/rolePolicy:RolePolicy", "reader-policy", pulumi.Map{"name": pulumi.String("reads"), "role": role, "policy": word(
			fmt.Sprintf(document, "sqs:ReceiveMessage", queue), fmt.Sprintf(document, "sqs:*", "*"))}); err != nil {
			return err
		}
		_, err = one("aws:rds/instance:Instance", "database-orders-server", pulumi.Map{
			"dbName": word("app", "orders"), "dbSubnetGroupName": network, "password": pulumi.ToSecret(word(planted, planted+"2")),
			"publiclyAccessible": pulumi.Bool(harmful), "storageEncrypted": pulumi.Bool(true), "allocatedStorage": pulumi.Int(20),
		}, pulumi.Parent(database))
		return err
	}
}

type toyComponent struct{ pulumi.ResourceState }

// reviewer is a command that also writes what a preview tells a review, with the flags by which the Makefile asks for it.
const reviewer = `#!/bin/sh
if [ "$1" = preview ]; then
  PULUMI_DEBUG_COMMANDS=true %[1]s "$@" --json --show-sames --show-replacement-steps --event-log %[2]s/events.json > %[2]s/digest.json
fi
exec %[1]s "$@"
`

// reviewDay is the day on which reviews are made here: a proposed waiver ends a week after it.
var reviewDay = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// reviewed is where the review's own tests find what the command told.
const reviewed = "../../stacks/lifecycle/review/testdata"

// TestAReviewReadsWhatTheCommandTells previews a harmless change, and one that is not, judged by the policies and not, and reads what the real command told.
// UPDATE_GOLDEN=1 records it anew.
func TestAReviewReadsWhatTheCommandTells(t *testing.T) {
	ctx, dir, when := context.Background(), t.TempDir(), "before"
	engine, pkg := recording(t, dir, reviewer), fewTypes(t, reviewedRules)
	pack, err := rehearsal.BuildPolicies(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	open := func(policies string) *rehearsal.Environment {
		e, err := rehearsal.Open(ctx, rehearsal.Options{
			Project: "platform", Stack: "dev-aws", StackFile: "../../stacks/Pulumi.dev-aws.yaml", Program: reviewedProgram(&when), Engine: engine,
			Packages: []cloud.Package{pkg}, Dir: filepath.Join(dir, "e"), Out: &bytes.Buffer{}, Policies: policies,
		})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := open("")
	must(t)(e.Apply(ctx))
	for _, preview := range []struct{ name, when, policies string }{
		{"harmless", "harmless", ""}, {"change", "change", ""}, {"refused", "change", pack},
	} {
		name := preview.name
		when = preview.when
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		e = open(preview.policies)
		if _, err := e.Preview(ctx); (err == nil) != (name == "harmless") {
			t.Errorf("%s: the preview says %v", name, err)
		}
		for _, form := range []string{"events", "digest"} {
			raw, err := os.ReadFile(filepath.Join(dir, form+".json"))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(raw, []byte(planted)) {
				t.Errorf("%s: the %s show a secret", name, form)
			}
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(filepath.Join(reviewed, name+"-"+form+".json"), scrub(t, raw), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		told := reviewOf(t, dir, "")
		if kept := reviewOf(t, reviewed, name+"-"); told != kept {
			t.Errorf("%s: the review is\n%s\nof what was recorded it is\n%s", name, told, kept)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

func reviewOf(t *testing.T, folder, prefix string) string {
	t.Helper()
	read := func(form string) []byte {
		raw, err := os.ReadFile(filepath.Join(folder, prefix+form+".json"))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	report, err := review.Of(os.DirFS("../../stacks"), "dev-aws", review.Told{Events: read("events"), Digest: read("digest")}, reviewDay)
	if err != nil {
		t.Fatal(err)
	}
	return review.Comment([]review.Report{report}, review.Change{})
}
