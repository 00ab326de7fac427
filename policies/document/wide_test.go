package document_test

import (
	"testing"

	"platform/policies/document"
)

// Who looks at a group of resources, or at a subscription, changes nothing in it; everything else is on one resource.
func TestOnlyAReaderMayHaveAGroup(t *testing.T) {
	const subscription, group = "/subscriptions/1", "/subscriptions/1/resourceGroups/dns"
	const zone = group + "/providers/Microsoft.Network/dnsZones/example.com"
	const reader, writer = "/subscriptions/1/providers/Microsoft.Authorization/roleDefinitions/" + document.Reader, "writer"
	for _, test := range []struct {
		role, scope string
		wide        bool
	}{
		{reader, subscription, false}, {reader, "/providers/Microsoft.Management/managementGroups/all", true}, {reader, group, false}, {reader, zone, false},
		{writer, subscription, true}, {writer, group, true}, {writer, zone, false},
	} {
		if got := document.WideScope(test.role, test.scope); got != test.wide {
			t.Errorf("%s on %s: wide is %v, want %v", test.role, test.scope, got, test.wide)
		}
	}
}
