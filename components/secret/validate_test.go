package secret_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/secret"
)

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	err := secret.Args{Service: "Pay", Name: "api key", HasValue: true}.Validate()
	want := `service: value "Pay": lower-case words joined by hyphens are allowed
name: value "api key": lower-case words joined by hyphens are allowed
identity: none is given: who may read the secret must be said
value: none is given though hasValue says so`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestASecretWithoutValueHasNoFault(t *testing.T) {
	err := secret.Args{Service: "payments", Name: "api-key", Identity: identity.Outputs{
		Principal: pulumi.String("arn:role/payments").ToStringOutput(),
	}}.Validate()
	if err != nil {
		t.Error(err)
	}
}
