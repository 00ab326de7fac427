// Package preflight refuses a change of a real account that somebody would regret, before any cloud is called.
package preflight

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"platform/stacks/config"
	"platform/stacks/lifecycle/status"
)

// Kind is what is going to be done.
type Kind string

// The kinds.
const (
	Account Kind = "account" // nothing but to look: only whose the credentials are is asked
	Up      Kind = "up"
	Destroy Kind = "destroy"
)

// Kinds lists them.
var Kinds = []Kind{Account, Up, Destroy}

// Ask is a question to a command; whether there is such a command is told apart from what it answers.
type Ask func(ctx context.Context, command ...string) (answer string, found bool, err error)

// Run asks commands of this machine.
func Run(ctx context.Context, command ...string) (string, bool, error) {
	path, err := exec.LookPath(command[0])
	if err != nil {
		return "", false, nil
	}
	out, err := exec.CommandContext(ctx, path, command[1:]...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
	}
	return strings.TrimRight(string(out), "\n"), true, err
}

// Checks are made before something is done with an environment.
type Checks struct {
	Settings config.Settings
	Kind     Kind
	// Confirmed is the environment's name as somebody typed it; empty if nobody did.
	Confirmed  string
	Repository string
	Ask        Ask
	Now        time.Time
	Say        func(format string, args ...any)
}

// Pass makes all checks that need no cloud, says all that they refuse, and only then asks whose the credentials are.
func (c Checks) Pass(ctx context.Context) error {
	var faults []error
	if c.Kind != Account {
		faults = append(faults, c.clean(ctx))
	}
	if c.Kind == Destroy {
		faults = append(faults, c.destroyable()...)
	}
	if err := errors.Join(faults...); err != nil {
		return status.Refuse(err)
	}
	return status.Refuse(c.account(ctx))
}

// clean is so that a real account can be built again from Git.
func (c Checks) clean(ctx context.Context) error {
	changes, found, err := c.Ask(ctx, "git", "-C", c.Repository, "status", "--porcelain")
	switch {
	case !found:
		return errors.New("git is not installed: whether all changes are committed cannot be told")
	case err != nil:
		return fmt.Errorf("whether all changes are committed cannot be told: %w", err)
	case changes != "":
		return fmt.Errorf("there are changes that are not committed: commit or stash them first:\n%s", changes)
	}
	return nil
}

// Whole is the URN of an environment as a whole, of which a waiver lets it be destroyed.
func Whole(environment string) string {
	return fmt.Sprintf("urn:pulumi:%s::%s::pulumi:pulumi:Stack::%s-%s", environment, config.Project, config.Project, environment)
}

// destroyable is what a protected environment asks of whoever destroys it.
func (c Checks) destroyable() []error {
	s := c.Settings
	if !s.Lifecycle.Protected {
		return nil
	}
	var faults []error
	if c.Confirmed != s.Environment {
		faults = append(faults, fmt.Errorf("%s is protected (lifecycle.protected): --confirm: value %q: the environment's name is allowed, typed out", s.Environment, c.Confirmed))
	}
	urn, expired := Whole(s.Environment), ""
	for _, w := range s.Waivers {
		if !w.Covers(config.Delete, urn) {
			continue
		}
		if !w.Expires.Before(c.Now) {
			return faults
		}
		expired = fmt.Sprintf("; that of %s expired on %s", w.Owner, w.Expires)
	}
	return append(faults, fmt.Errorf(`%s is protected (lifecycle.protected): its destruction needs a waiver that is reviewed and committed%s:
    waivers:
      - urn: %q
        operation: delete
        owner: <team>
        reason: <why>
        expires: %q`, s.Environment, expired, urn, c.Now.UTC().AddDate(0, 0, 1).Format(time.DateOnly)))
}

// whoami is each cloud's own command that says whose the credentials are.
var whoami = map[string][]string{
	"aws":   {"aws", "sts", "get-caller-identity", "--query", "Account", "--output", "text"},
	"azure": {"az", "account", "show", "--query", "id", "--output", "tsv"},
	"gcp":   {"gcloud", "config", "get-value", "project"},
}

// account is so that one environment is not built in another's place. Where the cloud's command is not installed the
// provider still refuses any other account, but only when the program already runs.
func (c Checks) account(ctx context.Context) error {
	s := c.Settings
	want, command := s.Landing.Account, whoami[s.Cloud]
	if want == "" || command == nil {
		return fmt.Errorf("%s names no landing zone with an account: landingZone %q on cloud %q", s.Environment, s.LandingZone, s.Cloud)
	}
	is, found, err := c.Ask(ctx, command...)
	switch {
	case !found:
		c.Say("%s is not installed: that the credentials are of %s is left to the provider", command[0], want)
		return nil
	case err != nil:
		return fmt.Errorf("%s has no valid credentials: log in first: %w", command[0], err)
	case is != want:
		return fmt.Errorf("the credentials are of %s, and %s is in %s: log in there", is, s.Environment, want)
	}
	c.Say("the credentials are of %s, where %s is", want, s.Environment)
	return nil
}
