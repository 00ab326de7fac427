// Package targets proves what the Makefile refuses before it touches a real account.
package targets

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// making runs a target with a command of a cloud that answers as told; "" leaves it out.
func making(t *testing.T, target, environment, command, answer string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	for _, tool := range []string{"bash", "sed", "grep", "awk", "cat", "git"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, tool)); err != nil {
			t.Fatal(err)
		}
	}
	if answer != "" {
		if err := os.WriteFile(filepath.Join(dir, command), []byte("#!"+filepath.Join(dir, "bash")+"\n"+answer+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	path, err := exec.LookPath("make")
	if err != nil {
		t.Fatal(err)
	}
	// The operator's command is built here, with Go, which those tools lack.
	if out, err := exec.Command("go", "build", "-o", "../../bin/lifecycle", "../../stacks/lifecycle").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(path, "-C", "../..", "--no-print-directory", "-o", "bin/lifecycle", "SHELL="+filepath.Join(dir, "bash"), target, "ENV="+environment)
	cmd.Env = []string{"PATH=" + dir, "HOME=" + dir}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestTheAccountMustBeTheEnvironmentsOwn(t *testing.T) {
	for _, test := range []struct {
		name, environment, command, answer string
		allowed                            bool
		want                               string
	}{
		{"its own", "dev-aws", "aws", "echo 111122223333", true, "the credentials are of 111122223333, where dev-aws is"},
		{"another", "prod-aws", "aws", "echo 111122223333", false, "the credentials are of 111122223333, and prod-aws is in 123456789012"},
		{"another project", "prod-gcp", "gcloud", "echo platform-dev-example", false, "the credentials are of platform-dev-example, and prod-gcp is in platform-prod-example"},
		{"no credentials", "dev-aws", "aws", "exit 1", false, "aws has no valid credentials"},
		{"no command", "dev-aws", "aws", "", true, "is left to the provider"},
		{"no such environment", "nowhere-aws", "aws", "echo 1", false, "Pulumi.nowhere-aws.yaml"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := making(t, "account", test.environment, test.command, test.answer)
			if (err == nil) != test.allowed || !strings.Contains(out, test.want) {
				t.Errorf("error %v, want allowed %v and %q in:\n%s", err, test.allowed, test.want, out)
			}
		})
	}
}

func TestAnEnvironmentThatIsNotThereIsNamedWithThoseThatAre(t *testing.T) {
	out, err := making(t, "rehearse", "nowhere-aws", "pulumi", "exit 1")
	if err == nil || !strings.Contains(out, "there is no environment nowhere-aws: there are dev-aws dev-azure dev-gcp") {
		t.Errorf("error %v, and:\n%s", err, out)
	}
}

// TestAnUpIsPreviewedAndGuardedFirst reads what make would run, in order.
func TestAnUpIsPreviewedAndGuardedFirst(t *testing.T) {
	cmd := exec.Command("make", "-C", "../..", "--no-print-directory", "-n", "up", "ENV=dev-aws", "YES=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rest := string(out)
	for _, want := range []string{
		"git status --porcelain", "pulumi preview --stack dev-aws --diff --policy-pack /", "/bin/policies --event-log ", "bin/preview-dev-aws.json",
		"bin/lifecycle guard --stack dev-aws --preview ", "bin/preview-dev-aws.json", "bin/lifecycle state backup ",
		"pulumi up --stack dev-aws --policy-pack /", "/bin/policies --yes --skip-preview",
	} {
		_, after, ok := strings.Cut(rest, want)
		if !ok {
			t.Errorf("make up does not run %q after what comes before it:\n%s", want, out)
		}
		rest = after
	}
}
