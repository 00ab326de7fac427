package rebuild

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"platform/stacks/config"
	"platform/stacks/lifecycle/inventory"
	"platform/stacks/lifecycle/preflight"
	"platform/stacks/lifecycle/run"
	"platform/stacks/lifecycle/state"
	"platform/stacks/lifecycle/status"
)

// Tools are what a rebuild needs from outside.
type Tools struct {
	Site   func(stacks, policies string, out io.Writer) run.Site
	Source func(ctx context.Context, s config.Settings) (inventory.Inventory, error)
	Finder func(ctx context.Context, s config.Settings) (run.Finder, error)
	Ask    preflight.Ask
	Now    func() time.Time
}

type options struct {
	stacks, repository, policies, confirmed, copies string
	settle, every                                   time.Duration
	budgets                                         Budgets
	asJSON, verbose                                 bool
}

// Command rebuilds an environment.
func Command(tools Tools) *cobra.Command {
	o := options{}
	c := &cobra.Command{
		Use:   "rebuild ENV",
		Short: "Take an environment down, prove that nothing is left, build it again from Git, and compare",
		Long: `Take an environment down and build it again from Git:

  recover  what an interrupted run left is settled, after the state was copied
  record   what the state and the cloud's own inventory have
  preview  Git can build it: the program runs, and the policies let it pass; nothing was deleted until here
  destroy
  empty    the inventory has nothing of the environment, by tag and by reference; it is asked again until --settle is over
  up
  compare  resources, outputs and what the inventory lists are what they were, but for what the cloud generates

It is refused from a dirty tree, with credentials of another account, and for a protected environment without its name typed and a
waiver. A budget that is not given is twice the modelled time of the stage and a quarter of an hour.

Exit status: 0 if the environment is what it was; 1 after an error; 2 if it is refused; 3 if something is left, if what was built
differs, or if a stage took longer than its budget; 130 if it was interrupted: the next rebuild finishes it.`,
		Example: `  lifecycle rebuild staging-aws
  lifecycle rebuild staging-aws --budget-destroy 45m --budget-up 1h --json
  lifecycle rebuild prod-aws --confirm prod-aws`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), tools, cmd.OutOrStdout(), cmd.ErrOrStderr(), args[0])
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.confirmed, "confirm", "", "the environment's name, typed out, where it is protected")
	flags.DurationVar(&o.budgets.Destroy, "budget-destroy", 0, "how long the destroy may take")
	flags.DurationVar(&o.budgets.Up, "budget-up", 0, "how long the up may take")
	flags.DurationVar(&o.settle, "settle", 20*time.Minute, "for how long the inventory may still list what was deleted")
	flags.DurationVar(&o.every, "every", 30*time.Second, "how often it is asked meanwhile")
	flags.BoolVar(&o.asJSON, "json", false, "print the summary as JSON")
	flags.BoolVar(&o.verbose, "verbose", false, "show Pulumi's own progress, too")
	flags.StringVar(&o.policies, "policies", "bin/policies", "the policy pack's command or folder")
	flags.StringVar(&o.copies, "copies", state.Folder(), "folder of the copies of the state")
	flags.StringVar(&o.stacks, "stacks", "stacks", "folder of the environments")
	flags.StringVar(&o.repository, "repository", ".", "folder of the repository")
	return c
}

func (o options) run(ctx context.Context, tools Tools, out, progress io.Writer, environment string) error {
	s, err := config.Stated(os.DirFS(o.stacks), environment)
	if err != nil {
		return status.Refuse(err)
	}
	if o.every <= 0 || o.settle < 0 || o.budgets.Destroy < 0 || o.budgets.Up < 0 {
		return status.Refuse(fmt.Errorf("--every must be more than 0s, and --settle and budgets not less"))
	}
	if err := (preflight.Checks{
		Settings: s, Kind: preflight.Destroy, Confirmed: o.confirmed, Repository: o.repository, Ask: tools.Ask, Now: tools.Now(),
		Say: func(format string, args ...any) { fmt.Fprintf(progress, format+"\n", args...) },
	}).Pass(ctx); err != nil {
		return err
	}
	shown := io.Discard
	if o.verbose {
		shown = progress
	}
	stack, err := tools.Site(o.stacks, o.policies, shown).Open(ctx, environment)
	if err != nil {
		return err
	}
	i, err := tools.Source(ctx, s)
	if err != nil {
		return err
	}
	finder, err := tools.Finder(ctx, s)
	if err != nil {
		return err
	}
	store := state.Store{Folder: o.copies, Keep: state.Keep, Now: tools.Now}
	summary, err := (&Rebuild{
		Stack: stack, Inventory: i, Finder: finder, Progress: run.NewProgress(progress), Budgets: o.budgets, Settle: o.settle, Every: o.every,
		Backup: func(ctx context.Context) (string, error) { return store.Backup(ctx, stack) },
	}).Run(ctx)
	format := "text"
	if o.asJSON {
		format = "json"
	}
	if wrong := summary.Write(out, format); err == nil {
		err = wrong
	}
	return err
}
