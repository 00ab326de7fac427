// Package operator types what an operator and the pipeline type: targets of the Makefile, in a repository of its own, with the built
// program and command and the real engine, on a simulated account.
package operator

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"platform/stacks/config"
	"platform/stacks/platform"
	"platform/tests/account"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
	"platform/tests/world"
)

const root = "../.."

// built are the program, the command, the policies and what starts the program, built once for all tests.
var built = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "operator"); err != nil {
		return "", err
	}
	after = func() { _ = os.RemoveAll(dir) }
	for name, from := range map[string]string{
		"platform": "./stacks", "lifecycle": "./stacks/lifecycle", "policies": "./policies", "pulumi-language-go": "./tests/operator/host/pulumi-language-go",
	} {
		cmd := exec.Command("go", "build", "-o", filepath.Join(dir, name), from)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("build %s: %w: %s", from, err, out)
		}
	}
	return dir, nil
})

// after tidies up when all tests have run.
var after = func() {}

func TestMain(m *testing.M) {
	status := m.Run()
	after()
	os.Exit(status)
}

// place is a repository on a machine with credentials of one simulated account.
type place struct {
	t     *testing.T
	dir   string
	env   []string
	cloud *cloud.Cloud
}

func settings(t *testing.T, environment string) config.Settings {
	t.Helper()
	s, err := config.FromFile(os.DirFS(filepath.Join(root, "stacks")), environment, platform.Offers)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newPlace has the account of the settings' landing zone, and nothing in it but what is there before.
func newPlace(t *testing.T, s config.Settings) *place {
	t.Helper()
	pulumi, err := rehearsal.NamedEngine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	in, err := world.Of(world.At(s))
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: t.TempDir()}
	if p.cloud, err = cloud.Start(cloud.Options{Dir: t.TempDir(), Seed: 1, Packages: in.Packages}, in.Seed...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.cloud.Close(); err != nil {
			t.Error(err)
		}
	})
	inventory := httptest.NewServer(account.AWS(p.cloud, s.Landing.Account, s.Region, true))
	t.Cleanup(inventory.Close)

	tools := t.TempDir()
	write(t, filepath.Join(tools, "aws"), "#!/bin/bash\necho "+s.Landing.Account+"\n", 0o700)
	p.env = append(os.Environ(),
		"PATH="+strings.Join([]string{tools, p.dir + "/bin", filepath.Dir(pulumi.Path()), os.Getenv("PATH")}, ":"),
		// The libraries of the cloud ask the simulated account (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).
		"AWS_ENDPOINT_URL="+inventory.URL, "AWS_ACCESS_KEY_ID=simulated", "AWS_SECRET_ACCESS_KEY=simulated",
		// Nothing of whoever runs the tests is asked for.
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "MAKEFLAGS=", "MAKELEVEL=",
		// As many checkpoints as a real cloud would have take ten times as long here.
		"PULUMI_EXPERIMENTAL=true", "PULUMI_SKIP_CHECKPOINTS=true")
	for name, value := range rehearsal.Variables(p.cloud, t.TempDir(), t.TempDir()) {
		p.env = append(p.env, name+"="+value)
	}
	p.repository()
	return p
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// repository puts there what an operator's clone has, as it is in this working folder, and what make builds.
func (p *place) repository() {
	p.t.Helper()
	bin, err := built()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.Symlink(bin, filepath.Join(p.dir, "bin")); err != nil {
		p.t.Fatal(err)
	}
	files := []string{"Makefile", "tests/tools/actionlint/go.mod", "tests/prometheus/go.mod"}
	environments, err := filepath.Glob(filepath.Join(root, "stacks", "Pulumi.*.yaml"))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, file := range environments {
		files = append(files, filepath.Join("stacks", filepath.Base(file)))
	}
	for _, file := range files {
		raw, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			p.t.Fatal(err)
		}
		write(p.t, filepath.Join(p.dir, file), string(raw), 0o600)
	}
	// The program is built already: in another folder Go would compile all of it anew.
	write(p.t, filepath.Join(p.dir, "Pulumi.yaml"), fmt.Sprintf(
		"name: %s\nruntime: {name: go, options: {binary: %s}}\nmain: stacks\nstackConfigDir: stacks\n", config.Project, filepath.Join(bin, "platform")), 0o600)
	write(p.t, filepath.Join(p.dir, ".gitignore"), "/bin\n/.cache/\n", 0o600)
	p.must("git", "init", "-q", "-b", "main")
	p.commit("one")
}

func (p *place) commit(message string) {
	p.t.Helper()
	p.must("git", "add", "-A")
	p.must("git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", message)
}

// run runs a command in the repository; what it printed is for people.
func (p *place) run(name string, args ...string) (string, error) {
	cmd := exec.CommandContext(context.Background(), "env", append([]string{name}, args...)...) // env seeks on the PATH that is set here
	cmd.Dir, cmd.Env = p.dir, p.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (p *place) must(name string, args ...string) string {
	p.t.Helper()
	out, err := p.run(name, args...)
	if err != nil {
		p.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, tail(out))
	}
	return out
}

// make runs a target. What it would build is built.
func (p *place) make(target string, variables ...string) (string, error) {
	return p.run("make", append([]string{
		"--no-print-directory", "-o", "program", "-o", "bin/policies", "-o", "bin/lifecycle", "MAIN=main", target,
	}, variables...)...)
}

// makes runs a target that must succeed, and returns what it printed.
func (p *place) makes(target string, variables ...string) string {
	p.t.Helper()
	out, err := p.make(target, variables...)
	if err != nil {
		p.t.Fatalf("make %s %s: %v\n%s", target, strings.Join(variables, " "), err, tail(out))
	}
	p.t.Logf("make %s: done", target)
	return out
}

// says wants texts in what was printed.
func says(t *testing.T, what, printed string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(printed, text) {
			t.Errorf("%s does not say %q:\n%s", what, text, tail(printed))
		}
	}
}

// tail is the end of a long output, where the cause is.
func tail(s string) string { return s[max(0, len(s)-4000):] }
