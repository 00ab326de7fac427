package ephemeral_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/stacks/lifecycle/ephemeral"
	"platform/stacks/lifecycle/run"
)

// broken is a site that opens nothing, and lets nobody begin on some clouds.
type broken struct{ closed []string }

func (b broken) Admit(_ context.Context, cloud string, _ func(string, ...any)) error {
	if slices.Contains(b.closed, cloud) {
		return errors.New("the credentials are of another account")
	}
	return nil
}

func (broken) Open(_ context.Context, r ephemeral.Record, file []byte) (*run.Stack, error) {
	if !strings.Contains(string(file), r.Plan.String()) {
		return nil, errors.New("the file has another plan")
	}
	return nil, errors.New("the backend does not answer")
}

func (broken) Settle(context.Context, ephemeral.Record, *run.Stack) ([]string, error) {
	return nil, nil
}

func (broken) Destroy(context.Context, ephemeral.Record, *run.Stack, func(string, ...any)) (run.Changes, error) {
	return nil, errors.New("nothing is destroyed here")
}

func (broken) Prove(context.Context, ephemeral.Record, []apitype.ResourceV3, func(string, ...any)) error {
	return nil
}
func (broken) Keep(string, string) (string, error) { return "", nil }
func (broken) Drop(string) error                   { return nil }

func verbs(t *testing.T, m *memory, now *time.Time, site ephemeral.Site) ephemeral.Verbs {
	t.Helper()
	return ephemeral.Verbs{Registry: registry(t, m, 16, now), Site: site, Progress: &bytes.Buffer{}, Parallel: 1}
}

func TestReapGoesOnAfterOneThatFails(t *testing.T) {
	ctx, now := context.Background(), begun
	m := &memory{stacks: map[string]map[string]string{}, locks: map[string]int{}, step: free}
	v := verbs(t, m, &now, broken{closed: []string{"gcp"}})
	for name, cloud := range map[string]string{"pr-1": "aws", "pr-3": "gcp"} {
		if _, _, err := v.Enter(ctx, asked(name, cloud, now, time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	// These were cut off before they had a plan.
	for _, name := range []string{"pr-0", "pr-2", "pr-4"} {
		m.stacks["platform/"+name] = map[string]string{"platform:ephemeral": m.stacks["platform/pr-1"]["platform:ephemeral"]}
	}
	if _, _, err := v.Enter(ctx, asked("pr-5", "aws", now, 5*time.Hour)); err != nil {
		t.Fatal(err)
	}
	m.stacks["platform-plans/10.128.240.0-20"] = map[string]string{} // nobody's
	now = now.Add(2 * time.Hour)
	reaped, err := v.Reap(ctx, "")
	if err == nil || err.Error() != "2 of 5 environments could not be ended: the next reap tries again" {
		t.Errorf("error is %v", err)
	}
	want := []ephemeral.Failure{
		{Name: "pr-1", Error: "settle: the backend does not answer"}, {Name: "pr-3", Error: "the credentials are of another account"},
	}
	if !slices.Equal(reaped.Ended, []string{"pr-0", "pr-2", "pr-4"}) || !slices.Equal(reaped.Failed, want) ||
		!slices.Equal(reaped.Living, []string{"pr-5"}) || len(reaped.Freed) != 1 {
		t.Errorf("reaped %+v", reaped)
	}
}

// What fails before anything is built leaves neither a stack nor a claim; what was there before stays.
func TestWhatIsNotBuiltLeavesNothing(t *testing.T) {
	ctx, now := context.Background(), begun
	m := &memory{stacks: map[string]map[string]string{}, locks: map[string]int{}, step: free}
	v := verbs(t, m, &now, broken{})
	if _, err := v.Up(ctx, asked("pr-1", "aws", now, time.Hour)); err == nil || err.Error() != "preview: the backend does not answer" {
		t.Errorf("error is %v", err)
	}
	if len(m.stacks) > 0 {
		t.Errorf("left are %v", m.stacks)
	}
	if _, _, err := v.Enter(ctx, asked("pr-1", "aws", now, time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Up(ctx, asked("pr-1", "aws", now, time.Hour)); err == nil {
		t.Error("it came up")
	}
	if len(m.stacks) != 2 {
		t.Errorf("left are %v, want a stack and a claim", m.stacks)
	}
}

func TestAllThatIsWrongIsSaidBeforeAnythingIsBegun(t *testing.T) {
	now := begun
	m := &memory{stacks: map[string]map[string]string{}, locks: map[string]int{}, step: free}
	v := verbs(t, m, &now, broken{})
	wrong := ephemeral.Record{Name: "Pr_1", Cloud: "moon", Owner: "octo cat", Services: []string{"orders", "shop"}}
	err := v.Admit(&wrong, 100*time.Hour)
	want := `cloud: value "moon": one of [aws azure gcp] is allowed
name: value "Pr_1": 2 to 20 characters, lower-case words joined by hyphens are allowed: the name begins every resource's name
name: value "Pr_1": a name that begins with pr- is allowed
owner: value "octo cat": 1 to 39 lower-case letters, digits and dashes are allowed
services: value "shop": one of accounts, admin, erp-bridge, inventory, ledger, mobile-api, notifications, orders, partner-api, payments, product-catalog, reports, shipping is allowed
ttl: value "100h0m0s": 1h0m0s to 72h0m0s is allowed`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	for _, name := range []string{"prod-aws", "dev-aws", "ephemeral"} {
		taken := asked(name, "aws", now, time.Hour)
		if err := v.Admit(&taken, time.Hour); err == nil || !strings.Contains(err.Error(), "that no committed environment has") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
