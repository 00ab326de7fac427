package touched

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../../.."

// TestAChangeTouchesWhatIsBuiltFromIt asks Go for what this repository is built from.
func TestAChangeTouchesWhatIsBuiltFromIt(t *testing.T) {
	every, err := Environments(os.DirFS(root + "/stacks"))
	if err != nil {
		t.Fatal(err)
	}
	on := func(clouds ...string) (out []string) {
		for _, e := range every {
			if slices.Contains(clouds, e.Cloud) {
				out = append(out, e.Name)
			}
		}
		return out
	}
	all := on("aws", "azure", "gcp")
	standing := slices.DeleteFunc(slices.Clone(all), func(e string) bool { return e == "ephemeral" })
	without := func(of []string) []string {
		return slices.DeleteFunc(slices.Clone(of), func(e string) bool { return e == "ephemeral" })
	}
	tests := []struct {
		why       string
		changes   []Change
		built     []string
		rehearsed []string
	}{
		{"nothing", nil, nil, nil},
		{"a document", []Change{{"docs/decisions/guard.md", false}}, nil, nil},
		{"a page beside code", []Change{{"components/queue/README.md", false}}, nil, nil},
		{"a test beside code", []Change{{"stacks/config/config_test.go", false}}, nil, nil},
		{"a workflow", []Change{{".github/workflows/preview.yml", false}}, nil, nil},
		{"the operator's command", []Change{{"stacks/lifecycle/main.go", false}}, nil, nil},
		{"an environment's file", []Change{{"stacks/Pulumi.prod-gcp.yaml", false}}, []string{"prod-gcp"}, []string{"prod-gcp"}},
		{"the file of one that stands nowhere", []Change{{"stacks/Pulumi.ephemeral.yaml", false}}, nil, []string{"ephemeral"}},
		{"the file of one that is gone", []Change{{"stacks/Pulumi.gone.yaml", true}}, nil, nil},
		{"a driver", []Change{{"components/aws/network.go", false}}, without(on("aws")), on("aws")},
		{"two drivers", []Change{{"components/azure/database.go", false}, {"components/gcp/queue.go", false}}, on("azure", "gcp"), on("azure", "gcp")},
		{"a driver's file that is gone", []Change{{"components/gcp/gone.go", true}}, on("gcp"), on("gcp")},
		{"a driver's test that is gone", []Change{{"components/gcp/gone_test.go", true}}, nil, nil},
		{"what names a cloud", []Change{{"stacks/platform/clouds_azure.go", false}}, on("azure"), on("azure")},
		{"what stands where a cloud is left out", []Change{{"stacks/platform/clouds_azure_absent.go", false}}, without(on("aws", "gcp")), on("aws", "gcp")},
		{"a contract", []Change{{"components/network/args.go", false}}, standing, all},
		{"the catalogue, which is no code", []Change{{"stacks/catalog/services.yaml", false}}, standing, all},
		{"a file of the catalogue that is gone", []Change{{"stacks/catalog/gone.yaml", true}}, standing, all},
		{"a policy", []Change{{"policies/rules/tags.go", false}}, standing, all},
		{"a pinned library", []Change{{"go.sum", false}}, standing, all},
		{"a simulated cloud, as each rehearsal holds all", []Change{{"tests/cloud/aws/rules/sqs.yaml", false}}, nil, all},
		{"all simulated clouds", []Change{{"tests/cloud/table.go", false}}, nil, all},
		{"how a rehearsal is started", []Change{{"Makefile", false}}, nil, all},
	}
	for _, rehearses := range []bool{false, true} {
		of := every
		if !rehearses {
			of = Standing(every)
		}
		graphs, err := Read(context.Background(), root, of, rehearses)
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range tests {
			want := test.built
			if rehearses {
				want = test.rehearsed
			}
			if got := graphs.Touched(test.changes, of); !slices.Equal(got, want) {
				t.Errorf("%s, rehearsal %v: touches %v, want %v", test.why, rehearses, got, want)
			}
			for _, c := range test.changes {
				if _, err := os.Stat(filepath.Join(root, c.Path)); (err == nil) == c.Deleted {
					t.Errorf("%s: %s: deleted is %v, and that it is there %v", test.why, c.Path, c.Deleted, err == nil)
				}
			}
		}
	}
}

// TestWhatDiffersIsSinceTheBranchBegan: what came to the base meanwhile is none of the change.
func TestWhatDiffersIsSinceTheBranchBegan(t *testing.T) {
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	write("old", "a file that is moved")
	write("gone", "1")
	git("add", ".")
	git("commit", "-qm", "one")
	git("checkout", "-qb", "change")
	git("mv", "old", "new name\twith\"signs")
	git("rm", "-q", "gone")
	git("commit", "-qm", "two")
	git("checkout", "-q", "main")
	write("theirs", "1")
	git("add", ".")
	git("commit", "-qm", "three")
	git("checkout", "-q", "change")
	got, err := Since(context.Background(), dir, "main")
	want := []Change{{"gone", true}, {"new name\twith\"signs", false}, {"old", true}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for _, base := range []string{"", "--output=x", "nowhere"} {
		if _, err := Since(context.Background(), dir, base); err == nil {
			t.Errorf("base %q is let pass", base)
		}
	}
}

func TestListsArePrintedAsAWorkflowReadsThem(t *testing.T) {
	every := []Environment{{"a-dev", "aws", "development"}, {"a-prod", "aws", "production"}, {"b-dev", "gcp", "development"}}
	for format, want := range map[string]string{
		"output": "development=[\"a-dev\",\"b-dev\"]\nstaging=[]\nproduction=[\"a-prod\"]\nenvironments=[\"a-dev\",\"b-dev\",\"a-prod\"]\n",
		"text":   "development: a-dev b-dev\nstaging: \nproduction: a-prod\n",
		"json":   "{\n  \"development\": [\n    \"a-dev\",\n    \"b-dev\"\n  ],\n  \"production\": [\n    \"a-prod\"\n  ],\n  \"staging\": []\n}\n",
	} {
		var out bytes.Buffer
		if err := printWaves(&out, format, every); err != nil || out.String() != want {
			t.Errorf("%s: %q, %v, want %q", format, out.String(), err, want)
		}
	}
	if err := printWaves(&bytes.Buffer{}, "text", []Environment{{"c", "aws", "test"}}); err == nil || !strings.Contains(err.Error(), `tier: value "test"`) {
		t.Errorf("a tier that nobody knows: %v", err)
	}
	for format, want := range map[string]string{"text": "a\nb\n", "json": "[\"a\",\"b\"]\n", "output": "environments=[\"a\",\"b\"]\n"} {
		var out bytes.Buffer
		if err := list(&out, format, "environments", []string{"a", "b"}); err != nil || out.String() != want {
			t.Errorf("%s: %q, %v, want %q", format, out.String(), err, want)
		}
	}
}
