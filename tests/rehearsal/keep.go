package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// Outputs prints the stack's outputs; secrets stay hidden.
func (e *Environment) Outputs(ctx context.Context, out io.Writer) error {
	outputs, err := e.stack.Auto.Outputs(ctx)
	if err != nil {
		return fmt.Errorf("outputs: %w", err)
	}
	shown := map[string]any{}
	for name, output := range outputs {
		if shown[name] = output.Value; output.Secret {
			shown[name] = "[secret]"
		}
	}
	raw, err := json.MarshalIndent(shown, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, string(raw))
	return err
}

// TakeDown ends a kept environment: whatever a dead run left is settled, protection is lowered in the
// copy of its file, everything is destroyed, and nothing may be left.
func (e *Environment) TakeDown(ctx context.Context) error {
	told, err := e.Recover(ctx)
	for _, line := range told {
		fmt.Fprintln(e.options.Out, line)
	}
	if err != nil {
		return err
	}
	file, err := os.ReadFile(e.StackFile())
	if err != nil {
		return err
	}
	if strings.Contains(string(file), protection) {
		if err := e.lower(ctx, file); err != nil {
			return err
		}
		if _, err := e.Apply(ctx); err != nil {
			return err
		}
	}
	if _, err := e.Destroy(ctx); err != nil {
		return err
	}
	return (&rehearsal{Environment: e, out: e.options.Out}).empty(ctx)
}
