package environments

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// TestPoliciesStopWhatTheyForbid plants violations in drivers, and asks the real engine with the real pack.
func TestPoliciesStopWhatTheyForbid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func(props pulumi.Input)
		want []string
	}{
		{"a public database, unencrypted", func(props pulumi.Input) {
			if args, ok := props.(*rds.InstanceArgs); ok {
				args.PubliclyAccessible, args.StorageEncrypted = pulumi.Bool(true), pulumi.Bool(false)
			}
		}, []string{
			"10 violations: 5 critical, 5 high, 0 medium",
			`database-not-public: publiclyAccessible is "true"; allowed is nothing, or false`, "$aws:rds/instance:Instance::database-accounts-server)",
			"mend:  close the public endpoint", "SOC 2 CC6.1, CC6.6; ISO 27001 A.8.20, A.8.22; HIPAA 164.312(a)(1), 164.312(e)(1)",
			`encryption-at-rest: storageEncrypted is "false"; allowed is true`,
		}},
		{"an administrator", func(props pulumi.Input) {
			if args, ok := props.(*iam.RolePolicyAttachmentArgs); ok {
				args.PolicyArn = pulumi.String("arn:aws:iam::aws:policy/AdministratorAccess")
			}
		}, []string{"no-administrator: policyArn is", "mend:  grant what is needed by name", "allowed is a policy for one purpose"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			e := judged(t, stacks, "dev-aws", t.TempDir(), &out, plant(test.make))
			if _, err := e.Preview(context.Background()); err == nil {
				t.Error("the preview is green")
			}
			for _, want := range test.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("the preview does not say %q:\n%s", want, tail(out.String()))
				}
			}
			out.Reset()
			if _, err := e.Up(context.Background()); err == nil {
				t.Error("the up is green")
			}
			if want := test.want[len(test.want)-1]; !strings.Contains(out.String(), want) {
				t.Errorf("the up does not say %q:\n%s", want, tail(out.String()))
			}
			for _, o := range e.Cloud.Inventory() {
				if o.Type == "aws:rds/instance:Instance" && strings.HasPrefix(test.name, "a public") {
					t.Errorf("%s was made", o)
				}
			}
		})
	}
}

// TestARegionOutsideTheResidencyIsRefused moves an environment in its file to where its data may not lie.
func TestARegionOutsideTheResidencyIsRefused(t *testing.T) {
	t.Parallel()
	for environment, test := range map[string]struct{ region, outside, allowed string }{
		"dev-aws":   {"eu-central-1", "us-east-1", "one of [eu-central-1 "},
		"dev-azure": {"germanywestcentral", "eastus", "one of [austriaeast "},
		"dev-gcp":   {"europe-west3", "us-central1", "one of [europe-central2 "},
	} {
		t.Run(environment, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			e := judged(t, stacks, environment, t.TempDir(), &out, nothing)
			file, err := os.ReadFile(e.StackFile())
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Replace(string(file), "region: "+test.region+"\n", "region: "+test.outside+"\n", 1)
			if err := os.WriteFile(e.StackFile(), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			err = e.Rehearse(context.Background())
			want := `region: value "` + test.outside + `": ` + test.allowed
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "nothing was built") {
				t.Errorf("the rehearsal says %.3000v, want %q", err, want)
			}
		})
	}
}

// TestAnEnvironmentThatNobodyWatchesIsRefused takes the monitoring out of an environment's file.
func TestAnEnvironmentThatNobodyWatchesIsRefused(t *testing.T) {
	t.Parallel()
	folder := altered(t, "dev-aws", func(text string) string {
		return sectionOfMonitoring.ReplaceAllString(text, "    monitoring: {kind: none}\n")
	})
	var out bytes.Buffer
	e := judged(t, folder, "dev-aws", t.TempDir(), &out, nothing)
	if _, err := e.Preview(context.Background()); err == nil {
		t.Error("the preview is green")
	}
	for _, want := range []string{"monitoring-first: ", "a service in a stack that nobody watches", "let monitoring.kind of the environment's file name what watches"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the preview does not say %q:\n%s", want, tail(out.String()))
		}
	}
}

// TestTheEngineCountsExceptionsUntilTheyExpire lowers the protection of production by an exception that counts, and by
// one that is over.
func TestTheEngineCountsExceptionsUntilTheyExpire(t *testing.T) {
	t.Parallel()
	const key = "  platform:environment:\n"
	for _, test := range []struct {
		expires string
		green   bool
		want    []string
	}{
		{"2999-12-31", true, []string{"platform@v1.0.0"}},
		{"2026-01-31", false, []string{
			`exceptions: expires is "2026-01-31" (owner payments: moved to another account)`, "allowed is a day that is not over",
			"mend:  mend what the exception is for and take it out of the file, or give it a new day with a reason",
			"zone-redundancy: multiAz is", "note:  the exception of payments ended on 2026-01-31",
		}},
	} {
		t.Run(test.expires, func(t *testing.T) {
			t.Parallel()
			folder := altered(t, "prod-aws", func(file string) string {
				text := strings.ReplaceAll(file, "multiZone: true", "multiZone: false")
				return strings.Replace(text, key, key+"    exceptions:\n      - {rule: zone-redundancy, urn: 'urn:pulumi:prod-aws::platform::*$aws:rds/instance:Instance::*', owner: payments, reason: moved to another account, expires: '"+test.expires+"'}\n", 1)
			})
			var out bytes.Buffer
			_, err := judged(t, folder, "prod-aws", t.TempDir(), &out, nothing).Preview(context.Background())
			if (err == nil) != test.green {
				t.Errorf("error %v, want green %v", err, test.green)
			}
			for _, want := range test.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("the preview does not say %q:\n%s", want, tail(out.String()))
				}
			}
		})
	}
}

// TestEveryRunbookThatAlarmsNameIsWritten reads the goldens, in which the alarms' descriptions are.
func TestEveryRunbookThatAlarmsNameIsWritten(t *testing.T) {
	t.Parallel()
	written, err := os.ReadFile("../../docs/runbooks/alarms.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, name := range committed {
		golden, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`docs/runbooks/alarms\.md#([a-z-]+)`).FindAllStringSubmatch(string(golden), -1) {
			named[m[1]] = true
		}
	}
	if len(named) < 8 {
		t.Errorf("only %d runbooks are named", len(named))
	}
	for section := range named {
		if !strings.Contains(string(written), "\n## "+section+"\n") {
			t.Errorf("docs/runbooks/alarms.md has no section %s", section)
		}
	}
}

// TestTheFolderIsAPackToo hands the engine the folder, as `pulumi preview --policy-pack policies` does. Without a host
// of Go programs on the path, the engine starts the command that it would otherwise compile.
func TestTheFolderIsAPackToo(t *testing.T) {
	command, err := policies()
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir()
	if err := os.Symlink(command, filepath.Join(path, "pulumi-analyzer-policy-go")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", path+string(os.PathListSeparator)+os.Getenv("PATH"))
	folder, err := filepath.Abs("../../policies")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := openIn(t, stacks, folder, "dev-gcp", t.TempDir(), &out, nothing).Preview(context.Background()); err != nil {
		t.Fatalf("%v\n%s", err, tail(out.String()))
	}
	if want := "platform@v1.0.0"; !strings.Contains(out.String(), want) {
		t.Errorf("the preview does not say %q:\n%s", want, tail(out.String()))
	}
}
