package review

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"platform/stacks/config"
	"platform/stacks/lifecycle/audit"
	"platform/stacks/lifecycle/guard"
	"platform/stacks/lifecycle/modelled"
)

// today is the day of these tests.
var today = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// recordings are what the real command told of previews: TestAReviewReadsWhatTheCommandTells of tests/rehearsal records them.
var recordings = []string{"harmless", "change", "refused"}

func recorded(t *testing.T, name string) Report {
	t.Helper()
	read := func(form string) []byte {
		raw, err := os.ReadFile(filepath.Join("testdata", name+"-"+form+".json"))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	r, err := Of(os.DirFS("../.."), "dev-aws", Told{read("events"), read("digest")}, today)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}

// TestTheCommentIsTheGoldenOne compares the whole comment on each recorded preview. UPDATE_GOLDEN=1 rewrites them.
func TestTheCommentIsTheGoldenOne(t *testing.T) {
	for _, name := range recordings {
		got := Comment([]Report{recorded(t, name)}, Change{Commit: "0123456789abcdef", Run: "https://example.com/runs/1"})
		file := filepath.Join("testdata", name+".md")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || got != string(want) {
			t.Errorf("%s is not what the review says (%v): UPDATE_GOLDEN=1 rewrites it; now it says\n%s", file, err, got)
		}
		harmless(t, got)
	}
}

// harmless finds what a name could have made a comment say: everything that is not the comment's own must be code.
func harmless(t *testing.T, comment string) {
	t.Helper()
	rest := comment
	for _, own := range []string{Marker, "<details><summary>", "</summary>", "</details>", "<br>", "&lt;"} {
		rest = strings.ReplaceAll(rest, own, " ")
	}
	plain := outsideCode(rest)
	for _, sign := range []string{"<", "@", "](javascript", "](https://example.com)", "![", "‮"} {
		if strings.Contains(plain, sign) {
			t.Errorf("the comment says %q outside of code:\n%s", sign, plain)
		}
	}
}

// outsideCode reads code spans and blocks as GitHub does: one begins with some backticks and ends with as many.
func outsideCode(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		i := strings.IndexByte(text, '`')
		if i < 0 {
			out.WriteString(text)
			break
		}
		out.WriteString(text[:i])
		text = text[i:]
		n := len(text) - len(strings.TrimLeft(text, "`"))
		fence, body, end := text[:n], text[n:], -1
		for at := 0; at < len(body); {
			j := strings.IndexByte(body[at:], '`')
			if j < 0 {
				break
			}
			m := len(body[at+j:]) - len(strings.TrimLeft(body[at+j:], "`"))
			if m == n {
				end = at + j
				break
			}
			at += j + m
		}
		if end < 0 {
			out.WriteString(fence)
			text = body
			continue
		}
		text = body[end+n:]
	}
	return out.String()
}

// TestNoNameSpeaks gives a review names and messages of any signs.
func TestNoNameSpeaks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("a`|\\<>@[]()!*_#-\n\r\t\u202e\u0000 é…")), 0, 300, -1)
		span := code(text.Draw(rt, "text"))
		if strings.ContainsAny(span, "\n\r\t\x00\u202e") {
			rt.Fatalf("%q breaks its line", span)
		}
		if rest := outsideCode(span); rest != "" {
			rt.Fatalf("%q leaves %q outside of code", span, rest)
		}
		for i := range span {
			if span[i] == '|' && (i == 0 || span[i-1] != '\\' || i > 1 && span[i-2] == '\\') {
				rt.Fatalf("%q ends its cell", span)
			}
		}
		if n := utf8.RuneCountInString(span); n > 4*longest {
			rt.Fatalf("%d signs", n)
		}
		body := block("yaml", text.Draw(rt, "block"))
		if rest := outsideCode(strings.TrimSuffix(body, "\n")); rest != "" {
			rt.Fatalf("%q leaves %q outside of code", body, rest)
		}
	})
}

// large is a review with so much in every section that no comment holds it.
func large(environment string, n int) Report {
	r := Report{Environment: environment}
	expires := config.Date{Time: today}
	for i := range n {
		urn := fmt.Sprintf("urn:pulumi:%s::platform::platform:database:Database$aws:rds/instance:Instance::database-%04d-server", environment, i)
		for _, o := range []Operation{Create, Update, Replace, Delete} {
			typ := "aws:rds/instance:Instance"
			if o == Create {
				typ = fmt.Sprintf("aws:type%d:Type", i)
			}
			r.Effects = append(r.Effects, Effect{Operation: o, URN: urn, Type: typ, Name: fmt.Sprintf("%s-%04d", o, i), Kind: guard.Database, Properties: []string{"tags"}})
		}
		r.Lost.Stack = environment
		r.Lost.Refused = append(r.Lost.Refused, guard.Finding{
			Operation: config.Delete, URN: urn, Type: "aws:rds/instance:Instance", Name: fmt.Sprintf("lost-%04d", i), Kind: guard.Database, Lost: "the database",
			Runbook: "docs/runbooks/replacement.md#database", Waiver: config.Waiver{URN: urn, Operation: config.Delete, Owner: "checkout", Expires: expires},
		})
		r.Violations = append(r.Violations, Violation{"critical-rule", urn, []string{fmt.Sprintf("violation-%04d", i), "  mend:  mend it"}, true})
		r.Access = append(r.Access, audit.Change{Change: audit.Widened, Grant: audit.Grant{Who: fmt.Sprintf("widened-%04d", i), What: []string{"s3:*"}, Where: "*"}})
		r.Access = append(r.Access, audit.Change{Change: audit.Removed, Grant: audit.Grant{Who: fmt.Sprintf("removed-%04d", i), What: []string{"s3:GetObject"}, Where: "one", Why: "services"}})
		r.Time.Longest = append(r.Time.Longest, Step{urn, modelled.Duration(time.Minute)})
	}
	return r
}

// TestWhatMattersLeastIsCutFirst grows a review until nothing more fits, and looks at what is left of each part.
func TestWhatMattersLeastIsCutFirst(t *testing.T) {
	// From what is kept longest to what is cut first.
	parts := []string{"lost-", "violation-", "replace-", "delete-", "widened-", "removed-", "change-", "| `aws:type", "- urn:"}
	for _, n := range []int{1, 20, 60, 120, 200, 1000, 5000} {
		text := Comment([]Report{large("dev-aws", n), large("prod-aws", n)}, Change{Commit: "0123456", Run: "https://example.com/1"})
		if len(text) > MaxComment {
			t.Fatalf("%d: %d bytes, %d are allowed", n, len(text), MaxComment)
		}
		if n >= 200 && len(text) < MaxComment*9/10 {
			t.Errorf("%d: only %d bytes are used", n, len(text))
		}
		if cut := strings.Contains(text, "for the length of a comment"); cut != (n > 20) {
			t.Errorf("%d: that something is left out is said: %v", n, cut)
		}
		whole := true
		for _, part := range parts {
			left := strings.Count(text, part)
			if left > 0 && !whole && part != "delete-" {
				t.Errorf("%d: %d of %q are left, of what matters more not all", n, left, part)
			}
			whole = whole && left >= min(2*n, 2)
		}
		for _, want := range []string{Marker, "| `dev-aws` |", "| `prod-aws` |", "**" + fmt.Sprint(n) + "**"} {
			if !strings.Contains(text, want) {
				t.Errorf("%d: the comment does not say %q", n, want)
			}
		}
		harmless(t, text)
	}
	// Of hundreds of environments not all have room for details.
	var many []Report
	for i := range 300 {
		many = append(many, large(fmt.Sprintf("environment-%03d", i), 3))
	}
	text := Comment(many, Change{})
	if len(text) > MaxComment || !strings.Contains(text, "| `environment-299` |") || !strings.Contains(text, "All else is left out") {
		t.Errorf("of 300 environments %d bytes are left", len(text))
	}
}

// TestWhatBlocksIsSaid has the ends of a review that recordings have not.
func TestWhatBlocksIsSaid(t *testing.T) {
	for _, test := range []struct {
		why    string
		report Report
		want   string
	}{
		{"nothing", Report{Environment: "a"}, ""},
		{"only access", Report{Access: []audit.Change{{Change: audit.Widened}}}, ""},
		{"advice", Report{Violations: []Violation{{Policy: "p", Blocking: false}}}, ""},
		{"all", Report{Failed: "x", Violations: []Violation{{Blocking: true}}, Lost: guard.Report{Refused: make([]guard.Finding, 2)}}, "2 things would be lost without a waiver; 1 violation of policies; the preview failed"},
	} {
		if got := strings.Join(test.report.Blocking(), "; "); got != test.want {
			t.Errorf("%s: %q, want %q", test.why, got, test.want)
		}
	}
	if text := Comment(nil, Change{}); !strings.Contains(text, "It touches no environment.") {
		t.Error(text)
	}
	if text := Comment([]Report{{Environment: "dev-aws"}}, Change{Missing: []string{"prod-aws"}}); !strings.Contains(text, "No review came of `prod-aws`") || !strings.Contains(text, "Nothing changes.") {
		t.Error(text)
	}
}

// TestAPreviewOfAnotherStackIsRefused, and so is what no preview told.
func TestAPreviewOfAnotherStackIsRefused(t *testing.T) {
	events, err := os.ReadFile("testdata/harmless-events.json")
	if err != nil {
		t.Fatal(err)
	}
	stacks := os.DirFS("../..")
	if _, err := Of(stacks, "prod-aws", Told{events, nil}, today); err == nil || !strings.Contains(err.Error(), "is of stack dev-aws, not of prod-aws") {
		t.Errorf("another stack: %v", err)
	}
	if _, err := Of(stacks, "dev-aws", Told{[]byte("no events"), nil}, today); err == nil {
		t.Error("what are no events is let pass")
	}
	if _, err := Of(stacks, "dev-aws", Told{events, []byte("{}")}, today); err == nil {
		t.Error("what is no document is let pass")
	}
	broken, err := Of(stacks, "dev-aws", Told{events[:len(events)/2-len(events)%2], nil}, today)
	if err == nil && broken.Failed == "" {
		t.Error("a preview that broke off is taken for a whole one")
	}
}
