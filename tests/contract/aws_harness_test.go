package contract

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	driver "platform/components/aws"
	"platform/components/tags"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
	"platform/tests/world"
)

const account = "111122223333"

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "network", tags.Environment: "dev-aws",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

// open makes an environment in which build runs with the AWS driver and its provider.
func open(t *testing.T, build func(ctx *pulumi.Context, d *driver.Driver, opts ...pulumi.ResourceOption) error) *rehearsal.Environment {
	t.Helper()
	return start(t, onAWS, func(ctx *pulumi.Context) error {
		d := driver.New(driver.Settings{Environment: "dev-aws", Region: "eu-central-1", Account: account, Tags: owned})
		provider, err := d.Provider(ctx, "aws")
		if err != nil {
			return err
		}
		return build(ctx, d, pulumi.Providers(provider))
	})
}

// onAWS is where the contracts are proven on AWS.
var onAWS = world.Place{Cloud: "aws", Account: account, Zone: "Z0123456789CONTRACT0", Domain: "example.com"}

// lifecycle builds, finds nothing to change, destroys, finds nothing left, rebuilds the same.
func lifecycle(t *testing.T, e *rehearsal.Environment) []*cloud.Object {
	t.Helper()
	ctx := context.Background()
	run := func(step func(context.Context) (rehearsal.Changes, error)) rehearsal.Changes {
		t.Helper()
		changes, err := step(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return changes
	}
	run(e.Up)
	built := e.Cloud.Inventory()
	if c := run(e.Up); len(c) != 0 {
		t.Errorf("a second up changed %v", c)
	}
	if c := run(e.Refresh); len(c) != 0 {
		t.Errorf("a refresh found %v", c)
	}
	run(e.Destroy)
	for _, o := range cloud.Left(e.Cloud.Inventory()) {
		t.Errorf("left: %s", o)
	}
	run(e.Up)
	if d := cloud.Difference(built, e.Cloud.Inventory()); len(d) != 0 {
		t.Errorf("the rebuilt one differs:\n%s", strings.Join(d, "\n"))
	}
	return built
}
