package alerts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"platform/stacks/config"
	"platform/stacks/lifecycle/written"
)

// Findings is the exit status where something is wrong with an alert.
const Findings = 3

// FindingsError says with how many alerts something is wrong.
type FindingsError struct{ Count int }

func (e FindingsError) Error() string {
	return fmt.Sprintf("alerts with a finding: %d; mend each, or delete it", e.Count)
}

// Status is the command's exit status.
func (FindingsError) Status() int { return Findings }

type options struct {
	environment, stacks, format, until string
	days                               int
	kept, again, timeout               time.Duration
	often                              float64
	prometheus, alertmanager           server
	caFile                             string
}

// Command prints what the alerts of an environment did. It looks up tokens, and asks the clock for the time.
func Command(lookup func(string) (string, bool), now func() time.Time) *cobra.Command {
	o := options{
		prometheus:   server{flag: "prometheus", variable: "PROMETHEUS_TOKEN"},
		alertmanager: server{flag: "alertmanager", variable: "ALERTMANAGER_TOKEN"},
	}
	c := &cobra.Command{
		Use:   "alerts",
		Short: "Print which alerts led to an action, and which only make noise",
		Long: `Print, for each alert of a running environment and by its owner (label team), how often and for how long it fired, what
became of it, and what is wrong:

  ignored   people were told, and nobody acted on it in the whole window
  flapping  it came again soon after its end, several times within a day
  frequent  it fired more often than people can look
  silenced  it fired only where it was silenced
  broken    its rule cannot be evaluated
  unowned   its label team is no team of the catalogue

An action is a silence that began while it fired, or a change in its namespace while it fired: of a deployment, stateful
set or daemon set, other than of its number of pods, or a sync by Argo CD. A threshold, or a for, is proposed where one would
have fired for what somebody acted on and for nothing else. What that can know, and what not: docs/decisions/alert-hygiene.md.

A token is read from a file, or from PROMETHEUS_TOKEN and ALERTMANAGER_TOKEN. Both servers are only read.

Exit status: 0; 1 after an error; 3 if something is wrong with an alert.`,
		Example: `  kubectl --namespace monitoring port-forward service/prometheus-operated 9090 &
  kubectl --namespace monitoring port-forward service/alertmanager-operated 9093 &
  lifecycle alerts --environment prod-aws --prometheus http://127.0.0.1:9090 --alertmanager http://127.0.0.1:9093

  lifecycle alerts --environment prod-aws --prometheus https://prometheus.example.com --prometheus-token-file token \
    --alertmanager https://alertmanager.example.com --alertmanager-token-file token --silences-kept 744h --format markdown`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.run(c.Context(), c.OutOrStdout(), c.ErrOrStderr(), lookup, now().UTC())
		},
	}
	flags := c.Flags()
	flags.StringVar(&o.environment, "environment", "", "a stacks/Pulumi.<environment>.yaml, whose teams are owners")
	flags.StringVar(&o.prometheus.url, "prometheus", "", "URL of Prometheus; https, but for this machine's own addresses")
	flags.StringVar(&o.prometheus.tokenFile, "prometheus-token-file", "", "file with the bearer token of Prometheus")
	flags.StringVar(&o.alertmanager.url, "alertmanager", "", "URL of Alertmanager, as of Prometheus")
	flags.StringVar(&o.alertmanager.tokenFile, "alertmanager-token-file", "", "file with the bearer token of Alertmanager")
	flags.StringVar(&o.caFile, "ca-file", "", "certificates, in PEM, of who signs for both, if the machine does not know them")
	flags.IntVar(&o.days, "days", 30, "length of the window, 1 to 366")
	flags.StringVar(&o.until, "until", "", "end of the window, as 2026-12-01T00:00:00Z (now)")
	flags.DurationVar(&o.kept, "silences-kept", 120*time.Hour, "for how long Alertmanager keeps silences that have ended (its --data.retention)")
	flags.Float64Var(&o.often, "often", 2, "firings a day, on average, above which an alert is frequent")
	flags.DurationVar(&o.again, "again", time.Hour, "how soon after its end an alert that fires again flaps")
	flags.DurationVar(&o.timeout, "timeout", 15*time.Minute, "for all reads together")
	flags.StringVar(&o.format, "format", "text", "one of "+strings.Join(written.Formats, ", "))
	flags.StringVar(&o.stacks, "stacks", "stacks", "folder of the environments")
	for _, name := range []string{"environment", "prometheus", "alertmanager"} {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return c
}

func (o options) run(ctx context.Context, out, progress io.Writer, lookup func(string) (string, bool), now time.Time) error {
	asked := asked{environment: o.environment, now: now, kept: o.kept, limits: Limits{o.often, o.again}}
	until, faults := o.check(now)
	settings, err := config.Stated(os.DirFS(o.stacks), o.environment)
	faults = append(faults, err)
	asked.teams = slices.Sorted(maps.Keys(settings.Catalog.Teams))
	roots, err := authorities(o.caFile)
	faults = append(faults, err)
	prometheus, err := o.prometheus.connect(lookup, roots)
	faults = append(faults, err)
	alertmanager, err := o.alertmanager.connect(lookup, roots)
	faults = append(faults, err)
	if err := errors.Join(faults...); err != nil {
		return err
	}
	asked.window = window{until.Add(-time.Duration(o.days) * day), until}
	from, err := newMetrics(prometheus, func(of string) { fmt.Fprintln(progress, "lifecycle: reading "+of) })
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, o.timeout, fmt.Errorf("not read within --timeout %s", o.timeout))
	defer cancel()
	report, err := read(ctx, from, alertmanager, asked)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return fmt.Errorf("%w: %w", cause, err)
		}
		return err
	}
	if err := report.Write(out, o.format); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if n := report.Found(); n > 0 {
		return FindingsError{n}
	}
	return nil
}

// check tells all that is wrong with the flags.
func (o options) check(now time.Time) (until time.Time, faults []error) {
	fault := func(flag, value, allowed string) {
		faults = append(faults, fmt.Errorf("--%s: value %q: %s is allowed", flag, value, allowed))
	}
	until = now.Truncate(time.Minute)
	if o.until != "" {
		var err error
		if until, err = time.Parse(time.RFC3339, o.until); err != nil {
			fault("until", o.until, "a time as 2026-12-01T00:00:00Z")
		}
	}
	if o.days < 1 || o.days > 366 {
		fault("days", strconv.Itoa(o.days), "1 to 366")
	}
	if !(o.often > 0) {
		fault("often", strconv.FormatFloat(o.often, 'g', -1, 64), "more than 0")
	}
	for flag, value := range map[string]time.Duration{"silences-kept": o.kept, "again": o.again, "timeout": o.timeout} {
		if value <= 0 {
			fault(flag, value.String(), "more than 0s")
		}
	}
	if !slices.Contains(written.Formats, o.format) {
		fault("format", o.format, "one of "+fmt.Sprint(written.Formats))
	}
	slices.SortFunc(faults, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return until.UTC(), faults
}
