// Package recovery is the verb that settles what a run left that died.
package recovery

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"platform/stacks/config"
	"platform/stacks/lifecycle/run"
	"platform/stacks/lifecycle/state"
	"platform/stacks/lifecycle/status"
)

// Finder opens what finds things in the account of an environment.
type Finder func(ctx context.Context, s config.Settings) (run.Finder, error)

// Command settles what a dead run left.
func Command(site func(stacks string, out io.Writer) run.Site, finder Finder, now func() time.Time) *cobra.Command {
	var stacks, format, copies string
	var dead, asJSON bool
	c := &cobra.Command{
		Use:   "recover ENV",
		Short: "Settle what a run left that died",
		Long: `Settle what a run left that died: each operation that was under way is looked for in the cloud's own inventory. What a create made is taken
into the state, what it did not make is made by the next up, and a refresh reads what became of the rest. A copy of the state is made first.

The lock of a run stays, and is told with its age, unless --dead says that the run is dead: make sure of that first.

Exit status: 0; 1 after an error, or if the stack is locked; 2 if it is refused.`,
		Example: `  lifecycle recover dev-aws
  lifecycle recover dev-aws --dead`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			if asJSON {
				format = "json"
			}
			s, err := config.Stated(os.DirFS(stacks), args[0])
			if err != nil {
				return status.Refuse(err)
			}
			stack, err := site(stacks, io.Discard).Open(ctx, args[0])
			if err != nil {
				return err
			}
			in, err := finder(ctx, s)
			if err != nil {
				return err
			}
			progress := run.NewProgress(cmd.ErrOrStderr())
			stack.Watch = progress.Watch
			store := state.Store{Folder: copies, Keep: state.Keep, Now: now}
			summary, err := run.Run(ctx, progress, "recover", args[0],
				run.Stage{Name: "backup", Do: func(ctx context.Context, say func(string, ...any)) error {
					at, err := store.Backup(ctx, stack)
					say("the state is kept in %s", at)
					return err
				}},
				run.Stage{Name: "recover", Do: func(ctx context.Context, say func(string, ...any)) error {
					if dead {
						if err := stack.Cancel(ctx); err != nil {
							return err
						}
						say("no lock is left")
					}
					told, err := stack.Recover(ctx, in)
					for _, line := range told {
						say("%s", line)
					}
					if len(told) == 0 && err == nil {
						say("nothing was under way")
					}
					return err
				}})
			if wrong := summary.Write(cmd.OutOrStdout(), format); err == nil {
				err = wrong
			}
			if err != nil {
				return fmt.Errorf("recover %s: %w", args[0], err)
			}
			return nil
		},
	}
	flags := c.Flags()
	flags.BoolVar(&dead, "dead", false, "the run that holds the lock is dead: take the lock away")
	flags.BoolVar(&asJSON, "json", false, "print the summary as JSON")
	flags.StringVar(&copies, "copies", state.Folder(), "folder of the copies of the state")
	flags.StringVar(&stacks, "stacks", "stacks", "folder of the environments")
	return c
}
