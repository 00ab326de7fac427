package pipeline

import (
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

func workflows(t *testing.T) []Workflow {
	t.Helper()
	all, err := Read(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 6 {
		t.Fatalf("only %d workflows and actions were read", len(all))
	}
	return all
}

// each goes through all jobs.
func each(t *testing.T, do func(w Workflow, name string, j Job)) {
	t.Helper()
	for _, w := range workflows(t) {
		for _, name := range slices.Sorted(maps.Keys(w.Jobs)) {
			do(w, name, w.Jobs[name])
		}
	}
}

// pinned is an action by its whole commit, with the version that it was; Renovate reads and writes both.
var pinned = regexp.MustCompile(`^\s*(?:- )?uses: [A-Za-z0-9-]+/[A-Za-z0-9./_-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

// TestActionsArePinned: a tag can be moved to other code, a commit cannot
// (https://docs.github.com/actions/reference/security/secure-use#using-third-party-actions).
func TestActionsArePinned(t *testing.T) {
	found, by := 0, map[string]string{}
	for _, w := range workflows(t) {
		for i, line := range strings.Split(w.Text, "\n") {
			if !strings.Contains(line, "uses: ") || strings.Contains(line, "uses: ./.github/") {
				continue
			}
			found++
			if !pinned.MatchString(line) {
				t.Errorf("%s:%d: %s: an action by its whole commit and its version as a comment is allowed", w.Path, i+1, strings.TrimSpace(line))
				continue
			}
			action, commit, _ := strings.Cut(line[strings.Index(line, "uses: ")+6:], "@")
			if before := by[action]; before != "" && before != commit {
				t.Errorf("%s:%d: %s is at %s here and at %s elsewhere", w.Path, i+1, action, commit, before)
			}
			by[action] = commit
		}
	}
	if found < 10 {
		t.Errorf("only %d uses of actions were found", found)
	}
}

// may are the rights that a job may have beyond reading the repository, by workflow and job.
var may = map[string][]string{
	"preview.yml/preview":          {"id-token"},
	"preview.yml/comment":          {"pull-requests"},
	"deploy.yml/development":       {"id-token"},
	"deploy.yml/staging":           {"id-token"},
	"deploy.yml/production":        {"id-token"},
	"deploy-environment.yml/plan":  {"id-token"},
	"deploy-environment.yml/apply": {"id-token"},
	"drift.yml/drift":              {"id-token", "issues"},
	"reap.yml/reap":                {"id-token"},
	"rebuild.yml/rebuild":          {"id-token"},
}

// TestJobsMayWhatTheyNeed: nothing is granted by default, each job reads the repository, and what else it may is listed here.
func TestJobsMayWhatTheyNeed(t *testing.T) {
	for _, w := range workflows(t) {
		if w.action() {
			continue
		}
		if granted, err := rights(w.Permissions); err != nil || len(granted) > 0 {
			t.Errorf("%s: permissions are %v, %v: none for all jobs is allowed", w.Path, granted, err)
		}
	}
	each(t, func(w Workflow, name string, j Job) {
		if w.action() {
			return
		}
		at := strings.TrimPrefix(w.Path, ".github/workflows/") + "/" + name
		granted, err := rights(j.Permissions)
		if err != nil {
			t.Errorf("%s: permissions: %v", at, err)
		}
		for scope, right := range granted {
			if !(scope == "contents" && right == "read") && !(slices.Contains(may[at], scope) && right == "write") {
				t.Errorf("%s: permissions: %s: %s is not listed as needed", at, scope, right)
			}
		}
		for _, scope := range may[at] {
			if granted[scope] != "write" {
				t.Errorf("%s: is listed as in need of %s, and has none", at, scope)
			}
		}
		if j.Uses == "" && (j.Timeout < 1 || j.Timeout > 360) {
			t.Errorf("%s: timeout-minutes: value %d: 1 to 360 is allowed", at, j.Timeout)
		}
	})
}

// fork is the condition without which a job would run for a pull request from a fork.
const fork = "github.event.pull_request.head.repo.full_name == github.repository"

// TestAForkGetsNoCredential: no event runs a fork's code beside the repository's rights, and each job that a pull request starts and
// that may do more than read asks where it comes from.
func TestAForkGetsNoCredential(t *testing.T) {
	for _, w := range workflows(t) {
		for _, event := range []string{"pull_request_target", "workflow_run", "issue_comment"} {
			if strings.Contains(w.Text, event) {
				t.Errorf("%s: %s runs with the repository's rights on what others wrote", w.Path, event)
			}
		}
		if strings.Contains(w.Text, "secrets.") || strings.Contains(w.Text, "secrets: inherit") {
			t.Errorf("%s: a secret: roles are taken by the job's own token", w.Path)
		}
		for i, line := range strings.Split(w.Text, "\n") {
			if strings.Contains(line, "run:") && strings.Contains(line, "${{") {
				t.Errorf("%s:%d: an expression in a shell: what others wrote would be run; give it by env", w.Path, i+1)
			}
		}
	}
	each(t, func(w Workflow, name string, j Job) {
		if w.action() || !strings.Contains(w.Text, "\n  pull_request:") && !strings.Contains(w.Text, "on: pull_request") {
			return
		}
		granted, err := rights(j.Permissions)
		if err != nil {
			t.Errorf("%s/%s: %v", w.Path, name, err)
		}
		writes := slices.Contains(slices.Collect(maps.Values(granted)), "write")
		if (writes || j.Environment != "") && !strings.Contains(j.If, fork) {
			t.Errorf("%s/%s: if: %q: a job that may write, or has an environment, asks that %s", w.Path, name, j.If, fork)
		}
	})
	for _, w := range workflows(t) {
		if w.Path != ".github/workflows/preview.yml" {
			continue
		}
		j := w.Jobs["rehearse"]
		if !strings.Contains(j.If, strings.Replace(fork, "==", "!=", 1)) || j.Environment != "" || len(j.Steps) == 0 || j.Steps[len(j.Steps)-1].Run != "make rehearse" {
			t.Errorf("a pull request from a fork is not rehearsed: %+v", j)
		}
	}
}

// TestWhoChangesAnEnvironmentIsAlone: jobs with an environment's own credentials wait for each other, and are never cut off.
func TestWhoChangesAnEnvironmentIsAlone(t *testing.T) {
	found := 0
	each(t, func(w Workflow, name string, j Job) {
		if j.Environment == "" || strings.HasSuffix(j.Environment, "-preview") {
			return
		}
		found++
		var c struct {
			Group  string
			Cancel bool `yaml:"cancel-in-progress"`
		}
		if err := j.Concurrency.Decode(&c); err != nil || c.Group != "environment-"+j.Environment || c.Cancel {
			t.Errorf("%s/%s: concurrency: %+v, %v: group environment-%s without cancel-in-progress is allowed", w.Path, name, c, err, j.Environment)
		}
		if strings.Contains(w.Text, "on: pull_request") {
			t.Errorf("%s/%s: a pull request gets the credentials of %s", w.Path, name, j.Environment)
		}
	})
	if found == 0 {
		t.Error("no job changes an environment")
	}
}

// step is what a step may run: a target of the Makefile or a verb of the operator's command, and where its output goes.
var step = regexp.MustCompile(`^(?:make ([a-z-]+)(?: [A-Z]+=[a-z0-9./-]+)*|bin/lifecycle ([a-z-]+)[a-z0-9 ./-]*)(?: >> "\$GITHUB_(?:OUTPUT|STEP_SUMMARY)")?$`)

// TestStepsAreTargetsThatATestRuns: what a workflow does is in the Makefile or the command, and each of them has its proof.
func TestStepsAreTargetsThatATestRuns(t *testing.T) {
	makefile, err := os.ReadFile(root + "/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	each(t, func(w Workflow, name string, j Job) {
		for _, s := range j.Steps {
			if s.Run == "" {
				continue
			}
			m := step.FindStringSubmatch(s.Run)
			switch {
			case m == nil:
				t.Errorf("%s/%s: run: %q: one make target or lifecycle verb is allowed", w.Path, name, s.Run)
			case m[2] != "":
				used["lifecycle "+m[2]] = true
			default:
				used[m[1]] = true
				if !regexp.MustCompile(`(?m)^` + m[1] + `:.* ## `).Match(makefile) {
					t.Errorf("%s/%s: run: %q: there is no such target, or nothing says what it does", w.Path, name, s.Run)
				}
			}
		}
	})
	for target := range used {
		proof, ok := proofs[target]
		if !ok {
			t.Errorf("%s: no test runs it: name it in proofs", target)
			continue
		}
		if file, name, named := strings.Cut(proof, "#"); named {
			text, err := os.ReadFile(root + "/" + file)
			if err != nil || !strings.Contains(string(text), "func "+name+"(") {
				t.Errorf("%s is proven by %s, which is not there: %v", target, proof, err)
			}
		}
	}
	for target := range proofs {
		if !used[target] {
			t.Errorf("%s: no workflow runs it any more", target)
		}
	}
}

// TestTheWorkflowsUseThePinnedPulumi: what a rehearsal ran with is what the pipeline runs with.
func TestTheWorkflowsUseThePinnedPulumi(t *testing.T) {
	out, err := exec.Command("sed", "-nE", "s/^PINNED := (.*)$/\\1/p", root+"/Makefile").Output()
	if err != nil {
		t.Fatal(err)
	}
	want, found := strings.TrimSpace(string(out)), 0
	each(t, func(w Workflow, name string, j Job) {
		for _, s := range j.Steps {
			if strings.HasPrefix(s.Uses, "pulumi/actions@") {
				found++
				if got := s.With["pulumi-version"]; got != want {
					t.Errorf("%s/%s: pulumi-version is %s, and the Makefile pins %s", w.Path, name, got, want)
				}
			}
		}
	})
	if found != 1 || want == "" {
		t.Errorf("Pulumi is set up in %d places, pinned at %q", found, want)
	}
}
