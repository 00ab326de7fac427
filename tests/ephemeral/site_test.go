// Package ephemeral lets environments that live for some hours come and go by the operator's own verbs, through the real
// engine, many at once in one simulated account on each cloud.
package ephemeral

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
	"platform/stacks/config"
	"platform/stacks/lifecycle/ephemeral"
	"platform/stacks/lifecycle/run"
	"platform/stacks/platform"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
	"platform/tests/world"
)

const stacks = "../../stacks"

// account is the landing zone of environments that live for some hours, on all clouds, and the backend of their states.
type account struct {
	cloud       *cloud.Cloud
	engine      *rehearsal.Engine
	state, home string
	now         time.Time
}

func newAccount(t *testing.T) *account {
	t.Helper()
	ctx := context.Background()
	a := &account{state: t.TempDir(), home: t.TempDir(), now: time.Date(2040, 11, 26, 8, 0, 0, 0, time.UTC)}
	var err error
	if a.engine, err = rehearsal.NamedEngine(ctx); err != nil {
		t.Fatal(err)
	}
	var places []world.Place
	for _, name := range []string{"aws", "azure", "gcp"} {
		mould, err := world.Mould(name, "")
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, world.At(mould))
	}
	in, err := world.Of(places...)
	if err != nil {
		t.Fatal(err)
	}
	if a.cloud, err = cloud.Start(cloud.Options{Dir: t.TempDir(), Seed: 1, Packages: in.Packages}, in.Seed...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.cloud.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// verbs are those of one run of the operator's command, on a machine that knows of nothing.
func (a *account) verbs(t *testing.T, checkpoints bool) (ephemeral.Verbs, *log) {
	t.Helper()
	var env []string
	for name, value := range rehearsal.Variables(a.cloud, a.state, a.home) {
		env = append(env, name+"="+value)
	}
	backend := ephemeral.PulumiBackend{Pulumi: a.engine, Dir: t.TempDir(), Env: env, Secrets: cloud.Secrets}
	registry, err := ephemeral.NewRegistry(backend, os.DirFS(stacks), func() time.Time { return a.now })
	if err != nil {
		t.Fatal(err)
	}
	told := &log{}
	return ephemeral.Verbs{
		Registry: registry, Progress: told, Parallel: 2,
		Site: &site{account: a, dir: t.TempDir(), checkpoints: checkpoints, out: told, opened: map[*run.Stack]*rehearsal.Environment{}},
	}, told
}

// log is what a run told, in which several write.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.text.String()
	return s[max(0, len(s)-6000):]
}

// site runs environments in the account.
type site struct {
	*account
	dir         string
	checkpoints bool
	out         io.Writer

	mu     sync.Mutex
	opened map[*run.Stack]*rehearsal.Environment
}

func (s *site) folder(name string) string { return filepath.Join(s.dir, name) }

// Admit lets everybody begin: nobody has credentials here.
func (s *site) Admit(context.Context, string, func(string, ...any)) error { return nil }

func (s *site) Open(ctx context.Context, r ephemeral.Record, file []byte) (*run.Stack, error) {
	asked := filepath.Join(s.folder(r.Name), config.FileOf(r.Name))
	if err := os.MkdirAll(filepath.Dir(asked), 0o700); err != nil {
		return nil, err
	}
	file = append([]byte("secretsprovider: "+cloud.Secrets+"\n"), file...)
	if err := os.WriteFile(asked, file, 0o600); err != nil {
		return nil, err
	}
	e, err := rehearsal.Open(ctx, rehearsal.Options{
		Project: config.Project, Stack: r.Name, StackFile: asked, Engine: s.engine, Cloud: s.cloud, State: s.state,
		Dir: s.folder(r.Name), Out: s.out, Checkpoints: s.checkpoints,
		Program: func(ctx *pulumi.Context) error {
			settings, err := config.FromPulumi(ctx, os.DirFS(stacks), platform.Offers)
			if err != nil {
				return err
			}
			return platform.Deploy(ctx, settings)
		},
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened[e.Stack()] = e
	return e.Stack(), nil
}

func (s *site) Settle(ctx context.Context, _ ephemeral.Record, stack *run.Stack) ([]string, error) {
	s.mu.Lock()
	e := s.opened[stack]
	s.mu.Unlock()
	return e.Recover(ctx)
}

// Destroy leaves nothing to end: all clusters here answer.
func (s *site) Destroy(ctx context.Context, _ ephemeral.Record, stack *run.Stack, _ func(string, ...any)) (run.Changes, error) {
	return stack.Destroy(ctx)
}

func (s *site) Prove(_ context.Context, r ephemeral.Record, _ []apitype.ResourceV3, _ func(string, ...any)) error {
	if left := of(r.Name, cloud.Left(s.cloud.Inventory())); len(left) > 0 {
		return fmt.Errorf("%d left: %s", len(left), strings.Join(names(left), ", "))
	}
	return nil
}

func (s *site) Keep(name, kubeconfig string) (string, error) {
	path := filepath.Join(s.folder(name), "kubeconfig")
	return path, os.WriteFile(path, []byte(kubeconfig), 0o600)
}

func (s *site) Drop(name string) error { return os.RemoveAll(s.folder(name)) }

// of are the objects of an environment: those that it made, those that say so, and those that the cloud made for them.
func of(name string, objects []*cloud.Object) []*cloud.Object {
	var out []*cloud.Object
	known := map[cloud.Key]bool{}
	for _, o := range objects { // in the order of their creation
		if o.URN != "" && string(resource.URN(o.URN).Stack()) == name || o.Tags[tags.Environment] == name || known[o.Owner] {
			known[o.Key()] = true
			out = append(out, o)
		}
	}
	return out
}

func names(objects []*cloud.Object) []string {
	var out []string
	for _, o := range objects {
		out = append(out, o.String())
	}
	return out
}
