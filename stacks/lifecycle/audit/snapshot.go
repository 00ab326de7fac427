package audit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"platform/policies/document"
)

// resource is one of a state or a preview.
type resource struct {
	URN     string              `json:"urn"`
	Type    string              `json:"type"`
	ID      string              `json:"id"`
	Parent  string              `json:"parent"`
	Inputs  map[string]any      `json:"inputs"`
	Outputs map[string]any      `json:"outputs"`
	By      map[string][]string `json:"propertyDependencies"`
	Delete  bool                `json:"delete"` // it waits for its deletion after a replacement
}

func (r *resource) kind() string { return document.Kind(r.Type) }

// name is the logical one.
func (r *resource) name() string { return r.URN[strings.LastIndex(r.URN, "::")+2:] }

// unknown stands for what is not known before a thing is made, and secret for what nobody is shown
// (github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin, .../resource/sig).
const (
	unknown       = "unknown"
	secret        = "[secret]"
	unknownInFile = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
	signature     = "4dabf18193072939515e22adb298388d"
)

// at is what a path such as "condition.expression" leads to; nil where nothing is said.
func (r *resource) at(path string) any {
	var v any = r.Inputs
	for _, part := range strings.Split(path, ".") {
		m, ok := v.(map[string]any)
		if !ok || m[signature] != nil {
			break
		}
		v = m[part]
	}
	return v
}

// text is a value as it may be shown.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if v == unknownInFile {
			return unknown
		}
		return v
	case map[string]any:
		if v[signature] != nil {
			return secret
		}
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return strings.ReplaceAll(string(raw), unknownInFile, unknown)
}

// of is the text at a path. What is not known yet, and comes of one thing alone, is that thing's name.
func (s *snapshot) of(r *resource, path string) string {
	t := text(r.at(path))
	if t != unknown {
		return t
	}
	property, _, _ := strings.Cut(path, ".")
	var from []*resource
	for _, urn := range r.By[property] {
		if on := s.byURN[urn]; on != nil && !strings.HasPrefix(on.Type, "platform:") {
			from = append(from, on)
		}
	}
	if len(from) == 1 {
		return reference + from[0].URN
	}
	return unknown
}

// reference leads to a thing by its URN, where its identifier is not known yet.
const reference = "ref:"

// snapshot is all that there is, or will be.
type snapshot struct {
	all   []*resource
	byURN map[string]*resource
	// byID finds what has an identifier that no other thing has.
	byID map[string]*resource
	// roles are AWS's by their names.
	roles map[string]*resource
	ids   []string // longest first
}

func newSnapshot(all []*resource, before map[string]*resource) *snapshot {
	s := &snapshot{byURN: map[string]*resource{}, byID: map[string]*resource{}, roles: map[string]*resource{}}
	for _, r := range all {
		if r.Delete || strings.HasPrefix(r.Type, "pulumi:") {
			continue
		}
		s.all, s.byURN[r.URN] = append(s.all, r), r
		// In the order in which things were made: what is named after another comes after it.
		s.identify(r, r)
		if old := before[r.URN]; old != nil {
			s.identify(r, old)
		}
	}
	slices.SortFunc(s.all, func(a, b *resource) int { return strings.Compare(a.URN, b.URN) })
	for id := range s.byID {
		s.ids = append(s.ids, id)
	}
	slices.SortFunc(s.ids, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return s
}

// identifiers are the outputs by which other things name one.
var identifiers = []string{"arn", "principalId", "email", "member", "resourceId"}

// tagType is a tag of what another thing made, and so not that thing.
const tagType = "aws:ec2/tag:Tag"

// identify remembers the identifiers of a thing. A thing that only belongs to another has that one's, and is not it.
func (s *snapshot) identify(r, known *resource) {
	if strings.HasPrefix(r.Type, "platform:") || strings.HasPrefix(r.Type, "kubernetes:") || grants[r.kind()] != nil && !holds[r.kind()] || r.kind() == tagType {
		return
	}
	if r.kind() == "aws:iam/role:Role" {
		for _, v := range []any{known.ID, known.Outputs["name"], known.Inputs["name"]} {
			if name := text(v); name != "" && name != unknown {
				s.roles[name] = r
			}
		}
	}
	values := []string{known.ID}
	for _, key := range identifiers {
		values = append(values, text(known.Outputs[key]))
	}
	if own, ok := known.Outputs["identity"].(map[string]any); ok {
		values = append(values, text(own["principalId"]))
	}
	// A cluster makes a security group by itself.
	if of, ok := known.Outputs["vpcConfig"].(map[string]any); ok {
		values = append(values, text(of["clusterSecurityGroupId"]))
	}
	for _, v := range values {
		// A plain name may be that of many things.
		if long := len(v) >= 20 && strings.ContainsAny(v, "/:@-"); long && v != unknown && s.byID[v] == nil {
			s.byID[v] = r
			if account, ok := strings.CutSuffix(v, ".gserviceaccount.com"); ok && strings.Contains(v, "@") {
				s.byID[strings.TrimPrefix(account, "serviceAccount:")] = r
			}
		}
	}
}

// find is the thing that a text names, if it is one of the environment's.
func (s *snapshot) find(text string) *resource {
	if urn, ok := strings.CutPrefix(text, reference); ok {
		return s.byURN[urn]
	}
	if r := s.byID[text]; r != nil {
		return r
	}
	return s.roles[text]
}

// shown is a text in which generated identifiers are the names of what they are of: those are the same after a rebuild.
func (s *snapshot) shown(text string) string {
	if r := s.find(text); r != nil {
		return r.name()
	}
	for _, id := range s.ids {
		if strings.Contains(text, id) {
			text = strings.ReplaceAll(text, id, "<"+s.byID[id].name()+">")
		}
	}
	return text
}

// component is the nearest of the platform's above a thing.
func (s *snapshot) component(r *resource) *resource {
	for r != nil && !strings.HasPrefix(r.Type, "platform:") {
		r = s.byURN[r.Parent]
	}
	return r
}

// readState reads what `pulumi stack export` writes, or the deployment in it.
func readState(raw []byte) (*snapshot, error) {
	var file struct {
		Deployment struct{ Resources []*resource }
		Resources  []*resource
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("not a state: %w", err)
	}
	all := append(file.Deployment.Resources, file.Resources...)
	if len(all) == 0 {
		return nil, fmt.Errorf("not a state, or an empty one: `pulumi stack export` writes one")
	}
	return newSnapshot(all, nil), nil
}

// step is one of a preview.
type step struct {
	Op       string
	URN      string
	OldState *resource
	NewState *resource
}

func readSteps(raw []byte) ([]step, error) {
	var file struct{ Steps []step }
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("not a preview: %w", err)
	}
	if len(file.Steps) == 0 {
		return nil, fmt.Errorf("a preview without steps: `pulumi preview --json --show-sames` writes one")
	}
	return file.Steps, nil
}

// readBefore reads from the same what there is before the up.
func readBefore(raw []byte) (*snapshot, error) {
	steps, err := readSteps(raw)
	if err != nil {
		return nil, err
	}
	var all []*resource
	seen := map[string]bool{}
	for _, step := range steps {
		// What a replacement is about to delete is there still; what an earlier one left is not what anybody uses.
		if step.OldState == nil || seen[step.URN] || step.Op == "delete-replaced" {
			continue
		}
		seen[step.URN] = true
		old := *step.OldState
		old.Delete = false
		all = append(all, &old)
	}
	return newSnapshot(all, nil), nil
}

// readPreview reads what `pulumi preview --json --show-sames` writes: what there will be after the up.
func readPreview(raw []byte) (*snapshot, error) {
	steps, err := readSteps(raw)
	if err != nil {
		return nil, err
	}
	var all []*resource
	before, seen := map[string]*resource{}, map[string]bool{}
	for _, step := range steps {
		if step.OldState != nil && step.Op != "create-replacement" && step.Op != "replace" {
			before[step.URN] = step.OldState
		}
		if step.NewState == nil || seen[step.URN] || strings.HasPrefix(step.Op, "delete") {
			continue
		}
		seen[step.URN] = true
		all = append(all, step.NewState)
	}
	for _, r := range all {
		if r.Parent != "" && !seen[r.Parent] {
			return nil, fmt.Errorf("the preview holds changes alone, %s is missing: make it with `pulumi preview --json --show-sames`", r.Parent)
		}
	}
	return newSnapshot(all, before), nil
}
