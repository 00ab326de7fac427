package orphans

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"platform/stacks/config"
	"platform/stacks/lifecycle/inventory"
	"platform/stacks/lifecycle/run"
	"platform/stacks/lifecycle/status"
)

// Source opens the inventory of the account of an environment.
type Source func(ctx context.Context, s config.Settings) (inventory.Inventory, error)

// Command ends what a cluster left that is gone.
func Command(site func(stacks string, out io.Writer) run.Site, source Source) *cobra.Command {
	var stacks string
	var settle, every time.Duration
	var again bool
	c := &cobra.Command{
		Use:   "orphans ENV",
		Short: "End what a cluster left in its cloud that is gone",
		Long: `End what the controllers in a cluster made in its cloud, once the cluster is gone: machines, disks and load balancers of one that did not
answer while it was destroyed. They cost money, and a network that they are in cannot go: destroy once more after it.

While the cluster is in the state nothing is done. A thing is an orphan if it bears the environment's tags and those by which controllers say
in which cluster they are, and that cluster is not listed; on Google Cloud, where parts of load balancers bear none, also what is named as
its controllers name them, in a project without any cluster. On Azure a cluster takes everything along. make destroy, rebuild and reap do it by themselves.

Exit status: 0, also if there was nothing; 1 if something could not be ended.`,
		Example: `  lifecycle orphans dev-aws
  lifecycle orphans dev-aws --destroy`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			if every <= 0 || settle < 0 {
				return status.Refuse(fmt.Errorf("--every must be more than 0s, and --settle not less"))
			}
			s, err := config.Stated(os.DirFS(stacks), args[0])
			if err != nil {
				return status.Refuse(err)
			}
			stack, err := site(stacks, cmd.ErrOrStderr()).Open(ctx, args[0])
			if err != nil {
				return err
			}
			i, err := source(ctx, s)
			if err != nil {
				return err
			}
			sweep := Sweep{Stack: stack, Inventory: i, Settle: settle, Every: every, Say: func(format string, args ...any) {
				fmt.Fprintf(cmd.OutOrStdout(), format+"\n", args...)
			}}
			if again {
				_, err = sweep.Again(ctx, errors.New("no cluster left anything that could be why the destroy failed"))
			} else {
				var n int
				n, err = sweep.End(ctx)
				sweep.Say("%d things were ended that a cluster of %s left", n, args[0])
			}
			if err != nil {
				return fmt.Errorf("orphans %s: %w", args[0], err)
			}
			return nil
		},
	}
	flags := c.Flags()
	flags.BoolVar(&again, "destroy", false, "a destroy failed: if something was ended, destroy what it held")
	flags.DurationVar(&settle, "settle", 15*time.Minute, "for how long the inventory may still list a cluster that was deleted")
	flags.DurationVar(&every, "every", 30*time.Second, "how often it is asked meanwhile")
	flags.StringVar(&stacks, "stacks", "stacks", "folder of the environments")
	return c
}
