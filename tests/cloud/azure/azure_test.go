package azure_test

import (
	"testing"

	"platform/tests/cloud/azure"
)

const subscription = "11111111-2222-3333-4444-555555555555"

func TestTheTablesAreWhole(t *testing.T) {
	if _, err := azure.New(subscription); err != nil {
		t.Error(err)
	}
}
