package rehearsal_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"platform/tests/rehearsal"
)

// engine is the Pulumi command that `make test` names.
func engine(t *testing.T) *rehearsal.Engine {
	t.Helper()
	e, err := rehearsal.NamedEngine(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestEngineKnowsItsVersion(t *testing.T) {
	if got := engine(t).Version(); got.Major != 3 {
		t.Errorf("version is %s, want a 3.x", got)
	}
}

func TestEngineSaysWhatToDoWithoutPulumi(t *testing.T) {
	_, err := rehearsal.NewEngine(context.Background(), filepath.Join(t.TempDir(), "pulumi"))
	if err == nil || !strings.Contains(err.Error(), "make pulumi") {
		t.Errorf("error is %v, want one that names `make pulumi`", err)
	}
}

func TestRunReportsTheExitCodeAndWhatWasPrinted(t *testing.T) {
	home := t.TempDir()
	_, stderr, code, err := engine(t).Run(context.Background(), home, nil, nil, nil,
		[]string{"PULUMI_HOME=" + home, "PULUMI_BACKEND_URL=file://" + home}, "stack", "select", "absent")
	if err == nil || code == 0 {
		t.Fatalf("selecting a stack that is not there exits with %d and error %v", code, err)
	}
	if stderr == "" {
		t.Error("nothing was printed on the error stream")
	}
}
