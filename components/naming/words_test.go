package naming_test

import (
	"testing"

	"platform/components/naming"
)

func TestIsKebab(t *testing.T) {
	for s, want := range map[string]bool{
		"orders": true, "order-placed": true, "erp2-bridge": true,
		"": false, "Orders": false, "-orders": false, "orders-": false, "order--placed": false, "order_placed": false, "2fa": false,
	} {
		if got := naming.IsKebab(s); got != want {
			t.Errorf("IsKebab(%q) is %t, want %t", s, got, want)
		}
	}
}
