package drift

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/stacks/catalog"
	"platform/stacks/config"
	"platform/stacks/lifecycle/status"
)

func TestHowBadADifferenceIs(t *testing.T) {
	for _, test := range []struct {
		name string
		of   Difference
		want Severity
	}{
		{"a tag", Difference{Kind: Changed, Type: "aws:sqs/queue:Queue", Changes: []Change{{"tags.team", `"shop"`, "nothing"}}}, Low},
		{"a tag beside something else", Difference{Kind: Changed, Type: "aws:sqs/queue:Queue", Changes: []Change{{"tags.team", `"a"`, `"b"`}, {"maxMessageSize", "1", "2"}}}, High},
		{"nothing that is known", Difference{Kind: Changed, Type: "aws:sqs/queue:Queue"}, High},
		{"an open group", Difference{Kind: Changed, Type: "aws:ec2/securityGroup:SecurityGroup", Changes: []Change{{"ingress", "[]", `[{"cidrBlocks":["0.0.0.0/0"]}]`}}}, Urgent},
		{"one that was open before", Difference{Kind: Changed, Type: "aws:ec2/securityGroup:SecurityGroup", Changes: []Change{{"ingress", `["0.0.0.0/0"]`, `["0.0.0.0/0",1]`}}}, High},
		{"a narrower range", Difference{Kind: Changed, Type: "aws:ec2/securityGroup:SecurityGroup", Changes: []Change{{"ingress", "[]", `[{"cidrBlocks":["10.0.0.0/8"]}]`}}}, High},
		{"a member that is everybody", Difference{Kind: Changed, Type: "gcp:pubsub/topicIAMBinding:TopicIAMBinding", Changes: []Change{{"members", "[]", `["allUsers"]`}}}, Urgent},
		{"a database that is public", Difference{Kind: Changed, Type: "aws:rds/instance:Instance", Changes: []Change{{"publiclyAccessible", "false", "true"}}}, Urgent},
		{"a protection that is off", Difference{Kind: Changed, Type: "aws:rds/instance:Instance", Changes: []Change{{"deletionProtection", "true", "false"}}}, Urgent},
		{"a protection that is on", Difference{Kind: Changed, Type: "aws:rds/instance:Instance", Changes: []Change{{"deletionProtection", "false", "true"}}}, High},
		{"a database that is gone", Difference{Kind: Deleted, Type: "aws:rds/instance:Instance"}, Urgent},
		{"an attachment that is gone", Difference{Kind: Deleted, Type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment"}, High},
		{"something made by hand", Difference{Kind: Added, Type: "ec2:instance"}, High},
	} {
		if got, why := test.of.judge(); got != test.want || why == "" {
			t.Errorf("%s is %s (%s), want %s", test.name, got, why, test.want)
		}
	}
}

func TestWhatTheEngineTellsIsRead(t *testing.T) {
	event := func(op apitype.OpType, old, now map[string]any) apitype.EngineEvent {
		m := apitype.StepEventMetadata{Op: op, URN: "urn:pulumi:dev::platform::aws:sqs/queue:Queue::q", Old: &apitype.StepEventStateMetadata{ID: "q-1", Inputs: old}}
		if now != nil {
			m.New = &apitype.StepEventStateMetadata{Inputs: now}
		}
		return apitype.EngineEvent{ResOutputsEvent: &apitype.ResOutputsEvent{Metadata: m}}
	}
	old := map[string]any{"size": 1.0, "tags": map[string]any{"a": "b", "gone": "x"}, "password": "[secret]"}
	now := map[string]any{"size": 2.0, "tags": map[string]any{"a": "b", "new": "y"}, "password": "[secret]"}
	d, ok := differs(event(apitype.OpUpdate, old, now))
	if !ok || d.Kind != Changed || d.ID != "q-1" || len(d.Changes) != 3 {
		t.Errorf("a change is %+v", d)
	}
	if d, ok := differs(event(apitype.OpDelete, old, nil)); !ok || d.Kind != Deleted {
		t.Errorf("a deletion is %+v", d)
	}
	if d, ok := differs(event(apitype.OpSame, old, old)); ok {
		t.Errorf("what is the same is %+v", d)
	}
}

func TestAReportSaysTheWorst(t *testing.T) {
	all := Reports{
		{Environment: "dev", Differences: []Difference{{Kind: Changed, Severity: Low, Type: "t", URN: "urn:a", Changes: []Change{{"tags", "1|2", "<b>"}}, Mended: true, Who: "https://x"}}},
		{Environment: "prod", Differences: []Difference{{Kind: Added, Severity: High, Type: "ec2:instance", ID: "i-1"}}},
		{Environment: "staging", Differences: []Difference{}},
	}
	if err := all.Found(); status.Of(err) != status.Grave || all.Err() != nil {
		t.Errorf("found %v", err)
	}
	for _, format := range []string{"text", "markdown", "json"} {
		var out bytes.Buffer
		if err := all.Write(&out, format); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"dev", "urn:a", "i-1", "staging"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s lacks %q:\n%s", format, want, out.String())
			}
		}
		if format == "markdown" && (strings.Contains(out.String(), "<b>") || strings.Contains(out.String(), " 1|2")) {
			t.Errorf("a value speaks Markdown:\n%s", out.String())
		}
		var again Reports
		if format == "json" && (json.Unmarshal(out.Bytes(), &again) != nil || again.Worst() != High) {
			t.Errorf("as JSON:\n%s", out.String())
		}
	}
	all[2].Error = errors.New("no credentials").Error()
	if err := all.Err(); err == nil || !strings.Contains(err.Error(), "staging: no credentials") {
		t.Errorf("what could not be compared is %v", err)
	}
}

func TestTheTrailIsAskedOfTheThing(t *testing.T) {
	for cloud, test := range map[string]struct{ id, want string }{
		"aws":   {"arn:aws:iam::1:role/dev", "#/events?ResourceName=dev"},
		"azure": {"/subscriptions/s/resourceGroups/dev", "/resource/subscriptions/s/resourceGroups/dev/eventlogs"},
		"gcp":   {"projects/p/topics/dev", "?project=platform-dev"},
	} {
		s := config.Settings{Cloud: cloud, Region: "eu", Landing: catalog.LandingZone{Account: "platform-dev"}}
		if got := trail(s, Difference{ID: test.id}); !strings.HasPrefix(got, "https://") || !strings.HasSuffix(got, test.want) {
			t.Errorf("%s: %s", cloud, got)
		}
	}
}

// A rule that is added to a list is told alone, and whole: where it lets everybody in may be far behind what a message shows.
func TestWhatIsAddedToAListIsToldAlone(t *testing.T) {
	rule := func(name, source string) map[string]any {
		return map[string]any{"access": "Allow", "description": strings.Repeat("x", 200), "name": name, "sourceAddressPrefix": source}
	}
	old, now := []any{rule("a", "10.0.0.0/8"), rule("b", "Internet")}, []any{rule("b", "Internet"), rule("a", "10.0.0.0/8"), rule("c", "Internet")}
	got := changes("securityRules", old, now)
	if len(got) != 1 || got[0].Old != "nothing" || strings.Contains(got[0].New, `"a"`) || !strings.Contains(got[0].New, `"c"`) {
		t.Fatalf("found %+v", got)
	}
	if severity, _ := (Difference{Kind: Changed, Type: "azure-native:network:NetworkSecurityGroup", Changes: got}).judge(); severity != Urgent {
		t.Errorf("one more rule for everybody is %s", severity)
	}
	if got := changes("order", []any{"a", "b"}, []any{"b", "a"}); len(got) != 1 || got[0].New != `["b","a"]` {
		t.Errorf("another order is %+v", got)
	}
}
