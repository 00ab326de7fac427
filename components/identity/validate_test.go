package identity_test

import (
	"strings"
	"testing"

	"platform/components/identity"
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

func TestEveryFaultOfGrantsIsNamedAtOnce(t *testing.T) {
	err := identity.GrantsArgs{Service: "payments", Grants: []identity.Grant{
		{Role: "topic-a", Action: identity.Publish}, {Role: "topic-a", Action: identity.Publish}, {Role: "queue-b", Action: "administer"},
	}}.Validate()
	want := `grants.topic-a.role: value "topic-a": it is given twice; one grant for each role is allowed
grants.queue-b.action: value "administer": one of [publish consume read-write connect read prove-names manage-records observe] is allowed`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestValidGrantsHaveNoFault(t *testing.T) {
	err := identity.GrantsArgs{Service: "payments", Grants: []identity.Grant{{Role: "topic-a", Action: identity.Publish}}}.Validate()
	if err != nil {
		t.Error(err)
	}
}
