package ephemeral

import (
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

func state(stack, project string, root map[string]any) []apitype.ResourceV3 {
	urn := func(typ tokens.Type, name string) resource.URN {
		return resource.NewURN(tokens.QName(stack), tokens.PackageName(project), "", typ, name)
	}
	out := []apitype.ResourceV3{
		{URN: urn("pulumi:pulumi:Stack", "platform-"+stack), Type: "pulumi:pulumi:Stack"},
		{URN: urn("pulumi:providers:aws", "aws"), Type: "pulumi:providers:aws", Custom: true},
	}
	if root != nil {
		out = append(out, apitype.ResourceV3{URN: urn(platformType, "platform"), Type: platformType, Inputs: root})
	}
	return append(out, apitype.ResourceV3{URN: urn("aws:ec2/vpc:Vpc", "network"), Type: "aws:ec2/vpc:Vpc", Custom: true})
}

// Tags of a stack can be set by a slip of the hand: what was built has the last word.
func TestOnlyWhatSaysThatItGoesIsEnded(t *testing.T) {
	set := map[string]any{"environment": "pr-1", "owner": "octocat", "expires": "2040-11-26t08-00-00z"}
	root := func(change func(root, tags map[string]any)) map[string]any {
		tags := maps.Clone(set)
		out := map[string]any{"environment": "pr-1", "tier": "development", "tags": tags}
		change(out, tags)
		return out
	}
	whole := root(func(map[string]any, map[string]any) {})
	for name, test := range map[string]struct {
		resources []apitype.ResourceV3
		refused   string // a part of the message; none if it may go
	}{
		"an environment of some hours": {state("pr-1", "platform", whole), ""},
		"nothing":                      {nil, ""},
		"a provider alone":             {state("pr-1", "platform", nil)[:2], ""},
		"no component above":           {state("pr-1", "platform", nil), "nothing that says that it may go"},
		"production":                   {state("pr-1", "platform", root(func(r, _ map[string]any) { r["tier"] = "production" })), "tier production"},
		"no tier":                      {state("pr-1", "platform", root(func(r, _ map[string]any) { delete(r, "tier") })), "tier <nil>"},
		"no end":                       {state("pr-1", "platform", root(func(_, tags map[string]any) { delete(tags, "expires") })), "whose it is and until when"},
		"no owner":                     {state("pr-1", "platform", root(func(_, tags map[string]any) { delete(tags, "owner") })), "whose it is and until when"},
		"no tags":                      {state("pr-1", "platform", root(func(r, _ map[string]any) { delete(r, "tags") })), "whose it is and until when"},
		"of another environment":       {state("pr-1", "platform", root(func(r, _ map[string]any) { r["environment"] = "dev-aws" })), "whose it is and until when"},
		"of another stack":             {state("dev-aws", "platform", whole), "of another stack"},
		"of another project":           {state("pr-1", "shop", whole), "of another stack"},
	} {
		err := own("pr-1", test.resources)
		if (err == nil) != (test.refused == "") || err != nil && !strings.Contains(err.Error(), test.refused) {
			t.Errorf("%s: got %v, want %q", name, err, test.refused)
		}
	}
}
