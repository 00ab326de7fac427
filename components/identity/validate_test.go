package identity_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/internal/record"
)

func TestEveryFaultOfAnIdentityIsNamedAtOnce(t *testing.T) {
	err := identity.Args{Service: "Pay", Namespace: "", ServiceAccount: strings.Repeat("a", 64)}.Validate()
	if err == nil {
		t.Fatal("accepted")
	}
	for _, path := range []string{"service: ", "namespace: ", "serviceAccount: "} {
		if !strings.Contains(err.Error(), path) {
			t.Errorf("%q is not named in\n%v", path, err)
		}
	}
}

func TestEveryFaultOfRightsIsNamedAtOnce(t *testing.T) {
	err := identity.Args{Service: "payments", Namespace: "payments", ServiceAccount: "payments", Rights: identity.Rights{
		"topic-a": identity.Publish, "Topic": identity.Publish, "queue-b": "administer",
	}}.Validate()
	want := `rights.Topic: value "Topic": lower-case words joined by hyphens are allowed
rights.queue-b: value "administer": one of [publish consume read-write connect read store prove-names manage-records observe] is allowed`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// driver notes what it is told to give.
type driver struct{ given []identity.Grant }

func (*driver) CreateIdentity(*pulumi.Context, string, identity.Args, pulumi.Resource) (identity.Outputs, error) {
	name := pulumi.String("payments").ToStringOutput()
	return identity.Outputs{Principal: name, Name: name}, nil
}

func (d *driver) CreateGrants(_ *pulumi.Context, _ string, args identity.GrantsArgs, _ pulumi.Resource) error {
	d.given = args.Grants
	return nil
}

// give makes an identity with two rights, and gives it some.
func give(t *testing.T, roles ...string) ([]identity.Grant, error) {
	t.Helper()
	d := &driver{}
	_, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		made, err := identity.New(ctx, "identity-payments", d, identity.Args{
			Service: "payments", Namespace: "payments", ServiceAccount: "payments",
			Rights: identity.Rights{"topic-a": identity.Publish, "queue-b": identity.Consume},
		})
		if err != nil {
			return err
		}
		var on []identity.On
		for _, role := range roles {
			on = append(on, identity.On{Role: role})
		}
		return made.Give(ctx, on...)
	})
	return d.given, err
}

func TestEachRightIsGivenAsTheIdentityHasIt(t *testing.T) {
	given, err := give(t, "queue-b", "topic-a")
	if err != nil {
		t.Fatal(err)
	}
	if len(given) != 2 || given[0].Role != "queue-b" || given[0].Action != identity.Consume || given[1].Role != "topic-a" || given[1].Action != identity.Publish {
		t.Errorf("given is %v", given)
	}
}

func TestNothingIsGivenThatIsNoRightAndNoRightIsForgotten(t *testing.T) {
	given, err := give(t, "topic-a", "topic-a", "secret-c")
	want := `rights.topic-a: it is given twice; a right is on one resource
rights.secret-c: it is given but none of the identity's rights, which are [queue-b topic-a]
rights.queue-b: it is not given: say what it is on`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	if given != nil {
		t.Errorf("given is %v", given)
	}
}
