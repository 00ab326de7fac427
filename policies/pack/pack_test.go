package pack

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"platform/policies/rules"
)

// told is what was reported, by policy.
type told []string

func (r *told) ReportViolation(message, urn string) {
	first, _, _ := strings.Cut(message, "\n")
	*r = append(*r, urn+"|"+first)
}

const (
	urn  = "urn:pulumi:dev::platform::aws:sqs/queuePolicy:QueuePolicy::open"
	open = `{"Statement":[{"Effect":"Deny","Principal":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},{"Effect":"Allow","Principal":"*"}]}`
)

// run asks the pack of one resource, and then of the whole, as the engine does.
func run(t *testing.T, preview bool, policy property.Value) (before, after told) {
	t.Helper()
	p, err := pack(rules.Environment{Name: "dev", Cloud: "aws", Tier: "development", Today: time.Now()}, preview)
	if err != nil {
		t.Fatal(err)
	}
	of := policyx.AnalyzerResource{
		Type: "aws:sqs/queuePolicy:QueuePolicy", URN: urn, Name: "open",
		Properties: property.NewMap(map[string]property.Value{"policy": policy}),
	}
	for _, policy := range p.Policies() {
		if policy.EnforcementLevel() != policyx.EnforcementLevelMandatory {
			t.Errorf("%s does not block", policy.Name())
		}
		if r, ok := policy.(policyx.ResourceValidationPolicy); ok {
			if err := r.Validate(context.Background(), policyx.ResourceValidationArgs{Manager: &before, Resource: of}); err != nil {
				t.Fatal(err)
			}
		}
	}
	// At the end the engine tells outputs, which may say something else.
	of.Properties = property.NewMap(nil)
	for _, policy := range p.Policies() {
		if s, ok := policy.(policyx.StackValidationPolicy); ok {
			if err := s.Validate(context.Background(), policyx.StackValidationArgs{Manager: &after, Resources: []policyx.AnalyzerResource{of}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return before, after
}

const found = `no-public-grant: policy.Statement[1].Principal is everybody; allowed is a named principal, or a condition`

func TestAPreviewIsJudgedAtItsEndAndCounted(t *testing.T) {
	before, after := run(t, true, property.New(open))
	want := "|1 violation: 1 critical, 0 high, 0 medium\n" + urn + "|" + found
	if got := strings.Join(after, "\n"); len(before) > 0 || got != want {
		t.Errorf("before %v, after\n%s\nwant\n%s", before, got, want)
	}
}

func TestAnUpIsJudgedBeforeItIsMade(t *testing.T) {
	before, after := run(t, false, property.New(open))
	if got, want := strings.Join(before, "\n"), urn+"|critical "+found; got != want || len(after) > 0 {
		t.Errorf("got %q, want %q, and after %v", got, want, after)
	}
}

func TestWhatIsNotKnownBlocksNothing(t *testing.T) {
	if before, after := run(t, true, property.New(property.Computed)); len(before)+len(after) > 0 {
		t.Errorf("found %v %v", before, after)
	}
}

// TestThePackNeedsNoCloudsSDK keeps its start short.
func TestThePackNeedsNoCloudsSDK(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "platform/policies").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields(string(out)) {
		for _, sdk := range []string{"pulumi-aws/", "pulumi-azure-native-sdk/", "pulumi-gcp/", "pulumi-kubernetes/"} {
			if strings.Contains(name, sdk) {
				t.Errorf("the pack imports %s", name)
			}
		}
	}
}
