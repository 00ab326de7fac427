package touched

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"platform/stacks/config"
)

// formats are how lists are printed: one a line, as JSON, or as the outputs of a workflow's step
// (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-output-parameter).
var formats = []string{"text", "json", "output"}

func list(out io.Writer, format, name string, all []string) error {
	var text string
	switch format {
	case "text":
		for _, each := range all {
			text += each + "\n"
		}
	default:
		raw, err := json.Marshal(all)
		if err != nil {
			return err
		}
		if text = string(raw) + "\n"; format == "output" {
			text = name + "=" + text
		}
	}
	_, err := io.WriteString(out, text)
	return err
}

// Command prints which environments a change touches.
func Command() *cobra.Command {
	var base, format, root string
	var rehearses bool
	c := &cobra.Command{
		Use:   "touched",
		Short: "Print which environments a change touches",
		Long: `Compares the commit that is checked out with where it left a base, and asks Go what each cloud's program is built from. An
environment's file touches that environment, a cloud's driver the environments on that cloud, what all share touches all, and what no program is
built from none: documents, tests, workflows. With --rehearsal the simulated clouds count as well.

Environments that live for hours are not among them, but with --rehearsal: nobody keeps one up.`,
		Example: `  lifecycle touched --base origin/main
  lifecycle touched --base origin/main --rehearsal --format json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !slices.Contains(formats, format) {
				return fmt.Errorf("--format: value %q: one of %v is allowed", format, formats)
			}
			environments, err := Environments(os.DirFS(filepath.Join(root, "stacks")))
			if err != nil {
				return err
			}
			if !rehearses {
				environments = Standing(environments)
			}
			changes, err := Since(c.Context(), root, base)
			if err != nil {
				return err
			}
			graphs, err := Read(c.Context(), root, environments, rehearses)
			if err != nil {
				return err
			}
			return list(c.OutOrStdout(), format, "environments", graphs.Touched(changes, environments))
		},
	}
	flags := c.Flags()
	flags.StringVar(&base, "base", "", "the `commit` or branch that the change is to be merged into")
	flags.BoolVar(&rehearses, "rehearsal", false, "which rehearsals it touches")
	flags.StringVar(&format, "format", "text", "one of "+strings.Join(formats, ", "))
	flags.StringVar(&root, "repository", ".", "its `folder`")
	if err := c.MarkFlagRequired("base"); err != nil {
		panic(err) // the flag is defined above
	}
	return c
}

// WavesCommand prints which environments are deployed after which.
func WavesCommand() *cobra.Command {
	var format, stacks string
	c := &cobra.Command{
		Use:   "waves",
		Short: "Print the environments that the pipeline keeps up, by the tier of their files",
		Long: `Prints the environments that the pipeline keeps up, those of each tier together, in the order in which a merge reaches them: ` +
			strings.Join(config.Tiers, ", ") + `.`,
		Example: `  lifecycle waves
  lifecycle waves --format output >> "$GITHUB_OUTPUT"`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !slices.Contains(formats, format) {
				return fmt.Errorf("--format: value %q: one of %v is allowed", format, formats)
			}
			environments, err := Environments(os.DirFS(stacks))
			if err != nil {
				return err
			}
			return printWaves(c.OutOrStdout(), format, Standing(environments))
		},
	}
	c.Flags().StringVar(&format, "format", "text", "one of "+strings.Join(formats, ", "))
	c.Flags().StringVar(&stacks, "stacks", "stacks", "`folder` of the environments")
	return c
}

func printWaves(out io.Writer, format string, environments []Environment) error {
	waves := map[string][]string{}
	for _, tier := range config.Tiers {
		waves[tier] = []string{}
	}
	for _, e := range environments {
		if waves[e.Tier] == nil {
			return fmt.Errorf("%s: config: %s: tier: value %q: one of %v is allowed", config.FileOf(e.Name), config.Key, e.Tier, config.Tiers)
		}
		waves[e.Tier] = append(waves[e.Tier], e.Name)
	}
	switch format {
	case "json":
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(waves)
	case "output":
		var inOrder [][]string
		for _, tier := range config.Tiers {
			inOrder = append(inOrder, waves[tier])
			if err := list(out, format, tier, waves[tier]); err != nil {
				return err
			}
		}
		return list(out, format, "environments", slices.Concat(inOrder...))
	}
	for _, tier := range config.Tiers {
		if _, err := fmt.Fprintf(out, "%s: %s\n", tier, strings.Join(waves[tier], " ")); err != nil {
			return err
		}
	}
	return nil
}
