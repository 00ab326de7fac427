package guard

import (
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"platform/stacks/config"
	"platform/stacks/lifecycle/given"
)

// The formats of the report.
var formats = []string{"text", "json"}

// Command reads a preview and fails if something would be lost.
func Command() *cobra.Command {
	var stack, preview, format, stacks string
	c := &cobra.Command{
		Use:   "guard",
		Short: "Refuse an up that would replace or delete what cannot be brought back",
		Long: `Reads a preview and fails if a database, documents, a queue, topic, subscription, key, secret, network, cluster,
namespace, bucket or log would be replaced or deleted, unless the environment's file has a waiver for that very thing
which has not expired. What to do then: docs/runbooks/replacement.md.

Without --show-replacement-steps, what an earlier run replaced and did not delete any more is not in the JSON of a preview.

It exits with 0 if nothing is lost, and with 1 if something would be or the preview cannot be read to its end.`,
		Example: `  make preview ENV=dev-aws
  pulumi preview --stack dev-aws --json --show-replacement-steps > preview.json && lifecycle guard --stack dev-aws --preview preview.json
  pulumi preview --stack dev-aws --json --show-replacement-steps | lifecycle guard --stack dev-aws --preview - --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(formats, format) {
				return fmt.Errorf("--format %q: one of %v is allowed", format, formats)
			}
			from, err := given.Open(preview, cmd.InOrStdin())
			if err != nil {
				return fmt.Errorf("open the preview: %w", err)
			}
			defer func() { _ = from.Close() }()
			return run(cmd.OutOrStdout(), from, stacks, stack, format)
		},
	}
	flags := c.Flags()
	flags.StringVar(&stack, "stack", "", "`environment`: a stacks/Pulumi.<env>.yaml")
	flags.StringVar(&preview, "preview", "", "`file` that pulumi preview --json printed or --event-log wrote; - is the standard input")
	flags.StringVar(&format, "format", "text", "how to report, as text or json: `format`")
	flags.StringVar(&stacks, "stacks", "stacks", "`folder` of the environments")
	for _, name := range []string{"stack", "preview"} {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return c
}

func run(out io.Writer, from io.Reader, stacks, stack, format string) error {
	waivers, err := config.Waived(os.DirFS(stacks), stack)
	if err != nil {
		return err
	}
	p, err := Read(from)
	if err != nil {
		return err
	}
	if p.Stack != stack {
		return fmt.Errorf("the preview is of stack %s, not of %s", p.Stack, stack)
	}
	report := Judge(p, waivers, time.Now())
	text := report.Text()
	if format == "json" {
		if text, err = report.JSON(); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(out, text); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return report.Err()
}
