package preflight

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"platform/stacks/config"
	"platform/stacks/lifecycle/status"
)

// Command refuses what must not be begun.
func Command(ask Ask, now func() time.Time) *cobra.Command {
	var kind, confirmed, stacks, repository string
	c := &cobra.Command{
		Use:   "preflight ENV",
		Short: "Refuse the wrong account, a dirty tree, and the destruction of a protected environment",
		Long: `Refuse what somebody would regret, before any cloud is called: changes that are not committed; the destruction of an environment
whose file says lifecycle.protected, unless its name is typed and its file has a waiver of the whole environment that has not expired;
and credentials of another account, subscription or project than the environment's landing zone. All that is refused without
asking anybody is said at once.

Exit status: 0; 1 after an error; 2 if it is refused.`,
		Example: `  lifecycle preflight dev-aws
  lifecycle preflight prod-aws --for destroy --confirm prod-aws`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(Kinds, Kind(kind)) {
				return fmt.Errorf("--for: value %q: one of %v is allowed", kind, Kinds)
			}
			settings, err := config.Stated(os.DirFS(stacks), args[0])
			if err != nil {
				return status.Refuse(err)
			}
			return Checks{
				Settings: settings, Kind: Kind(kind), Confirmed: confirmed, Repository: repository, Ask: ask, Now: now(),
				Say: func(format string, args ...any) { fmt.Fprintf(cmd.ErrOrStderr(), format+"\n", args...) },
			}.Pass(cmd.Context())
		},
	}
	flags := c.Flags()
	flags.StringVar(&kind, "for", string(Up), "what is going to be done: account (only to look), up or destroy")
	flags.StringVar(&confirmed, "confirm", "", "the environment's name, typed out, where it is protected")
	flags.StringVar(&stacks, "stacks", "stacks", "folder of the environments")
	flags.StringVar(&repository, "repository", ".", "folder of the repository")
	return c
}
