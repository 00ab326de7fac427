package review

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"platform/stacks/lifecycle/status"
	"platform/stacks/lifecycle/written"
)

// Blocked is the exit status where a change must not be merged as it is.
const Blocked = status.Found

// BlockedError says why a change must not be merged as it is.
type BlockedError struct{ Why []string }

func (e BlockedError) Error() string { return strings.Join(e.Why, "; ") }

// Status is the command's exit status.
func (BlockedError) Status() int { return Blocked }

// formats are those of one review.
var formats = []string{"markdown", "json", "output"}

type options struct{ environment, events, preview, format, out, stacks string }

// Command tells what a change would do to one environment.
func Command(now func() time.Time) *cobra.Command {
	o := options{}
	c := &cobra.Command{
		Use:   "review",
		Short: "Tell what a change would do to an environment: what is lost, refused, replaced, and who may do more",
		Long: `Reads what one preview told, its events and its document, and tells what would be deleted, replaced, changed and created, things
that hold something first; what would be lost without a waiver; what the policies found; who may do more or less than before; and the time
that an up takes at least, by modelled durations. It shows no secret. A preview that failed is told as far as it went.

Exit status: 0; 1 after an error; 3 if the change must not be merged as it is: something would be lost without a waiver, a policy
refuses it, or the preview failed.`,
		Example: `  make review ENV=dev-aws
  pulumi preview --stack dev-aws --policy-pack bin/policies --json --show-sames --show-replacement-steps --event-log events.json > preview.json
  lifecycle review --environment dev-aws --events events.json --preview preview.json --report bin/reviews/dev-aws.json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.OutOrStdout(), now()) },
	}
	flags := c.Flags()
	flags.StringVar(&o.environment, "environment", "", "a stacks/Pulumi.<environment>.yaml")
	flags.StringVar(&o.events, "events", "", "`file` that pulumi preview --event-log wrote")
	flags.StringVar(&o.preview, "preview", "", "`file` that pulumi preview --json --show-sames --show-replacement-steps printed")
	flags.StringVar(&o.format, "format", "markdown", "what to print, one of "+strings.Join(formats, ", "))
	flags.StringVar(&o.out, "report", "", "`file` to which the review is written for lifecycle comment, as well")
	flags.StringVar(&o.stacks, "stacks", "stacks", "`folder` of the environments")
	for _, name := range []string{"environment", "events", "preview"} {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return c
}

func (o options) run(out io.Writer, today time.Time) error {
	if !slices.Contains(formats, o.format) {
		return fmt.Errorf("--format: value %q: one of %v is allowed", o.format, formats)
	}
	events, err := os.ReadFile(o.events)
	if err != nil {
		return fmt.Errorf("--events: %w", err)
	}
	digest, err := os.ReadFile(o.preview)
	if err != nil {
		return fmt.Errorf("--preview: %w", err)
	}
	r, err := Of(os.DirFS(o.stacks), o.environment, Told{events, digest}, today)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := written.JSON(&text, r); err != nil {
		return err
	}
	if o.out != "" {
		if err := os.MkdirAll(filepath.Dir(o.out), 0o755); err != nil {
			return fmt.Errorf("--report: %w", err)
		}
		if err := os.WriteFile(o.out, text.Bytes(), 0o644); err != nil {
			return fmt.Errorf("--report: %w", err)
		}
	}
	switch o.format {
	case "markdown":
		text.Reset()
		text.WriteString(Comment([]Report{r}, Change{}))
	case "output": // of a workflow's step
		text.Reset()
		fmt.Fprintf(&text, "changes=%d\n", len(r.Effects))
	}
	if _, err := out.Write(text.Bytes()); err != nil {
		return fmt.Errorf("write the review: %w", err)
	}
	if why := r.Blocking(); len(why) > 0 {
		return BlockedError{[]string{r.Environment + ": " + strings.Join(why, ", ")}}
	}
	return nil
}
