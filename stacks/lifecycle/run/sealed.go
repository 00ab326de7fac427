package run

import (
	"context"
	"fmt"
)

// Sealed is the state as it is stored: secrets in it are encrypted with the stack's key. The Automation API only exports plain ones.
func (s *Stack) Sealed(ctx context.Context) ([]byte, error) {
	w := s.Auto.Workspace()
	var env []string
	for name, value := range w.GetEnvVars() {
		env = append(env, name+"="+value)
	}
	if home := w.PulumiHome(); home != "" {
		env = append(env, "PULUMI_HOME="+home)
	}
	out, told, _, err := w.PulumiCommand().Run(ctx, w.WorkDir(), nil, nil, nil, env, "stack", "export", "--stack", s.Environment)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, told)
	}
	return []byte(out), nil
}
