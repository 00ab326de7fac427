// Command lifecycle is the operator's: what is done to environments, beside what Pulumi itself does.
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"platform/stacks/lifecycle/guard"
)

func main() {
	root := &cobra.Command{
		Use: "lifecycle", Short: "What an operator does to environments, beside what Pulumi itself does",
		SilenceUsage: true, SilenceErrors: true,
	}
	root.AddCommand(guard.Command())
	if err := root.Execute(); err != nil {
		fmt.Fprintln(os.Stderr, "lifecycle: "+err.Error())
		os.Exit(1)
	}
}
