package ephemeral

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/stacks/config"
	"platform/stacks/lifecycle/run"
)

// Site is where environments are run: on real accounts, or on simulated clouds.
type Site interface {
	// Admit refuses, before any cloud is called, to begin on a cloud with the credentials of another account.
	Admit(ctx context.Context, cloud string, say func(string, ...any)) error
	// Open opens the stack of an environment, which must be there, to run with a file.
	Open(ctx context.Context, r Record, file []byte) (*run.Stack, error)
	// Settle mends what a run that died left behind, and tells what it did.
	Settle(ctx context.Context, r Record, stack *run.Stack) ([]string, error)
	// Destroy destroys an environment, and what a cluster of it left that did not answer.
	Destroy(ctx context.Context, r Record, stack *run.Stack, say func(string, ...any)) (run.Changes, error)
	// Prove asks the cloud itself whether anything is left of an environment that was destroyed, by its tags and by what refers
	// to the resources that its state had; what is left is an error that names it.
	Prove(ctx context.Context, r Record, had []apitype.ResourceV3, say func(string, ...any)) error
	// Keep puts what opens the environment's cluster where only its owner reads it, and says where; Drop takes it away.
	Keep(name string, kubeconfig string) (path string, err error)
	Drop(name string) error
}

// Verbs are what can be done with environments that live for some hours.
type Verbs struct {
	Registry
	Site Site
	// Progress is where it is told how far they are.
	Progress io.Writer
	// Parallel is how many environments are reaped at once.
	Parallel int
}

// Built is an environment that is up.
type Built struct {
	Living
	URLs        map[string]string `json:"urls"` // by audience
	Credentials string            `json:"credentials"`
	Summary     run.Summary       `json:"summary"`
}

// Up brings up an environment, or once more one that is there. What fails before anything is built leaves nothing.
func (v Verbs) Up(ctx context.Context, asked Record) (built Built, err error) {
	var known Record
	var made bool
	var stack *run.Stack
	p := run.NewProgress(v.Progress)
	if err := v.Site.Admit(ctx, asked.Cloud, v.say); err != nil {
		return built, err
	}
	built.Summary, err = run.Run(ctx, p, "ephemeral up", asked.Name,
		run.Stage{Name: "claim", Do: func(ctx context.Context, say func(string, ...any)) error {
			if known, made, err = v.Enter(ctx, asked); err != nil {
				return err
			}
			say("%s has %s in %s, until %s", known.Name, known.Plan, known.place(), stamp(known.Expires))
			return nil
		}},
		run.Stage{Name: "preview", Do: func(ctx context.Context, say func(string, ...any)) error {
			if stack, err = v.open(ctx, known); err != nil {
				return err
			}
			stack.Watch = p.Watch
			changes, err := stack.Preview(ctx)
			if err == nil {
				say("%s", changes)
			}
			return err
		}},
		run.Stage{Name: "up", Do: func(ctx context.Context, say func(string, ...any)) error {
			changes, err := stack.Up(ctx)
			if err == nil {
				say("%s", changes)
			}
			return err
		}},
		run.Stage{Name: "credentials", Do: func(ctx context.Context, _ func(string, ...any)) error {
			outputs, err := stack.Auto.Outputs(ctx)
			if err != nil {
				return fmt.Errorf("read the outputs: %w", err)
			}
			built.URLs = map[string]string{}
			doors, _ := outputs["gateways"].Value.(map[string]any)
			for audience, url := range doors {
				built.URLs[audience] = fmt.Sprint(url)
			}
			kubeconfig, ok := outputs["kubeconfig"].Value.(string)
			if !ok {
				return fmt.Errorf("the stack has no output kubeconfig: look at stacks/platform")
			}
			built.Credentials, err = v.Site.Keep(known.Name, kubeconfig)
			return err
		}},
	)
	if err != nil {
		// Whoever interrupted has no patience for more, and the next up or reap takes it from here; so it is with what was there
		// before.
		if ctx.Err() != nil || !made {
			return built, err
		}
		return built, errors.Join(err, v.withdraw(ctx, known))
	}
	built.Living = v.living(known)
	return built, nil
}

func (v Verbs) say(format string, args ...any) { fmt.Fprintf(v.Progress, format+"\n", args...) }

// withdraw forgets an environment of which nothing was built. What is built stays, to be mended by another up.
func (v Verbs) withdraw(ctx context.Context, known Record) error {
	record, some, err := v.get(ctx, known.Name)
	if err != nil || some {
		return err
	}
	return v.Leave(ctx, record)
}

// open readies an environment's stack with the file that its record says.
func (v Verbs) open(ctx context.Context, r Record) (*run.Stack, error) {
	file, err := config.FileFor(v.Stacks, r.cast(v.Pool.Life.Most))
	if err != nil {
		return nil, err
	}
	return v.Site.Open(ctx, r, file)
}

// Living is an environment as it is listed.
type Living struct {
	Name        string       `json:"name"`
	State       string       `json:"state"`
	Cloud       string       `json:"cloud,omitempty"`
	Region      string       `json:"region,omitempty"`
	Owner       string       `json:"owner"`
	Plan        netip.Prefix `json:"plan,omitzero"`
	Services    []string     `json:"services,omitempty"`
	Created     time.Time    `json:"created"`
	Expires     time.Time    `json:"expires"`
	AgeSeconds  int          `json:"ageSeconds"`
	LeftSeconds int          `json:"leftSeconds"` // less than zero when its time is over
}

func (v Verbs) living(r Record) Living {
	now, state := v.Now(), "living"
	switch {
	case r.Expired(now):
		state = "expired"
	case !r.Plan.IsValid():
		state = "begun"
	}
	return Living{
		r.Name, state, r.Cloud, r.Region, r.Owner, r.Plan, r.Services, r.Created, r.Expires,
		int(now.Sub(r.Created).Seconds()), int(r.Expires.Sub(now).Seconds()),
	}
}

// List tells of all environments. A stack whose record is not whole is an error beside them.
func (v Verbs) List(ctx context.Context) ([]Living, error) {
	records, err := v.Records(ctx)
	out := []Living{}
	for _, r := range records {
		out = append(out, v.living(r))
	}
	return out, err
}

// Extend prolongs an environment's life.
func (v Verbs) Extend(ctx context.Context, name string, by time.Duration) (Living, error) {
	r, err := v.Prolong(ctx, name, by)
	return v.living(r), err
}

// Down ends an environment, whether its time is over or not.
func (v Verbs) Down(ctx context.Context, name string) (run.Summary, error) {
	known, err := v.Get(ctx, name)
	if err != nil {
		return run.Summary{Verb: "ephemeral down", Environment: name}, err
	}
	if known.Cloud != "" {
		if err := v.Site.Admit(ctx, known.Cloud, v.say); err != nil {
			return run.Summary{Verb: "ephemeral down", Environment: name}, err
		}
	}
	return v.end(ctx, "ephemeral down", known, v.Progress)
}

// end destroys an environment, proves that nothing is left of it, and forgets it. It may be called again after any death.
func (v Verbs) end(ctx context.Context, verb string, known Record, progress io.Writer) (run.Summary, error) {
	var stack *run.Stack
	var had []apitype.ResourceV3
	p := run.NewProgress(progress)
	stages := []run.Stage{
		{Name: "settle", Do: func(ctx context.Context, say func(string, ...any)) (err error) {
			if stack, err = v.open(ctx, known); err != nil {
				return err
			}
			// Before anything is done to it, and once more after it was mended.
			if had, err = v.owned(ctx, known, stack); err != nil {
				return err
			}
			stack.Watch = p.Watch
			told, err := v.Site.Settle(ctx, known, stack)
			for _, line := range told {
				say("%s", line)
			}
			if err != nil {
				return err
			}
			had, err = v.owned(ctx, known, stack)
			return err
		}},
		{Name: "destroy", Do: func(ctx context.Context, say func(string, ...any)) error {
			if len(had) == 0 {
				say("nothing is in the state")
				return nil
			}
			changes, err := v.Site.Destroy(ctx, known, stack, say)
			if err == nil {
				say("%s", changes)
			}
			return err
		}},
		{Name: "proof", Do: func(ctx context.Context, say func(string, ...any)) error {
			if err := v.Site.Prove(ctx, known, had, say); err != nil {
				return fmt.Errorf("%s is not gone from %s: delete what is left and end it again: %w", known.Name, known.place(), err)
			}
			return nil
		}},
		{Name: "release", Do: func(ctx context.Context, say func(string, ...any)) error {
			if err := v.Site.Drop(known.Name); err != nil {
				return err
			}
			say("%s is free", known.Plan)
			return v.Leave(ctx, known)
		}},
	}
	if !known.Plan.IsValid() {
		// It was cut off before it had a plan, without which nothing can have been built.
		stages = []run.Stage{{Name: "release", Do: func(ctx context.Context, _ func(string, ...any)) error { return v.Leave(ctx, known) }}}
	}
	return run.Run(ctx, p, verb, known.Name, stages...)
}

// owned are the resources of an environment's state, which must be one that may go.
func (v Verbs) owned(ctx context.Context, known Record, stack *run.Stack) ([]apitype.ResourceV3, error) {
	_, d, err := stack.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	return d.Resources, own(known.Name, d.Resources)
}

// Reaped is what reap did.
type Reaped struct {
	Ended  []string       `json:"ended"`
	Failed []Failure      `json:"failed"`
	Living []string       `json:"living"`
	Freed  []netip.Prefix `json:"freed,omitempty"` // plans that nobody had
}

// Failure is an environment that could not be ended.
type Failure struct {
	Name  string `json:"name"`
	Error string `json:"error"`
}

// Reap ends the environments whose time is over, on one cloud alone if it is named. It goes on after one fails: that one is
// tried again next time.
func (v Verbs) Reap(ctx context.Context, cloud string) (Reaped, error) {
	out := Reaped{Ended: []string{}, Failed: []Failure{}, Living: []string{}}
	records, faults := v.Records(ctx)
	var due []Record
	refused := map[string]error{}
	for _, r := range records {
		switch {
		case !r.Due(v.Now()):
			out.Living = append(out.Living, r.Name)
		case cloud == "" || r.Cloud == cloud || r.Cloud == "":
			due = append(due, r)
			if _, asked := refused[r.Cloud]; !asked && r.Cloud != "" {
				refused[r.Cloud] = v.Site.Admit(ctx, r.Cloud, v.say)
			}
		}
	}
	var told sync.Mutex
	var reapings sync.WaitGroup
	next := make(chan Record)
	for range max(1, v.Parallel) {
		reapings.Go(func() {
			for r := range next {
				ended, err := false, refused[r.Cloud]
				if err == nil {
					ended, err = v.reap(ctx, r)
				}
				told.Lock()
				switch {
				case err != nil:
					out.Failed = append(out.Failed, Failure{r.Name, err.Error()})
				case ended:
					out.Ended = append(out.Ended, r.Name)
				default:
					out.Living = append(out.Living, r.Name)
				}
				told.Unlock()
			}
		})
	}
	for _, r := range due {
		if ctx.Err() != nil {
			break
		}
		next <- r
	}
	close(next)
	reapings.Wait()
	slices.Sort(out.Ended)
	slices.Sort(out.Living)
	slices.SortFunc(out.Failed, func(a, b Failure) int { return strings.Compare(a.Name, b.Name) })
	if err := ctx.Err(); err != nil {
		return out, err
	}
	freed, err := v.Sweep(ctx)
	out.Freed = freed
	if len(out.Failed) > 0 {
		err = errors.Join(err, fmt.Errorf("%d of %d environments could not be ended: the next reap tries again", len(out.Failed), len(due)))
	}
	return out, errors.Join(faults, err)
}

// reap ends one environment, if it is still to go now that its turn has come.
func (v Verbs) reap(ctx context.Context, r Record) (bool, error) {
	now, err := v.Get(ctx, r.Name)
	switch {
	case errors.Is(err, ErrNone):
		return true, nil // somebody else ended it
	case err != nil:
		return false, err
	case !now.Due(v.Now()):
		return false, nil
	}
	_, err = v.end(ctx, "ephemeral reap", now, prefixed{r.Name + ": ", v.Progress})
	return err == nil, err
}

// prefixed writes lines of which each begins with a text. The progress writes whole lines.
type prefixed struct {
	prefix string
	out    io.Writer
}

func (p prefixed) Write(line []byte) (int, error) {
	if _, err := io.WriteString(p.out, p.prefix+string(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}
