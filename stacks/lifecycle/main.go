// Command lifecycle is the operator's: it tells of an environment what Pulumi does not, and needs no cloud's SDK.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"platform/stacks/lifecycle/alerts"
	"platform/stacks/lifecycle/audit"
	"platform/stacks/lifecycle/ephemeral"
	"platform/stacks/lifecycle/ephemeral/accounts"
	"platform/stacks/lifecycle/guard"
	"platform/stacks/lifecycle/review"
	"platform/stacks/lifecycle/role"
	"platform/stacks/lifecycle/status"
	"platform/stacks/lifecycle/touched"
)

func main() {
	root := &cobra.Command{
		Use: "lifecycle", Short: "What an operator asks of an environment", SilenceUsage: true, SilenceErrors: true,
	}
	root.AddCommand(
		alerts.Command(os.LookupEnv, time.Now), audit.Command(), guard.Command(), role.Command(), role.TrustCommand(),
		ephemeral.Command(time.Now, accounts.New), review.Command(time.Now), review.CommentCommand(os.LookupEnv), touched.Command(), touched.WavesCommand(),
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
