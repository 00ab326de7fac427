package drift

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"platform/stacks/config"
	"platform/stacks/lifecycle/forge"
	"platform/stacks/lifecycle/inventory"
	"platform/stacks/lifecycle/run"
	"platform/stacks/lifecycle/written"
)

// Source opens the inventory of an environment's account.
type Source func(ctx context.Context, s config.Settings) (inventory.Inventory, error)

// Marker is how the one issue is found again.
const Marker = "<!-- lifecycle drift -->"

type options struct {
	stacks, format, api, repository string
	issue                           bool
	timeout                         time.Duration
}

// Command compares environments with what is there.
func Command(site func(stacks string, out io.Writer) run.Site, source Source, lookup func(string) (string, bool)) *cobra.Command {
	o := options{}
	c := &cobra.Command{
		Use:   "drift [ENV...]",
		Short: "Print what differs from what Git built, how bad it is, and whether an up puts it right",
		Long: `Compare environments (all of the folder, if none is named) with what is there, and change nothing: every resource is read by its
provider, and the cloud's own inventory is asked for things of the environment of which the state knows nothing. Each difference is told
with its severity, where the audit trail says who did it, and whether an up with a refresh puts it right:

  low     tags, labels, descriptions
  high    anything else that changed; what is gone and can be made anew; what somebody made by hand
  urgent  what cannot be brought back is gone; something lets everybody in; something protects no more

With --issue one issue of the repository, or one of the environments that are named, is opened, updated, or closed if nothing differs
any more. The token comes from
GITHUB_TOKEN, the repository from --repo or GITHUB_REPOSITORY, the address of the API from --api or GITHUB_API_URL.

Exit status: 0 if nothing differs; 1 after an error, or if an environment could not be compared; 3, 4, 5 for the worst that was found:
low, high, urgent.`,
		Example: `  lifecycle drift dev-aws
  lifecycle drift --format json prod-aws prod-azure prod-gcp
  GITHUB_TOKEN=... lifecycle drift --issue --repo example/platform`,
		RunE: func(cmd *cobra.Command, names []string) error {
			return o.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), site(o.stacks, io.Discard), source, lookup, names)
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.format, "format", "text", "one of "+strings.Join(written.Formats, ", "))
	flags.BoolVar(&o.issue, "issue", false, "open, update or close the one issue of this in the repository")
	flags.StringVar(&o.repository, "repo", "", "repository, as owner/name (GITHUB_REPOSITORY)")
	flags.StringVar(&o.api, "api", "", "address of the forge's API (GITHUB_API_URL, or "+forge.Public+")")
	flags.DurationVar(&o.timeout, "timeout", time.Hour, "for each environment")
	flags.StringVar(&o.stacks, "stacks", "stacks", "folder of the environments")
	flags.Bool("json", false, "the same as --format json")
	c.PreRun = func(cmd *cobra.Command, _ []string) {
		if json, _ := cmd.Flags().GetBool("json"); json {
			o.format = "json"
		}
	}
	return c
}

func (o options) run(
	ctx context.Context, out, progress io.Writer, site run.Site, source Source, lookup func(string) (string, bool), names []string,
) error {
	if !slices.Contains(written.Formats, o.format) {
		return fmt.Errorf("--format: value %q: one of %v is allowed", o.format, written.Formats)
	}
	var err error
	named := names
	if len(names) == 0 {
		if names, err = config.Environments(os.DirFS(o.stacks)); err != nil {
			return err
		}
	}
	var on *forge.Forge
	if o.issue { // a fault in how it is asked for must not be found after an hour
		if on, err = o.forge(lookup); err != nil {
			return err
		}
	}
	var all Reports
	for _, name := range names {
		r, err := o.compare(ctx, progress, site, source, name)
		if err != nil {
			r.Error = err.Error()
		}
		all = append(all, r)
		if ctx.Err() != nil {
			break
		}
	}
	if err := all.Write(out, o.format); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if on != nil {
		if err := all.Tell(ctx, on, progress, named...); err != nil {
			return err
		}
	}
	if err := all.Err(); err != nil {
		return err
	}
	return all.Found()
}

func (o options) compare(ctx context.Context, out io.Writer, site run.Site, source Source, name string) (Report, error) {
	r := Report{Environment: name, Differences: []Difference{}}
	s, err := config.Stated(os.DirFS(o.stacks), name)
	if err != nil {
		return r, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, fmt.Errorf("not compared within --timeout %s", o.timeout))
	defer cancel()
	stack, err := site.Open(ctx, name)
	if err != nil {
		return r, err
	}
	i, err := source(ctx, s)
	if err != nil {
		return r, err
	}
	progress := run.NewProgress(out)
	stack.Watch = progress.Watch
	_, err = run.Run(ctx, progress, "drift", name, run.Stage{
		Name: "compare " + name, Expected: stack.Expected(ctx, "refresh"),
		Do: func(ctx context.Context, _ func(string, ...any)) (err error) {
			r, err = Find(ctx, stack, i, s)
			return err
		},
	})
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	return r, err
}

func (o options) forge(lookup func(string) (string, bool)) (*forge.Forge, error) {
	first := func(given, variable, otherwise string) string {
		if given != "" {
			return given
		}
		if v, ok := lookup(variable); ok && v != "" {
			return v
		}
		return otherwise
	}
	return forge.New(first(o.api, "GITHUB_API_URL", forge.Public), first(o.repository, "GITHUB_REPOSITORY", ""), first("", "GITHUB_TOKEN", ""))
}

// Tell keeps the one issue. One that could not be compared keeps it open: nobody knows that nothing differs.
func (all Reports) Tell(ctx context.Context, on *forge.Forge, out io.Writer, named ...string) error {
	marker, of := markerOf(named)
	if all.Found() == nil && all.Err() == nil {
		at, err := on.CloseIssue(ctx, marker, all.Markdown())
		if err == nil && at != "" {
			fmt.Fprintln(out, "closed "+at)
		}
		return err
	}
	title := "What is there differs from what Git says: " + all.Worst().String()
	if all.Worst() == None {
		title = "What is there could not be compared with what Git says"
	}
	at, err := on.Issue(ctx, marker, title+of, all.Markdown())
	if err == nil {
		fmt.Fprintln(out, "told in "+at)
	}
	return err
}

// markerOf is of all environments, or of those that were named: a pipeline that compares each with its own account's credentials
// keeps an issue for each.
func markerOf(named []string) (marker, of string) {
	if len(named) == 0 {
		return Marker, ""
	}
	of = strings.Join(named, ", ")
	return fmt.Sprintf("<!-- lifecycle drift: %s -->", of), " (" + of + ")"
}
