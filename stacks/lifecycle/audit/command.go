package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/spf13/cobra"

	"platform/stacks/config"
	"platform/stacks/lifecycle/given"
	"platform/stacks/lifecycle/written"
)

// Wider is the exit status where something was widened, or added with a flag.
const Wider = 3

// WiderError says that access grew in a way that somebody must look at.
type WiderError struct{ Count int }

func (e WiderError) Error() string {
	return fmt.Sprintf("widened, or added with a flag: %d; narrow each, or say in the pull request why it must be", e.Count)
}

// Status is the command's exit status.
func (WiderError) Status() int { return Wider }

type options struct{ environment, state, stack, preview, against, format, stacks string }

// Command prints who may do what in an environment.
func Command() *cobra.Command {
	o := options{}
	c := &cobra.Command{
		Use:   "audit",
		Short: "Print who may do what in an environment, and why",
		Long: `Print every identity and grant of an environment: who, what, where, under which condition, the line of the
catalogue or the part of the platform that asked for it, and flags:

  too-wide        a wildcard, an administrator's role, a whole project, subscription or group of resources
  unused          no line of the catalogue and no part of the platform needs it
  long-lived-key  a key that opens a door until somebody takes it back

What is not known before an up is shown as unknown, secrets never. With --against only what was added, removed or
widened is printed.

Exit status: 0; 1 after an error; 3 if --against found something widened, or added with a flag.`,
		Example: `  lifecycle audit --stack prod-aws
  pulumi stack export --stack prod-aws | lifecycle audit --environment prod-aws --state -
  pulumi preview --stack prod-aws --json --show-sames > preview.json
  lifecycle audit --environment prod-aws --preview preview.json --against origin/main --format markdown`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), c.OutOrStdout(), c.InOrStdin()) },
	}
	flags := c.Flags()
	flags.StringVar(&o.environment, "environment", "", "a stacks/Pulumi.<environment>.yaml, whose settings say why (the stack's own if --stack is given)")
	flags.StringVar(&o.state, "state", "", "a state as pulumi stack export writes it; - is the standard input")
	flags.StringVar(&o.stack, "stack", "", "read the state of this stack")
	flags.StringVar(&o.preview, "preview", "", "a preview as pulumi preview --json --show-sames writes it; - is the standard input")
	flags.StringVar(&o.against, "against", "", "a state file, or a commit whose docs/access/<environment>.json is compared with")
	flags.StringVar(&o.format, "format", "text", "one of "+strings.Join(written.Formats, ", "))
	flags.StringVar(&o.stacks, "stacks", "stacks", "folder of the environments")
	c.MarkFlagsMutuallyExclusive("state", "stack", "preview")
	c.MarkFlagsOneRequired("state", "stack", "preview")
	return c
}

func (o options) run(ctx context.Context, out io.Writer, in io.Reader) error {
	if !slices.Contains(written.Formats, o.format) {
		return fmt.Errorf("--format: value %q: one of %v is allowed", o.format, written.Formats)
	}
	if o.environment == "" {
		o.environment = o.stack
	}
	if o.environment == "" {
		return fmt.Errorf("--environment: missing: it names the stacks/Pulumi.<environment>.yaml whose settings say why")
	}
	s, err := config.Stated(os.DirFS(o.stacks), o.environment)
	if err != nil {
		return err
	}
	r, err := o.read(ctx, in, s)
	if err != nil {
		return err
	}
	if o.against == "" {
		return r.Write(out, o.format)
	}
	before, err := o.before(ctx, s)
	if err != nil {
		return fmt.Errorf("--against %s: %w", o.against, err)
	}
	changes := Difference(before, r)
	if err := WriteDifference(out, o.environment, changes, o.format); err != nil {
		return err
	}
	count := 0
	for _, c := range changes {
		if c.Alarming() {
			count++
		}
	}
	if count > 0 {
		return WiderError{count}
	}
	return nil
}

func (o options) read(ctx context.Context, in io.Reader, s config.Settings) (Report, error) {
	switch {
	case o.stack != "":
		stack, err := auto.SelectStackLocalSource(ctx, o.stack, ".")
		if err != nil {
			return Report{}, fmt.Errorf("stack %s: %w", o.stack, err)
		}
		state, err := stack.Export(ctx)
		if err != nil {
			return Report{}, fmt.Errorf("state of stack %s: %w", o.stack, err)
		}
		return OfState(state.Deployment, s)
	case o.preview != "":
		raw, err := given.Read(o.preview, in)
		if err != nil {
			return Report{}, err
		}
		return OfPreview(raw, s)
	}
	raw, err := given.Read(o.state, in)
	if err != nil {
		return Report{}, err
	}
	return OfState(raw, s)
}

// before is the report of a state file, or the one that a commit holds.
func (o options) before(ctx context.Context, s config.Settings) (Report, error) {
	if raw, err := os.ReadFile(o.against); err == nil {
		return OfState(raw, s)
	}
	path := "docs/access/" + o.environment + ".json"
	cmd, stderr := exec.CommandContext(ctx, "git", "show", o.against+":./"+path), bytes.Buffer{}
	cmd.Stderr = &stderr
	raw, err := cmd.Output()
	if err != nil {
		return Report{}, fmt.Errorf("neither a file nor a commit with %s: %s", path, strings.TrimSpace(stderr.String()))
	}
	var r Report
	if err := json.Unmarshal(raw, &r); err != nil {
		return Report{}, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}
