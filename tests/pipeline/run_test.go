package pipeline

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// proofs are the tests that run what workflows run on the simulated clouds, or with a recorded preview. What a plan holds an apply to
// TestAPlanIsAllThatAnApplyDoes shows.
var proofs = map[string]string{
	"check":    "tests/pipeline/run_test.go#TestTheWorkflowsAreLinted",
	"test":     "tests/pipeline/run_test.go#TestWhatTheTestsRun",
	"rehearse": "tests/environments/harness_test.go#TestEveryCommittedEnvironmentLivesThroughItsRehearsal",
	"touched":  "tests/pipeline/run_test.go#TestTheListsOfAWorkflow",
	"waves":    "tests/pipeline/run_test.go#TestTheListsOfAWorkflow",
	"review":   "tests/pipeline/run_test.go#TestAPullRequestIsReviewed",
	"comment":  "tests/pipeline/run_test.go#TestAPullRequestIsReviewed",
	"plan":     "tests/operator/life_test.go#TestAnEnvironmentsLifeIsWhatIsTyped",
	"changes":  "tests/operator/life_test.go#TestAnEnvironmentsLifeIsWhatIsTyped",
	"apply":    "tests/operator/life_test.go#TestAnEnvironmentsLifeIsWhatIsTyped",
	"drift":    "tests/operator/life_test.go#TestAnEnvironmentsLifeIsWhatIsTyped",
	"rebuild":  "tests/operator/life_test.go#TestAnEnvironmentsLifeIsWhatIsTyped",
	"reap":     "tests/operator/life_test.go#TestAnEnvironmentOfSomeHoursIsWhatIsTyped",
}

// place is where a target of the Makefile is run: with a Pulumi that tells what a real one told of a recorded preview, and writes down what
// it was asked.
type place struct {
	t   *testing.T
	dir string
	env []string
}

// stand is that Pulumi. A preview that policies refuse has another exit status, as the real one has. For copies of the state it is of the
// version that is pinned, and of none where that is not said.
const stand = `#!/bin/bash
case "$*" in
  *version*) cat %[1]q/version 2>/dev/null; exit 0 ;;
  *"stack select"*) exit 0 ;;
  *"stack export"*) echo export >> %[1]q/asked; echo '{"version":3,"deployment":{}}'; exit 0 ;;
esac
echo "$@" >> %[1]q/asked
told=$(cat %[1]q/told)
if [ "$1" = preview ]; then
  while [ $# -gt 0 ]; do
    case "$1" in
      --event-log) cp "%[2]s/$told-events.json" "$2" ;;
      --save-plan) echo '{"manifest":{}}' > "$2" ;;
    esac
    shift
  done
  cat "%[2]s/$told-digest.json"
  [ "$told" = refused ] && exit 255
fi
exit 0
`

func newPlace(t *testing.T, told string) *place {
	t.Helper()
	dir := t.TempDir()
	recorded, err := filepath.Abs(root + "/stacks/lifecycle/review/testdata")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"pulumi": fmt.Sprintf(stand, dir, recorded), "aws": "#!/bin/bash\necho 111122223333\n", "told": told,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return &place{t: t, dir: dir, env: append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))}
}

// make runs what a step of a workflow runs. The program and the policies are not built, since nobody here runs them; whether the tree is
// clean is proven apart, where a test may have changed it.
func (p *place) make(command string, env ...string) (string, string, error) {
	p.t.Helper()
	args := append([]string{"--no-print-directory", "-o", "program", "-o", "bin/policies", "-o", "clean-tree", "MAIN=HEAD", "OUT=" + p.dir + "/bin", "COPIES=" + p.dir + "/state"}, strings.Fields(command)...)
	cmd := exec.Command("make", args...)
	var out, errs strings.Builder
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = root, append(p.env, env...), &out, &errs
	err := cmd.Run()
	return out.String(), errs.String(), err
}

// versioned lets verbs use the stand-in that ask it for its version first.
func (p *place) versioned() {
	p.t.Helper()
	makefile, err := os.ReadFile(root + "/Makefile")
	if err != nil {
		p.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(makefile), "PINNED := ")
	pinned, _, _ := strings.Cut(rest, "\n")
	if err := os.WriteFile(filepath.Join(p.dir, "version"), []byte("v"+pinned+"\n"), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// judge is where make says that the policies are.
var judge = func() string {
	path, err := filepath.Abs(root + "/bin/policies")
	if err != nil {
		panic(err) // there is no working folder
	}
	return path
}()

func (p *place) asked() string {
	p.t.Helper()
	raw, err := os.ReadFile(filepath.Join(p.dir, "asked"))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(raw)
}

// TestTheListsOfAWorkflow reads what the steps write into a job's outputs.
func TestTheListsOfAWorkflow(t *testing.T) {
	p := newPlace(t, "change")
	out, errs, err := p.make("waves FORMAT=output")
	if err != nil || !strings.HasPrefix(out, "development=[\"") || !strings.Contains(out, "\nproduction=[\"prod-aws\"") || strings.Count(out, "\n") != 4 {
		t.Errorf("waves: %q, %v, %s", out, err, errs)
	}
	for _, command := range []string{"touched FORMAT=output", "touched REHEARSAL=1 FORMAT=output"} {
		out, errs, err := p.make(command, "BASE=HEAD")
		if err != nil || out != "environments=[]\n" {
			t.Errorf("%s since this very commit: %q, %v, %s", command, out, err, errs)
		}
	}
}

// TestAPullRequestIsReviewed runs both jobs of a pull request: the review of an environment, and the comment of all.
func TestAPullRequestIsReviewed(t *testing.T) {
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch {
		case q.URL.Path != "/repos/acme/platform/issues/17/comments" || q.Header.Get("Authorization") != "Bearer a-token":
			http.NotFound(w, q)
		case q.Method == http.MethodGet:
			fmt.Fprint(w, "[]")
		default:
			var asked struct{ Body string }
			if err := json.NewDecoder(q.Body).Decode(&asked); err != nil {
				t.Error(err)
			}
			bodies = append(bodies, asked.Body)
			fmt.Fprint(w, `{"html_url":"https://example.com/17"}`)
		}
	}))
	defer server.Close()
	forge := []string{
		"GITHUB_API_URL=" + server.URL, "GITHUB_REPOSITORY=acme/platform", "GITHUB_TOKEN=a-token", "PR=17", "COMMIT=0123456789abcdef", `EXPECTED=["dev-aws"]`,
		"GITHUB_SERVER_URL=https://example.com", "GITHUB_RUN_ID=99",
	}
	p := newPlace(t, "refused")
	out, errs, err := p.make("review", "ENV=dev-aws")
	if err == nil || !strings.Contains(out, "would be lost without a waiver") || !strings.Contains(out, "database-not-public") || !strings.Contains(errs, "the preview failed: the review says why") {
		t.Errorf("a change that is refused: %v, %s\n%s", err, errs, out)
	}
	if want := "preview --stack dev-aws --policy-pack " + judge + " --json --show-sames --show-replacement-steps --event-log " + p.dir + "/bin/preview-dev-aws.json\n"; p.asked() != want {
		t.Errorf("Pulumi was asked %q, want %q", p.asked(), want)
	}
	out, errs, err = p.make("comment", forge...)
	if err == nil || !strings.Contains(errs, "dev-aws: ") || !strings.Contains(out, "https://example.com/17") || len(bodies) != 1 ||
		!strings.Contains(bodies[0], "https://example.com/acme/platform/actions/runs/99") || !strings.Contains(bodies[0], "`0123456789abcdef`") || !strings.Contains(bodies[0], "### `dev-aws`") {
		t.Errorf("its comment: %v, %s\n%s\n%q", err, errs, out, bodies)
	}
	// Where no review came, nobody may take that for a good one.
	if err := os.RemoveAll(p.dir + "/bin/reviews"); err != nil {
		t.Fatal(err)
	}
	if _, errs, err = p.make("comment", forge...); err == nil || !strings.Contains(errs, "dev-aws: no review") || !strings.Contains(bodies[1], "No review came of `dev-aws`") {
		t.Errorf("a comment without reviews: %v, %s", err, errs)
	}
	// A change that touches nothing has a comment too, in place of one that told of more.
	if out, errs, err = p.make("comment", append(forge, "EXPECTED=[]")...); err != nil || !strings.Contains(bodies[2], "touches no environment") {
		t.Errorf("a comment on nothing: %v, %s, %s", err, errs, out)
	}
}

// TestAMergeIsPlannedAndApplied runs both jobs of an environment, with and without something that stands against it.
func TestAMergeIsPlannedAndApplied(t *testing.T) {
	p := newPlace(t, "harmless")
	p.versioned()
	out, errs, err := p.make("plan", "ENV=dev-aws")
	if err != nil || !strings.Contains(out, "## What this change does") {
		t.Fatalf("plan: %v, %s\n%s", err, errs, out)
	}
	if out, errs, err = p.make("changes", "ENV=dev-aws"); err != nil || out != "changes=1\n" {
		t.Errorf("changes: %q, %v, %s", out, err, errs)
	}
	if out, errs, err = p.make("apply", "ENV=dev-aws"); err != nil {
		t.Errorf("apply: %v, %s\n%s", err, errs, out)
	}
	plan := p.dir + "/bin/plan-dev-aws.json"
	// The state is copied before it is changed.
	if want := "--save-plan " + plan + "\nexport\nup --stack dev-aws --policy-pack " + judge + " --plan " + plan + " --yes --skip-preview\n"; !strings.HasSuffix(p.asked(), want) {
		t.Errorf("Pulumi was asked\n%s\nwant at its end\n%s", p.asked(), want)
	}
	if err := os.Remove(plan); err != nil {
		t.Fatal(err)
	}
	asked := p.asked()
	if _, errs, err = p.make("apply", "ENV=dev-aws"); err == nil || !strings.Contains(errs, "make plan ENV=dev-aws makes it") || p.asked() != asked {
		t.Errorf("an apply without a plan: %v, %s", err, errs)
	}
	p = newPlace(t, "change")
	if out, errs, err = p.make("plan", "ENV=dev-aws"); err == nil || !strings.Contains(errs, "lost without a waiver") {
		t.Errorf("a plan by which something is lost: %v, %s\n%s", err, errs, out)
	}
}

// TestOnlyWhatIsOnMainIsDeployed asks make in a repository of its own.
func TestOnlyWhatIsOnMainIsDeployed(t *testing.T) {
	makefile, err := filepath.Abs(root + "/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := func(name string, args ...string) (string, error) {
		cmd := exec.Command(name, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	git := func(args ...string) {
		t.Helper()
		if out, err := run("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"}, args...)...); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	ask := func(target, main string) (string, error) {
		return run("make", "--no-print-directory", "-f", makefile, target, "MAIN="+main)
	}
	git("init", "-q")
	git("commit", "-q", "--allow-empty", "-m", "one")
	if out, err := ask("on-main", "main"); err != nil {
		t.Errorf("on main: %v, %s", err, out)
	}
	if out, err := ask("on-main", "origin/main"); err == nil || !strings.Contains(out, "is not on origin/main") {
		t.Errorf("where main is not known: %v, %s", err, out)
	}
	git("checkout", "-qb", "change")
	git("commit", "-q", "--allow-empty", "-m", "two")
	if out, err := ask("on-main", "main"); err == nil || !strings.Contains(out, "is not on main: merge it first") {
		t.Errorf("a commit of a branch: %v, %s", err, out)
	}
	if out, err := ask("clean-tree", "main"); err != nil {
		t.Errorf("a clean tree: %v, %s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "new"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := ask("clean-tree", "main"); err == nil || !strings.Contains(out, "not committed") {
		t.Errorf("a tree that is not clean: %v, %s", err, out)
	}
	for _, target := range []string{"up", "plan", "apply"} {
		out, err := exec.Command("make", "-C", root, "--no-print-directory", "-n", target, "ENV=dev-aws").CombinedOutput()
		text := string(out)
		first := len(text)
		for _, call := range []string{"pulumi preview", "pulumi up"} {
			if at := strings.Index(text, call); at >= 0 {
				first = min(first, at)
			}
		}
		if err != nil || first == len(text) || !strings.Contains(text[:first], "merge-base --is-ancestor HEAD origin/main") || !strings.Contains(text[:first], "git status --porcelain") || !strings.Contains(text[:first], "bin/lifecycle preflight dev-aws --for account") {
			t.Errorf("make %s asks Pulumi before it asks for the account, a clean tree and main: %v\n%s", target, err, out)
		}
	}
}

// TestWhatIsDoneOnASchedule runs each verb as far as it goes without an account: it is there, its flags are, and what it asks for first is
// what it finds missing. What verbs do to environments their own tests rehearse.
func TestWhatIsDoneOnASchedule(t *testing.T) {
	forge := []string{"GITHUB_API_URL=http://127.0.0.1:9", "GITHUB_REPOSITORY=acme/platform", "GITHUB_TOKEN="}
	for command, want := range map[string]string{
		"drift ENV=dev-aws ISSUE=1": "GITHUB_TOKEN: missing",
		"rebuild ENV=staging-aws":   "the credentials are of 111122223333, and staging-aws is in 444455556666",
	} {
		p := newPlace(t, "harmless")
		if out, errs, err := p.make(command, forge...); err == nil || !strings.Contains(errs, want) || strings.Contains(errs, "unknown") {
			t.Errorf("make %s: %v, want %q in\n%s%s", command, err, want, errs, out)
		}
	}
	// The stand-in is of no version that the command knows: it is refused before anything is begun.
	p := newPlace(t, "harmless")
	if out, errs, err := p.make("reap"); err == nil || !strings.Contains(errs, "find the Pulumi command") {
		t.Errorf("make reap: %v\n%s%s", err, errs, out)
	}
	out, err := exec.Command("make", "-C", root, "--no-print-directory", "-n", "rebuild", "ENV=staging-aws").CombinedOutput()
	text := string(out)
	if verb := strings.Index(text, "bin/lifecycle rebuild staging-aws"); err != nil || verb < 0 || !strings.Contains(text[:verb], "merge-base --is-ancestor HEAD origin/main") {
		t.Errorf("make rebuild: %v\n%s", err, text)
	}
}

// TestAJobsCredentialsLeaveTheTreeClean: on Google Cloud they are a file in the repository's folder, and what is not clean is not
// deployed; what make writes is ignored too.
func TestAJobsCredentialsLeaveTheTreeClean(t *testing.T) {
	for _, file := range []string{"gha-creds-0123456789abcdef.json", "bin/plan-dev-gcp.json", "bin/reviews/dev-gcp.json"} {
		if out, err := exec.Command("git", "-C", root, "check-ignore", file).CombinedOutput(); err != nil {
			t.Errorf("%s would make the tree dirty: %v, %s", file, err, out)
		}
	}
}

// TestTheWorkflowsAreLinted: make check has the linter of workflows among its parts.
func TestTheWorkflowsAreLinted(t *testing.T) {
	out, err := exec.Command("make", "-C", root, "--no-print-directory", "-n", "check").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"gofmt -l .", "go vet ./...", "golangci-lint run", "/actionlint -shellcheck= -pyflakes="} {
		if !strings.Contains(string(out), want) {
			t.Errorf("make check does not run %q:\n%s", want, out)
		}
	}
}

// TestWhatTheTestsRun: make test runs every package, this one among them.
func TestWhatTheTestsRun(t *testing.T) {
	out, err := exec.Command("make", "-C", root, "--no-print-directory", "-n", "test").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "go test -timeout 80m ./...") {
		t.Errorf("%v\n%s", err, out)
	}
}
