package aws_test

import (
	"testing"

	"platform/tests/cloud/aws"
)

func TestTheTablesAreWhole(t *testing.T) {
	if _, err := aws.New("111122223333"); err != nil {
		t.Error(err)
	}
}
