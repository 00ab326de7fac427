package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Finder finds in the cloud what a create made whose answer never arrived.
type Finder interface {
	// Find returns the ids, as the provider writes them, of all things that the create of a resource may have made.
	Find(ctx context.Context, r apitype.ResourceV3) ([]string, error)
}

// Recover settles each operation that was under way when a run died: a create that the cloud carried out before the engine
// heard of it is adopted, one that never happened is forgotten, and a refresh reads it all. It tells what it did, one line for each.
//
// The engine's own `refresh --import-pending-creates` is not enough: the command of version 3.257 notes the import in
// the state, but no later run acts on the note.
func (s *Stack) Recover(ctx context.Context, finder Finder) ([]string, error) {
	state, deployment, err := s.Deployment(ctx)
	if err != nil || len(deployment.PendingOperations) == 0 {
		return nil, err
	}
	told, err := settle(ctx, &deployment, finder)
	if err != nil {
		return told, err
	}
	if state.Deployment, err = json.Marshal(deployment); err != nil {
		return told, err
	}
	if err := s.Auto.Import(ctx, state); err != nil {
		return told, fmt.Errorf("write the settled state: %w", locked(err))
	}
	// Reads what was adopted, and what an interrupted update or delete made of the rest.
	if _, err := s.Refresh(ctx); err != nil {
		return told, fmt.Errorf("compare the settled state with the cloud: %w", err)
	}
	return told, nil
}

// settle moves lost creates from the pending operations to the resources, and drops the rest.
func settle(ctx context.Context, d *apitype.DeploymentV3, finder Finder) ([]string, error) {
	known := map[string]bool{}
	for _, r := range d.Resources {
		known[string(r.URN)+" "+string(r.ID)] = true
	}
	var told []string
	for _, op := range d.PendingOperations {
		urn := string(op.Resource.URN)
		if op.Type != apitype.OperationTypeCreating {
			told = append(told, fmt.Sprintf("%s was %s: compared with the cloud", urn, op.Type))
			continue
		}
		found, err := finder.Find(ctx, op.Resource)
		if err != nil {
			return told, fmt.Errorf("look for %s in the cloud: %w", urn, err)
		}
		// What the state has is being replaced.
		found = slices.DeleteFunc(found, func(id string) bool { return known[urn+" "+id] })
		switch len(found) {
		case 0:
			told = append(told, urn+" was creating: the cloud has nothing of it; forgotten, and made by the next up")
		case 1:
			adopt(d, op.Resource, found[0])
			told = append(told, fmt.Sprintf("%s was creating: the cloud had made %s; adopted", urn, found[0]))
		default:
			return told, fmt.Errorf("%s exists %d times in the cloud: %s: delete all but one", urn, len(found), strings.Join(found, ", "))
		}
	}
	d.PendingOperations = nil
	return told, nil
}

// adopt adds a resource to the state. What it replaces waits for its deletion, as the engine would
// have noted next. At the end of the list it follows all that it depends on.
func adopt(d *apitype.DeploymentV3, r apitype.ResourceV3, id string) {
	for i, old := range d.Resources {
		if old.URN == r.URN && !old.Delete {
			d.Resources[i].Delete = true
		}
	}
	r.ID = resource.ID(id)
	d.Resources = append(d.Resources, r)
}

// Locked says that another run holds the stack, or that one died that did.
type Locked struct {
	Who   string // user, machine and process; empty where the state is in a service that says only that there is one
	Since time.Time
	Err   error
}

func (l Locked) Error() string {
	text := "the stack is locked"
	if l.Who != "" {
		text += fmt.Sprintf(" by %s since %s, for %s now", l.Who, l.Since.UTC().Format(time.RFC3339), time.Since(l.Since).Round(time.Second))
	}
	return text + ": if that run is alive, wait for it; if it is dead, `lifecycle recover ENV --dead` takes the lock away and settles what the run left"
}

func (l Locked) Unwrap() error { return l.Err }

// lockLine is how the backends of buckets and folders tell of a lock
// (https://github.com/pulumi/pulumi/blob/v3.257.0/pkg/backend/diy/lock.go).
var lockLine = regexp.MustCompile(`created by (\S+@\S+ \(pid \d+\)) at (\S+)`)

// locked makes a lock of what the command says of one, and leaves any other error as it is.
func locked(err error) error {
	if err == nil || errors.As(err, new(Locked)) {
		return err
	}
	text := err.Error()
	if found := lockLine.FindStringSubmatch(text); found != nil {
		if since, wrong := time.Parse(time.RFC3339, found[2]); wrong == nil {
			return Locked{found[1], since, err}
		}
	}
	// Pulumi Cloud answers 409 (https://www.pulumi.com/docs/support/troubleshooting/common-issues/#conflict).
	if strings.Contains(text, "[409] Conflict") || strings.Contains(text, "currently locked by") {
		return Locked{Err: err}
	}
	return err
}
