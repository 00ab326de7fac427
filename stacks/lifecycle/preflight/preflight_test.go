package preflight

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"platform/stacks/config"
	"platform/stacks/lifecycle/status"
)

const stacks = "../.."

// world answers in the place of this machine's commands, and remembers which were asked.
type world struct {
	tree    string
	account string
	failing bool
	missing []string
	asked   []string
}

func (w *world) ask(_ context.Context, command ...string) (string, bool, error) {
	for _, m := range w.missing {
		if command[0] == m {
			return "", false, nil
		}
	}
	w.asked = append(w.asked, command[0])
	if command[0] == "git" {
		return w.tree, true, nil
	}
	if w.failing {
		return "", true, errors.New("exit status 1")
	}
	return w.account, true, nil
}

var today = time.Date(2040, 3, 1, 12, 0, 0, 0, time.UTC)

// settings are those of a committed environment, with waivers.
func settings(t *testing.T, environment, waivers string) config.Settings {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(stacks, "Pulumi."+environment+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "Pulumi."+environment+".yaml"), append(raw, waivers...), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := config.Stated(os.DirFS(folder), environment)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func waiver(operation, expires string) string {
	return `
    waivers:
      - urn: "urn:pulumi:prod-aws::platform::pulumi:pulumi:Stack::platform-prod-aws"
        operation: ` + operation + `
        owner: platform
        reason: moves to another account
        expires: "` + expires + `"
`
}

func TestWhatSomebodyWouldRegretIsRefusedBeforeAnyCloudIsCalled(t *testing.T) {
	const own = "123456789012"
	for _, test := range []struct {
		name, environment, waivers string
		kind                       Kind
		confirmed                  string
		world                      world
		want                       []string // what is said; nothing if it passes
		cloud                      bool     // whether the cloud is asked whose the credentials are
	}{
		{name: "all is well", environment: "prod-aws", kind: Up, world: world{account: own}, cloud: true},
		{name: "a dirty tree", environment: "prod-aws", kind: Up, world: world{account: own, tree: " M stacks/main.go"},
			want: []string{"not committed", "M stacks/main.go"}},
		{name: "a look from a dirty tree", environment: "prod-aws", kind: Account, world: world{account: own, tree: " M stacks/main.go"}, cloud: true},
		{name: "no git", environment: "prod-aws", kind: Up, world: world{account: own, missing: []string{"git"}}, want: []string{"git is not installed"}},
		{name: "another account", environment: "prod-aws", kind: Up, world: world{account: "111122223333"},
			want: []string{"the credentials are of 111122223333, and prod-aws is in 123456789012"}, cloud: true},
		{name: "another subscription", environment: "prod-azure", kind: Up, world: world{account: "aaaaaaaa-1111-4222-8333-444444444444"},
			want: []string{"and prod-azure is in bbbbbbbb-1111-4222-8333-444444444444"}, cloud: true},
		{name: "another project", environment: "prod-gcp", kind: Up, world: world{account: "platform-dev-example"},
			want: []string{"and prod-gcp is in platform-prod-example"}, cloud: true},
		{name: "no credentials", environment: "prod-aws", kind: Up, world: world{failing: true}, want: []string{"aws has no valid credentials"}, cloud: true},
		{name: "no command of the cloud", environment: "prod-aws", kind: Up, world: world{missing: []string{"aws"}}},
		{name: "a destroy without name and waiver, from a dirty tree", environment: "prod-aws", kind: Destroy, world: world{account: own, tree: "?? x"},
			want: []string{"not committed", `--confirm: value ""`, "needs a waiver", "urn:pulumi:prod-aws::platform::pulumi:pulumi:Stack::platform-prod-aws"}},
		{name: "a destroy with another name", environment: "prod-aws", waivers: waiver("delete", "2040-03-01"), kind: Destroy, confirmed: "prod-gcp",
			world: world{account: own}, want: []string{`--confirm: value "prod-gcp"`}},
		{name: "a destroy with a waiver that has expired", environment: "prod-aws", waivers: waiver("delete", "2040-02-29"), kind: Destroy, confirmed: "prod-aws",
			world: world{account: own}, want: []string{"expired on 2040-02-29"}},
		{name: "a destroy with a waiver of something else", environment: "prod-aws", waivers: waiver("replace", "2040-03-01"), kind: Destroy, confirmed: "prod-aws",
			world: world{account: own}, want: []string{"needs a waiver"}},
		{name: "a destroy with name and waiver, on its last day", environment: "prod-aws", waivers: waiver("delete", "2040-03-01"), kind: Destroy,
			confirmed: "prod-aws", world: world{account: own}, cloud: true},
		{name: "a destroy of what nobody protects", environment: "staging-aws", kind: Destroy, world: world{account: "444455556666"}, cloud: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := Checks{
				Settings: settings(t, test.environment, test.waivers), Kind: test.kind, Confirmed: test.confirmed, Repository: ".",
				Ask: test.world.ask, Now: today, Say: func(string, ...any) {},
			}.Pass(context.Background())
			if (err == nil) != (len(test.want) == 0) {
				t.Fatalf("ended with %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in:\n%v", want, err)
				}
			}
			if err != nil && status.Of(err) != status.Refused {
				t.Errorf("exit status %d, want %d", status.Of(err), status.Refused)
			}
			asked := false
			for _, command := range test.world.asked {
				asked = asked || command != "git"
			}
			if asked != test.cloud {
				t.Errorf("asked %v, want the cloud asked: %v", test.world.asked, test.cloud)
			}
		})
	}
}
