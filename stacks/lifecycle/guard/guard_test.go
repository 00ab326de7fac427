package guard

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"platform/stacks/config"
)

// today is the day of these tests.
var today = time.Date(2026, 11, 25, 23, 59, 0, 0, time.UTC)

func day(t *testing.T, text string) (d config.Date) {
	t.Helper()
	if err := d.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return d
}

// forms are what the command printed of one preview: TestTheGuardReadsWhatTheCommandPrints of tests/rehearsal records
// them.
var forms = []string{"digest.json", "digest-steps.json", "events.json"}

func recorded(t *testing.T, form string) Preview {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", form))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v", form, err)
	}
	return p
}

const at = "urn:pulumi:toy::platform::"

// TestWhatWouldBeLostIsTold compares the whole report of each form of a recorded preview.
func TestWhatWouldBeLostIsTold(t *testing.T) {
	want := `guard: 4 things would be lost in toy, and no waiver lets that be

replace database aws:rds/instance:Instance orders
  where:   urn:pulumi:toy::platform::aws:rds/instance:Instance::orders
  lost:    the database with all that is in it, and its automated backups; the last snapshot stays if database.finalSnapshot is set
  because: network: "vpc-664a7c79020aea75c" becomes what is not known before it is made
  because: password: [secret] becomes [secret]
  mend:    keep network at "vpc-664a7c79020aea75c", password at [secret]
  read:    docs/runbooks/replacement.md#database, https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html

delete queue aws:sqs/queue:Queue queue-orders
  where:   urn:pulumi:toy::platform::aws:sqs/queue:Queue::queue-orders
  lost:    the messages that wait in the queue, dead letters included; its name is free again after 60 seconds
  because: the program no longer asks for it
  mend:    ask for it again: undo the change of the catalogue, of the environment's file or of the code
  mend:    if it only has another name or parent now (the preview creates orders-queue), give that one the option
           pulumi.Aliases([]pulumi.Alias{{URN: pulumi.URN("urn:pulumi:toy::platform::aws:sqs/queue:Queue::queue-orders")}})
  read:    docs/runbooks/replacement.md#queue, https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html

delete key aws:kms/key:Key key
  where:   urn:pulumi:toy::platform::aws:kms/key:Key::key
  lost:    everything that is encrypted with the key; for keys.deletionDays the deletion can be cancelled
  because: the program no longer asks for it
  mend:    ask for it again: undo the change of the catalogue, of the environment's file or of the code
  read:    docs/runbooks/replacement.md#key, https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html

replace network aws:ec2/vpc:Vpc network
  where:   urn:pulumi:toy::platform::aws:ec2/vpc:Vpc::network
  lost:    the network, and everything that stands in it is built anew
  because: cidrBlock: "10.0.0.0/16" becomes "10.1.0.0/16"
  mend:    keep cidrBlock at "10.0.0.0/16"
  read:    docs/runbooks/replacement.md#network, https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html

What may be lost all the same needs a waiver, in stacks/Pulumi.toy.yaml under platform:environment: paste this, say why in each reason, and commit.

    waivers:
      - urn: "urn:pulumi:toy::platform::aws:rds/instance:Instance::orders"
        operation: replace
        owner: checkout
        reason: "" # why it may be lost
        expires: "2026-12-02"
      - urn: "urn:pulumi:toy::platform::aws:sqs/queue:Queue::queue-orders"
        operation: delete
        owner: platform
        reason: "" # why it may be lost
        expires: "2026-12-02"
      - urn: "urn:pulumi:toy::platform::aws:kms/key:Key::key"
        operation: delete
        owner: platform
        reason: "" # why it may be lost
        expires: "2026-12-02"
      - urn: "urn:pulumi:toy::platform::aws:ec2/vpc:Vpc::network"
        operation: replace
        owner: platform
        reason: "" # why it may be lost
        expires: "2026-12-02"
`
	for _, form := range forms {
		r := Judge(recorded(t, form), nil, today)
		if got := r.Text(); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", form, got, want)
		}
		if err := r.Err(); err == nil || !strings.Contains(err.Error(), "4 things of toy") {
			t.Errorf("%s: the error is %v", form, err)
		}
	}
}

// TestAWaiverCountsUntilItsDayIsOver lets the network of the recorded preview be replaced.
func TestAWaiverCountsUntilItsDayIsOver(t *testing.T) {
	const network, key = at + "aws:ec2/vpc:Vpc::network", at + "aws:kms/key:Key::key"
	for _, test := range []struct {
		why     string
		waivers []config.Waiver
		refused bool
		told    string
	}{
		{"there is none", nil, true, "replace network"},
		{"one of this thing", []config.Waiver{{URN: network, Operation: config.Replace, Expires: day(t, "2026-12-01")}}, false, "guard: waived: replace of " + network},
		{"on its last day", []config.Waiver{{URN: network, Operation: config.Replace, Expires: day(t, "2026-11-25")}}, false, "guard: waived: replace of " + network},
		{"one of another operation", []config.Waiver{{URN: network, Operation: config.Delete, Expires: day(t, "2026-12-01")}}, true, "guard: a waiver is superfluous; take it out: delete of " + network},
		{"one of another thing", []config.Waiver{{URN: network + "-b", Operation: config.Replace, Expires: day(t, "2026-12-01")}}, true, "guard: a waiver is superfluous; take it out: replace of " + network + "-b"},
		{"one that is over", []config.Waiver{{URN: network, Operation: config.Replace, Owner: "payments", Expires: day(t, "2026-11-24")}}, true, "  note:    the waiver of payments ended on 2026-11-24"},
		{"one that is over is named", []config.Waiver{{URN: network, Operation: config.Replace, Owner: "payments", Expires: day(t, "2026-11-24")}}, true, "guard: a waiver has expired and counts as none; take it out or give it a new day: replace of " + network + " (payments, until 2026-11-24: )"},
		{"one that is over and of nothing is named too", []config.Waiver{{URN: network + "-b", Operation: config.Replace, Expires: day(t, "2026-11-24")}}, true, "guard: a waiver has expired and counts as none"},
		{"one that is over beside one that counts", []config.Waiver{
			{URN: network, Operation: config.Replace, Expires: day(t, "2026-11-24")}, {URN: network, Operation: config.Replace, Expires: day(t, "2026-12-01")},
		}, false, "guard: waived: replace of " + network},
	} {
		r := Judge(recorded(t, "events.json"), test.waivers, today)
		refused := slices.ContainsFunc(r.Refused, func(f Finding) bool { return f.URN == network })
		if refused != test.refused {
			t.Errorf("%s: refused %v, want %v", test.why, refused, test.refused)
		}
		if !slices.ContainsFunc(r.Refused, func(f Finding) bool { return f.URN == key }) {
			t.Errorf("%s: the key is let pass as well", test.why)
		}
		if !strings.Contains(r.Text(), test.told) {
			t.Errorf("%s: the report does not say %q:\n%s", test.why, test.told, r.Text())
		}
	}
}

func TestASuperfluousWaiverDoesNotFail(t *testing.T) {
	p := Preview{Stack: "toy", Steps: []Step{{Op: "same", URN: at + "pulumi:pulumi:Stack::platform-toy"}}}
	r := Judge(p, []config.Waiver{{URN: at + "aws:kms/key:Key::key", Operation: config.Delete, Owner: "platform", Reason: "moved away", Expires: day(t, "2026-12-01")}}, today)
	want := "guard: nothing is lost in toy that a waiver does not cover (1 step)\n" +
		"guard: a waiver is superfluous; take it out: delete of " + at + "aws:kms/key:Key::key (platform, until 2026-12-01: moved away)\n"
	if got := r.Text(); got != want || r.Err() != nil {
		t.Errorf("got %q and error %v, want %q", got, r.Err(), want)
	}
}

// TestEachOperationIsUnderstood: of every operation that the engine has, whether a database is lost by it.
func TestEachOperationIsUnderstood(t *testing.T) {
	losing := map[string]config.Operation{
		"replace": config.Replace, "create-replacement": config.Replace, "delete-replaced": config.Replace,
		"import-replacement": config.Replace, "delete": config.Delete,
	}
	for _, op := range operations {
		s := Step{Op: op, URN: at + "aws:rds/instance:Instance::orders", Old: &State{}, New: &State{}}
		var got config.Operation
		for _, f := range (Preview{Steps: []Step{s}}).findings(today) {
			got = f.Operation
		}
		if got != losing[op] {
			t.Errorf("%s: %q, want %q", op, got, losing[op])
		}
		s.Old.External = true
		if found := (Preview{Steps: []Step{s}}).findings(today); len(found) > 0 {
			t.Errorf("%s of what is only read: %+v", op, found)
		}
	}
}

// TestEachReasonIsTold has the reasons that a recorded preview has not.
func TestEachReasonIsTold(t *testing.T) {
	const urn = resource.URN(at + "aws:rds/instance:Instance::orders")
	sealed := map[string]any{resource.SigKey: resource.SecretSig, "ciphertext": "abc"}
	for _, test := range []struct {
		why  string
		step Step
		want []string
	}{
		{"a path inside", Step{
			Op: "replace", Diff: map[string]change{`settings.zones[0]`: {"update-replace", true}, `tags["a.b"]`: {"update", true}},
			Old: &State{Inputs: map[string]any{"settings": map[string]any{"zones": []any{"a"}}}},
			New: &State{Inputs: map[string]any{"settings": map[string]any{"zones": []any{"b"}}}}, Reasons: []string{"settings"},
		}, []string{`settings.zones[0]: "a" becomes "b"`}},
		{"only what the engine says", Step{
			Op: "replace", Reasons: []string{"b", "a"}, Old: &State{Inputs: map[string]any{"a": 1.0}}, New: &State{Inputs: map[string]any{"a": 2.0, "b": true}},
		}, []string{"a: 1 becomes 2", "b: nothing becomes true"}},
		{"a value that only the state has", Step{
			Op: "replace", Diff: map[string]change{"zone": {"update-replace", false}}, Old: &State{Outputs: map[string]any{"zone": "a"}}, New: &State{Inputs: map[string]any{"zone": "b"}},
		}, []string{`zone: "a" becomes "b"`}},
		{"a secret inside, as events have it", Step{
			Op: "replace", Reasons: []string{"user"}, Old: &State{Inputs: map[string]any{"user": map[string]any{"name": "a", "password": sealed}}}, New: &State{Inputs: map[string]any{"user": sealed}},
		}, []string{`user: {"name":"a","password":"[secret]"} becomes [secret]`}},
		{"a path into a secret", Step{
			Op: "replace", Diff: map[string]change{"user.name": {"update-replace", true}}, Old: &State{Inputs: map[string]any{"user": sealed}}, New: &State{Inputs: map[string]any{"user": "[secret]"}},
		}, []string{"user.name: [secret] becomes [secret]"}},
		{"another provider", Step{
			Op: "replace", Reasons: []string{"provider"}, Old: &State{Provider: "urn::a"}, New: &State{Provider: "urn::b"},
		}, []string{`provider: "urn::a" becomes "urn::b"`}},
		{"marked", Step{Op: "replace", Old: &State{Taint: true}, New: &State{}}, []string{"it is marked to be replaced; `pulumi state untaint '" + string(urn) + "'` takes the mark away"}},
		{"of no property", Step{Op: "replace", Old: &State{}, New: &State{}}, []string{
			"no property of its own: something that it depends on is replaced and goes first, or the replacement was asked for (--replace)",
		}},
		{"left by an earlier run", Step{Op: "delete-replaced", Old: &State{}, Reasons: []string{"a"}}, []string{"an earlier run replaced it and ended before it was deleted"}},
		{"a long value", Step{Op: "replace", Reasons: []string{"a"}, Old: &State{Inputs: map[string]any{"a": strings.Repeat("é", 200)}}}, []string{
			`a: "` + strings.Repeat("é", longest-1) + "… becomes nothing",
		}},
	} {
		test.step.URN = urn
		var got []string
		for _, f := range (Preview{Steps: []Step{test.step}}).findings(today) {
			for _, c := range f.Causes {
				got = append(got, c.String())
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", test.why, strings.Join(got, "\n"), strings.Join(test.want, "\n"))
		}
	}
}

// TestWhatTheCloudKeepsIsSaid: the vault keeps a key that the program lets go.
func TestWhatTheCloudKeepsIsSaid(t *testing.T) {
	p := Preview{Stack: "toy", Steps: []Step{{Op: "delete", URN: at + "azure-native:keyvault:Key::key", Old: &State{RetainOnDelete: true}}}}
	if text := Judge(p, nil, today).Text(); !strings.Contains(text, "the cloud keeps this one for now; the program forgets it") {
		t.Errorf("the report does not say that the cloud keeps the key:\n%s", text)
	}
}

// TestThePreviewThatIsNotWholeIsRefused: what it does not show may be what matters.
func TestThePreviewThatIsNotWholeIsRefused(t *testing.T) {
	const step = `{"op":"same","urn":"urn:pulumi:toy::platform::pulumi:pulumi:Stack::platform-toy"}`
	for _, test := range []struct{ why, raw, want string }{
		{"empty", "", "neither what"},
		{"no JSON", "error: no stack", "neither what"},
		{"no steps", `{"changeSummary":{"same":1}}`, "not whole"},
		{"no summary", `{"steps":[` + step + `]}`, "not whole"},
		{"failed", `{"steps":[` + step + `],"diagnostics":[{"message":"error: it is protected\n","severity":"error"}]}`, "failed, so that it does not show everything: error: it is protected"},
		{"two stacks", `{"steps":[` + step + `,{"op":"same","urn":"urn:pulumi:b::platform::t::n"}],"changeSummary":{}}`, "others of stack toy"},
		{"no URN", `{"steps":[{"op":"same","urn":""}],"changeSummary":{}}`, `"", which is no URN`},
		{"a new operation", `{"steps":[` + strings.Replace(step, "same", "vanish", 1) + `],"changeSummary":{}}`, `operation "vanish"`},
		{"events without an end", `{"timestamp":1,"resourcePreEvent":{"metadata":` + step + `}}`, "not whole"},
		{"events that failed", `{"timestamp":1,"diagnosticEvent":{"message":"no","severity":"error"}}` + "\n" + `{"timestamp":1,"summaryEvent":{}}`, "failed"},
		{"events that break off", `{"timestamp":1,"preludeEvent":{}}` + "\n" + `{"timestamp":1,"resou`, "line 2"},
	} {
		if _, err := Read(strings.NewReader(test.raw)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error that says %q", test.why, err, test.want)
		}
	}
}

// TestTheCommandReadsWaiversAndExitsByWhatItFinds runs the command on the recorded preview, in a folder of stacks with
// the waivers that it proposed.
func TestTheCommandReadsWaiversAndExitsByWhatItFinds(t *testing.T) {
	folder := t.TempDir()
	raw, err := os.ReadFile("../../Pulumi.dev-aws.yaml")
	if err != nil {
		t.Fatal(err)
	}
	write := func(waivers string) {
		text := strings.Replace(string(raw), "  platform:environment:\n", "  platform:environment:\n"+waivers, 1)
		if err := os.WriteFile(filepath.Join(folder, "Pulumi.toy.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		c := Command()
		c.SetOut(&out)
		c.SetErr(&out)
		c.SilenceErrors, c.SilenceUsage = true, true
		file, err := os.Open("testdata/digest.json")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		c.SetIn(file)
		c.SetArgs(append(args, "--stacks", folder))
		err = c.Execute()
		return out.String(), err
	}
	write("")
	dev, err := run("--stack", "toy", "--preview", "testdata/events.json")
	if err == nil {
		t.Fatalf("the command is green:\n%s", dev)
	}
	_, proposed, ok := strings.Cut(dev, "commit.\n\n")
	if !ok {
		t.Fatalf("the report proposes no waivers:\n%s", dev)
	}
	write(proposed)
	if out, err := run("--stack", "toy", "--preview", "-"); err == nil || !strings.Contains(err.Error(), "waivers[0].reason: a reason of at least 10 characters is allowed") {
		t.Errorf("waivers without a reason: error %v\n%s", err, out)
	}
	write(strings.ReplaceAll(proposed, `reason: ""`, `reason: "restored from last night's backup"`))
	out, err := run("--stack", "toy", "--preview", "-")
	if err != nil || !strings.HasPrefix(out, "guard: nothing is lost in toy that a waiver does not cover") || strings.Count(out, "guard: waived: ") != 4 {
		t.Errorf("with the waivers: error %v\n%s", err, out)
	}
	write("")
	out, err = run("--stack", "toy", "--preview", "-", "--format", "json")
	var r Report
	if decoded := json.Unmarshal([]byte(out), &r); err == nil || decoded != nil || len(r.Refused) != 4 || r.Refused[0].Waiver.Operation != config.Replace || r.Refused[3].Causes[0].New != `"10.1.0.0/16"` {
		t.Errorf("as JSON: error %v, %v\n%s", err, decoded, out)
	}
	if _, err := run("--stack", "toy", "--preview", "-", "--format", "xml"); err == nil || !strings.Contains(err.Error(), "one of [text json] is allowed") {
		t.Errorf("a format that is not there: %v", err)
	}
	if err := os.Rename(filepath.Join(folder, "Pulumi.toy.yaml"), filepath.Join(folder, "Pulumi.other.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := run("--stack", "other", "--preview", "-"); err == nil || !strings.Contains(err.Error(), "the preview is of stack toy, not of other") {
		t.Errorf("a preview of another stack: %v", err)
	}
}
