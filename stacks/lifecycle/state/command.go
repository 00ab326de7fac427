package state

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"platform/stacks/config"
	"platform/stacks/lifecycle/run"
	"platform/stacks/lifecycle/status"
	"platform/stacks/lifecycle/written"
)

// Folder is where copies are, unless it is said.
func Folder() string { return filepath.Join(".cache", "state") }

// Keep is how many copies of an environment there are, unless it is said.
const Keep = 20

// Command keeps, lists and restores copies of states.
func Command(site func(stacks string, out io.Writer) run.Site, now func() time.Time) *cobra.Command {
	store, stacks, asJSON, confirmed := Store{Now: now}, "", false, ""
	c := &cobra.Command{
		Use:   "state",
		Short: "Keep copies of an environment's state, and restore one",
		Long: `Keep copies of an environment's state, list them, and put one in the place of the state. Every verb that changes an environment makes one
first. Secrets stay encrypted in a copy, by the key of the stack. A restore changes nothing in the cloud: run lifecycle drift after it, and
then an up.

Exit status: 0; 1 after an error; 2 if it is refused.`,
		Example: `  lifecycle state backup dev-aws
  lifecycle state list dev-aws --json
  lifecycle state restore dev-aws 20401231T235959.000Z --confirm dev-aws`,
	}
	flags := c.PersistentFlags()
	flags.StringVar(&store.Folder, "folder", Folder(), "folder of the copies")
	flags.IntVar(&store.Keep, "keep", Keep, "how many copies of an environment there are at most")
	flags.StringVar(&stacks, "stacks", "stacks", "folder of the environments")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	check := func(environment string) error {
		if store.Keep < 1 {
			return status.Refuse(fmt.Errorf("--keep: value %d: at least 1 is allowed", store.Keep))
		}
		// The name is that of a folder, and of what there is.
		_, err := config.Stated(os.DirFS(stacks), environment)
		return status.Refuse(err)
	}
	backup := &cobra.Command{
		Use: "backup ENV", Short: "Copy the state", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := check(args[0]); err != nil {
				return err
			}
			stack, err := site(stacks, io.Discard).Open(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			at, err := store.Backup(cmd.Context(), stack)
			if err != nil {
				return err
			}
			return told(cmd.OutOrStdout(), asJSON, map[string]string{"environment": args[0], "copy": at}, "the state is kept in "+at)
		},
	}
	list := &cobra.Command{
		Use: "list ENV", Short: "List the copies, the newest first", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := check(args[0]); err != nil {
				return err
			}
			copies, err := store.List(args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return written.JSON(cmd.OutOrStdout(), copies)
			}
			for _, k := range copies {
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %d resources, %d operations under way, %s ago\n", k.Name, k.Resources, k.Pending, now().Sub(k.Taken).Round(time.Second))
			}
			if len(copies) == 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "there are no copies of %s in %s\n", args[0], store.Folder)
			}
			return nil
		},
	}
	restore := &cobra.Command{
		Use: "restore ENV COPY", Short: "Put a copy in the place of the state", Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := check(args[0]); err != nil {
				return err
			}
			if confirmed != args[0] {
				return status.Refuse(fmt.Errorf("--confirm: value %q: the environment's name is allowed, typed out: what happened since the copy was taken is forgotten", confirmed))
			}
			stack, err := site(stacks, io.Discard).Open(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			at, err := store.Restore(cmd.Context(), stack, args[1])
			if err != nil {
				return err
			}
			return told(cmd.OutOrStdout(), asJSON, map[string]string{"environment": args[0], "restored": args[1], "copy": at},
				args[1]+" is the state of "+args[0]+" again; what it was is kept in "+at)
		},
	}
	restore.Flags().StringVar(&confirmed, "confirm", "", "the environment's name, typed out")
	c.AddCommand(backup, list, restore)
	return c
}

func told(out io.Writer, asJSON bool, v map[string]string, text string) error {
	if asJSON {
		return written.JSON(out, v)
	}
	_, err := fmt.Fprintln(out, text)
	return err
}
