package role

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"platform/stacks/config"
	"platform/stacks/lifecycle/given"
)

// Command prints what the pipeline's role of an environment must be allowed, and no more.
func Command() *cobra.Command {
	var environment, inventory, purpose, stacks string
	c := &cobra.Command{
		Use:   "deploy-role",
		Short: "Print what the role that deploys an environment may do, from the types that it uses",
		Long: `Print what the pipeline's role needs for what an environment uses, and no more: the actions to create,
read, update and delete each type. On AWS policies, in the environment's region, and on roles of its own name alone; on
Azure a custom role of the subscription, and the condition under which it is assigned: the pipeline then assigns just
the roles that the environment does; on Google Cloud a custom role of the project, and what only the organization grants. With --for preview what previews need: to read.
With --for inventory what is added to either, so that drift, recover, destroy, rebuild and reap can ask the cloud's own inventory what is there. With --for
orphans what is added to the one that deploys, so that what a lost cluster left can be ended: in Azure nothing.`,
		Example: `  lifecycle deploy-role --environment prod-aws --inventory tests/environments/testdata/prod-aws.txt
  lifecycle deploy-role --environment prod-aws --inventory tests/environments/testdata/prod-aws.txt --for preview
  lifecycle deploy-role --environment prod-aws --inventory tests/environments/testdata/prod-aws.txt --for inventory
  pulumi stack export --stack prod-aws | lifecycle deploy-role --environment prod-aws --inventory -`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := config.Stated(os.DirFS(stacks), environment)
			if err != nil {
				return err
			}
			raw, err := given.Read(inventory, c.InOrStdin())
			if err != nil {
				return err
			}
			if all := append(slices.Clone(Purposes), Inventory, Orphans); !slices.Contains(all, purpose) {
				return fmt.Errorf("--for: value %q: one of %v is allowed", purpose, all)
			}
			return Write(c.OutOrStdout(), Read(raw), purpose, s)
		},
	}
	flags := c.Flags()
	flags.StringVar(&environment, "environment", "", "a stacks/Pulumi.<environment>.yaml")
	flags.StringVar(&inventory, "inventory", "", "what the environment uses: its golden inventory, or a state as pulumi stack export writes it; - is the standard input")
	flags.StringVar(&purpose, "for", Purposes[0], "one of deploy, preview, inventory, orphans: the two in the middle only read")
	flags.StringVar(&stacks, "stacks", "stacks", "folder of the environments")
	for _, name := range []string{"environment", "inventory"} {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(fmt.Sprintf("role: %v", err)) // a flag that is not there
		}
	}
	return c
}

// typed finds types where a golden inventory or a state says them.
var typed = regexp.MustCompile(`(?m)^([a-z-]+:[A-Za-z0-9./]+:[A-Za-z0-9]+) |"type": ?"([a-z-]+:[A-Za-z0-9./]+:[A-Za-z0-9]+)"`)

// assigned finds the roles that an inventory or a state of Azure assigns, by the ends of their ids.
var assigned = regexp.MustCompile(`/Microsoft\.Authorization/roleDefinitions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})`)

// Uses is what an environment uses, sorted.
type Uses struct {
	Types []string
	Roles []string // of Azure, which the program assigns
}

// Read finds what a golden inventory or a state holds.
func Read(raw []byte) Uses {
	var out Uses
	for _, m := range typed.FindAllSubmatch(raw, -1) {
		out.Types = append(out.Types, string(m[1])+string(m[2]))
	}
	for _, m := range assigned.FindAllSubmatch(raw, -1) {
		out.Roles = append(out.Roles, string(m[1]))
	}
	slices.Sort(out.Types)
	slices.Sort(out.Roles)
	return Uses{slices.Compact(out.Types), slices.Compact(out.Roles)}
}

// Write writes what the role may do.
func Write(out io.Writer, uses Uses, purpose string, s config.Settings) error {
	may, err := Of(uses, purpose, s)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(may)
}
