package cloud_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"platform/tests/cloud"
)

func TestNoTokenHasTwoHooksOrAnswers(t *testing.T) {
	hooks := map[string]cloud.Hook{"a": {}}
	if _, _, err := cloud.Assemble("test", fstest.MapFS{}, []map[string]cloud.Hook{hooks, hooks}); err == nil || !strings.Contains(err.Error(), "two hooks for a") {
		t.Errorf("error is %v, want one that names the hook", err)
	}
	answers := map[string]cloud.Function{"a": nil}
	if _, err := cloud.MergeFunctions([]map[string]cloud.Function{answers, answers}); err == nil || !strings.Contains(err.Error(), "two answers to a") {
		t.Errorf("error is %v, want one that names the function", err)
	}
}
