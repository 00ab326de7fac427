package ephemeral

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/spf13/cobra"

	"platform/stacks/config"
	"platform/stacks/lifecycle/run"
	"platform/stacks/lifecycle/status"
	"platform/stacks/lifecycle/written"
)

// Runs is what runs on real accounts need.
type Runs struct {
	Pulumi   auto.PulumiCommand
	Program  string // the built program
	Policies []string
	Dir      string
	Secrets  string // whose key the secrets in a state have
}

// options are what all verbs are told.
type options struct {
	stacks, dir, program, secrets string
	policies                      []string
	json                          bool
	now                           func() time.Time
	open                          func(Runs, fs.FS, func() time.Time) Site
}

// Command has the verbs on environments that live for some hours.
func Command(now func() time.Time, open func(Runs, fs.FS, func() time.Time) Site) *cobra.Command {
	o := &options{now: now, open: open}
	c := &cobra.Command{
		Use:   "ephemeral",
		Short: "Bring up, list, prolong and end environments that live for some hours",
		Long: `Environments that live for some hours, as one for each pull request: cast in stacks/Pulumi.ephemeral.yaml, each with an
address plan of its own out of the pool that this file says, and gone when its time is over.

What is known of them is in the backend that "pulumi login" chose, as tags of their stacks. Nothing that is not known there
to live for some hours is touched, nor what has the name of a committed environment, nor what was built as anything else.

It exits with 0, with 1 if something failed, with 2 if what was asked for is refused and nothing was begun, and with 130 if
it was interrupted: the next run goes on.`,
		Example: `  lifecycle ephemeral up --name pr-123 --ttl 8h --cloud aws --owner octocat --services payments
  lifecycle ephemeral list
  lifecycle ephemeral extend --name pr-123 --by 4h
  lifecycle ephemeral down --name pr-123
  lifecycle ephemeral reap`,
	}
	flags := c.PersistentFlags()
	flags.StringVar(&o.stacks, "stacks", "stacks", "`folder` of the committed environments")
	flags.StringVar(&o.dir, "dir", filepath.Join(".cache", "ephemeral"), "`folder` for what runs need, and for what opens the clusters")
	flags.StringVar(&o.program, "program", filepath.Join("bin", "platform"), "the Pulumi program, as make program builds it: `file`")
	flags.StringSliceVar(&o.policies, "policies", []string{filepath.Join("bin", "policies")}, "policy `packs` that judge what is built")
	flags.StringVar(&o.secrets, "secrets-provider", "", "whose key the secrets in a state have, as of pulumi stack init: `provider`")
	flags.BoolVar(&o.json, "json", false, "write for programs")
	c.AddCommand(o.up(), o.list(), o.extend(), o.down(), o.reap())
	return c
}

// registry is who lives where, in the backend that somebody logged in to.
func (o *options) registry() (Registry, auto.PulumiCommand, error) {
	pulumi, err := auto.NewPulumiCommand(nil)
	if err != nil {
		return Registry{}, nil, status.Refuse(fmt.Errorf("find the Pulumi command: %w", err))
	}
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return Registry{}, nil, err
	}
	o.dir = dir
	r, err := NewRegistry(PulumiBackend{Pulumi: pulumi, Dir: filepath.Join(dir, "projects"), Secrets: o.secrets}, os.DirFS(o.stacks), o.now)
	return r, pulumi, status.Refuse(err)
}

func (o *options) verbs(c *cobra.Command, parallel int) (Verbs, error) {
	registry, pulumi, err := o.registry()
	if err != nil {
		return Verbs{}, err
	}
	runs := Runs{Pulumi: pulumi, Dir: o.dir, Secrets: o.secrets}
	for _, file := range append([]string{o.program}, o.policies...) {
		at, err := filepath.Abs(file)
		if err == nil {
			_, err = os.Stat(at)
		}
		if err != nil {
			return Verbs{}, status.Refuse(fmt.Errorf("%w: make ephemeral-up builds it", err))
		}
		if runs.Program == "" {
			runs.Program = at
		} else {
			runs.Policies = append(runs.Policies, at)
		}
	}
	site := o.open(runs, registry.Stacks, o.now)
	return Verbs{Registry: registry, Site: site, Progress: c.ErrOrStderr(), Parallel: parallel}, nil
}

// required are flags without which a verb does not know what is meant.
func required(c *cobra.Command, names ...string) *cobra.Command {
	for _, name := range names {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined beside it
		}
	}
	return c
}

func (o *options) up() *cobra.Command {
	asked, life := Record{}, time.Duration(0)
	c := &cobra.Command{
		Use:   "up",
		Short: "Bring up an environment, or once more one that is there",
		Long: `Claim an address plan and bring up an environment; at the end the addresses of its doors are printed, and the path of what
opens its cluster. One that is there is brought to what the program now says, with the plan and the time that it has.
What fails before anything is built leaves nothing behind.`,
		Example: `  lifecycle ephemeral up --name pr-123 --ttl 8h --cloud aws --owner octocat
  lifecycle ephemeral up --name pr-123 --cloud gcp --owner octocat --services payments,reports   # and what they need
  lifecycle ephemeral up --name pr-123 --cloud azure --owner octocat --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			v, err := o.verbs(c, 1)
			if err != nil {
				return err
			}
			if err := v.Admit(&asked, life); err != nil {
				return status.Refuse(err)
			}
			built, err := v.Up(c.Context(), asked)
			if err != nil {
				return err
			}
			return o.write(c.OutOrStdout(), built, built.text)
		},
	}
	flags := c.Flags()
	flags.StringVar(&asked.Name, "name", "", "`name`, with which all names of what is built begin")
	flags.DurationVar(&life, "ttl", 0, "how long it lives: `duration`; as life.usual says, if nothing is said")
	flags.StringVar(&asked.Cloud, "cloud", "", "`cloud`, as regions says")
	flags.StringVar(&asked.Region, "region", "", "`region`; the first that has room, if nothing is said")
	flags.StringVar(&asked.Owner, "owner", "", "`who` asks for it")
	flags.StringSliceVar(&asked.Services, "services", nil, "those `services` alone, with all that they need")
	return required(c, "name", "cloud", "owner")
}

// Admit completes what is asked for, and refuses at once all that is wrong with it.
func (v Verbs) Admit(asked *Record, life time.Duration) error {
	if life == 0 {
		life = v.Pool.Life.Usual
	}
	asked.Created = v.Now().UTC().Truncate(time.Second)
	asked.Expires = asked.Created.Add(life)
	if _, err := serviceTag(asked.Services); err != nil {
		return err
	}
	return config.CheckCast(v.Stacks, v.Pool, life, config.Cast{
		Name: asked.Name, Cloud: asked.Cloud, Region: asked.Region, Owner: asked.Owner, Services: asked.Services,
	})
}

func (b Built) text(out io.Writer) error {
	if err := b.Summary.Write(out, "text"); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s lives until %s in %s/%s with %s\n", b.Name, stamp(b.Expires), b.Cloud, b.Region, b.Plan)
	for _, audience := range slices.Sorted(maps.Keys(b.URLs)) {
		fmt.Fprintf(out, "  %s: %s\n", audience, b.URLs[audience])
	}
	_, err := fmt.Fprintf(out, "  credentials: %s\n", b.Credentials)
	return err
}

func (o *options) list() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the environments that live for some hours",
		Example: `  lifecycle ephemeral list
  lifecycle ephemeral list --json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			registry, _, err := o.registry()
			if err != nil {
				return err
			}
			all, faults := Verbs{Registry: registry}.List(c.Context())
			if err := o.write(c.OutOrStdout(), all, func(out io.Writer) error { return table(out, all) }); err != nil {
				return err
			}
			return faults
		},
	}
}

func table(out io.Writer, all []Living) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "name\tcloud\tregion\towner\tplan\tservices\tage\tleft")
	for _, e := range all {
		plan, services := "none yet", "all"
		if e.Plan.IsValid() {
			plan = e.Plan.String()
		}
		if len(e.Services) > 0 {
			services = strings.Join(e.Services, ",")
		}
		left := run.Round(time.Duration(e.LeftSeconds) * time.Second).String()
		if e.State == "expired" {
			left = "over"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", e.Name, e.Cloud, e.Region, e.Owner, plan, services,
			run.Round(time.Duration(e.AgeSeconds)*time.Second), left)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the list: %w", err)
	}
	return nil
}

func (o *options) extend() *cobra.Command {
	var name string
	var by time.Duration
	c := &cobra.Command{
		Use:   "extend",
		Short: "Prolong an environment's life, within what is allowed at most",
		Long: `Move the end of an environment's life, to life.most after it was made at the latest. One whose time is over is not
prolonged. Nothing that is built changes: what bears a tag "expires" names that latest time from the beginning.`,
		Example: `  lifecycle ephemeral extend --name pr-123 --by 4h`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			registry, _, err := o.registry()
			if err != nil {
				return err
			}
			e, err := Verbs{Registry: registry}.Extend(c.Context(), name, by)
			if err != nil {
				return err
			}
			return o.write(c.OutOrStdout(), e, func(out io.Writer) error {
				_, err := fmt.Fprintf(out, "%s lives until %s\n", e.Name, stamp(e.Expires))
				return err
			})
		},
	}
	c.Flags().StringVar(&name, "name", "", "`name`")
	c.Flags().DurationVar(&by, "by", 0, "for how much longer it lives: `duration`")
	return required(c, "name", "by")
}

func (o *options) down() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "down",
		Short: "End an environment now, and prove that nothing is left of it",
		Long: `Take away the lock of a run that died, destroy all that the state knows, ask the cloud whether anything is left, and free the
address plan. It may be run again after any failure. It fails, and names it, if something is left.`,
		Example: `  lifecycle ephemeral down --name pr-123`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			v, err := o.verbs(c, 1)
			if err != nil {
				return err
			}
			summary, err := v.Down(c.Context(), name)
			if err != nil {
				return err
			}
			return o.write(c.OutOrStdout(), summary, func(out io.Writer) error { return summary.Write(out, "text") })
		},
	}
	c.Flags().StringVar(&name, "name", "", "`name`")
	return required(c, "name")
}

func (o *options) reap() *cobra.Command {
	var parallel int
	var cloud string
	c := &cobra.Command{
		Use:   "reap",
		Short: "End the environments whose time is over",
		Long: `End each environment whose time is over by ten minutes, as down does, and free plans that nobody has. It goes on after one
that fails; that one, and what a killed run left, the next reap tries again.`,
		Example: `  lifecycle ephemeral reap
  lifecycle ephemeral reap --cloud aws --parallel 8 --json   # with credentials of one cloud`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			v, err := o.verbs(c, parallel)
			if err != nil {
				return err
			}
			reaped, failed := v.Reap(c.Context(), cloud)
			if err := o.write(c.OutOrStdout(), reaped, reaped.text); err != nil {
				return err
			}
			return failed
		},
	}
	c.Flags().StringVar(&cloud, "cloud", "", "those on one `cloud` alone, of which the credentials are")
	c.Flags().IntVar(&parallel, "parallel", 4, "how many are ended at once: `number`")
	return c
}

func (r Reaped) text(out io.Writer) error {
	fmt.Fprintf(out, "%d ended, %d failed, %d live on\n", len(r.Ended), len(r.Failed), len(r.Living))
	for _, name := range r.Ended {
		fmt.Fprintf(out, "  ended: %s\n", name)
	}
	for _, f := range r.Failed {
		fmt.Fprintf(out, "  failed: %s: %s\n", f.Name, f.Error)
	}
	for _, plan := range r.Freed {
		fmt.Fprintf(out, "  freed: %s, which no environment had\n", plan)
	}
	return nil
}

func (o *options) write(out io.Writer, v any, text func(io.Writer) error) error {
	if o.json {
		return written.JSON(out, v)
	}
	return text(out)
}
