package objects_test

import (
	"strings"
	"testing"

	"platform/components/objects"
)

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	err := objects.Args{Purpose: "All Logs", Days: 4000}.Validate()
	for _, want := range []string{`purpose: value "All Logs"`, "days: value 4000: 1 to 3653 is allowed", `tags.team: value ""`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
}
