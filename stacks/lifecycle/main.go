// Command lifecycle is the operator's: it tells of an environment what Pulumi does not, and does with it what takes more than one of Pulumi's
// runs. It needs none of Pulumi's SDKs of clouds.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"platform/stacks/config"
	"platform/stacks/lifecycle/alerts"
	"platform/stacks/lifecycle/audit"
	"platform/stacks/lifecycle/drift"
	"platform/stacks/lifecycle/ephemeral"
	"platform/stacks/lifecycle/ephemeral/accounts"
	"platform/stacks/lifecycle/guard"
	"platform/stacks/lifecycle/inventory"
	"platform/stacks/lifecycle/orphans"
	"platform/stacks/lifecycle/preflight"
	"platform/stacks/lifecycle/rebuild"
	"platform/stacks/lifecycle/recovery"
	"platform/stacks/lifecycle/review"
	"platform/stacks/lifecycle/role"
	"platform/stacks/lifecycle/run"
	"platform/stacks/lifecycle/state"
	"platform/stacks/lifecycle/status"
	"platform/stacks/lifecycle/touched"
)

func main() {
	root := &cobra.Command{
		Use: "lifecycle", Short: "What an operator asks of an environment", SilenceUsage: true, SilenceErrors: true,
	}
	root.AddCommand(
		alerts.Command(os.LookupEnv, time.Now), audit.Command(), guard.Command(), role.Command(), role.TrustCommand(),
		review.Command(time.Now), review.CommentCommand(os.LookupEnv), touched.Command(), touched.WavesCommand(),
		preflight.Command(preflight.Run, time.Now), state.Command(plain, time.Now), recovery.Command(plain, finder, time.Now),
		drift.Command(plain, inventory.Of, os.LookupEnv),
		rebuild.Command(rebuild.Tools{Site: real, Source: inventory.Of, Finder: finder, Ask: preflight.Run, Now: time.Now}),
		orphans.Command(plain, inventory.Of), ephemeral.Command(time.Now, accounts.New),
	)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := root.ExecuteContext(ctx)
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "lifecycle: "+err.Error())
	os.Exit(status.Of(err))
}

// real is the repository in the working folder, on real accounts.
func real(stacks, policies string, out io.Writer) run.Site {
	site := run.Local{Repository: ".", Stacks: stacks, Out: out}
	if policies != "" {
		site.Policies = []string{policies}
	}
	return site
}

// plain is of verbs that build nothing, and need no policies.
func plain(stacks string, out io.Writer) run.Site { return real(stacks, "", out) }

// finder finds what lost creates made in the account of an environment.
func finder(ctx context.Context, s config.Settings) (run.Finder, error) {
	i, err := inventory.Of(ctx, s)
	if err != nil {
		return nil, err
	}
	return inventory.FinderOf(s.Cloud, i)
}
