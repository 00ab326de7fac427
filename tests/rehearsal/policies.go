package rehearsal

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// BuildPolicies builds the policy pack into a folder and says where it is. The engine starts a command as it is,
// where it would compile a folder of Go anew for each preview. The pack needs no cloud's SDK, so that this takes
// seconds once and nothing after.
func BuildPolicies(ctx context.Context, dir string) (string, error) {
	command, err := filepath.Abs(filepath.Join(dir, "policies"))
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(command), 0o700); err != nil {
		return "", fmt.Errorf("make the policy pack's folder: %w", err)
	}
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", command, "platform/policies").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the policy pack (go build ./policies shows it alone): %w\n%s", err, out)
	}
	return command, nil
}
