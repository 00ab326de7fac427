package guard

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// Cause is why something is replaced: a property that cannot change in place, or words where no property is to blame.
type Cause struct {
	Path string `json:"path,omitempty"`
	Old  string `json:"old,omitempty"`
	New  string `json:"new,omitempty"`
	Why  string `json:"why,omitempty"`
}

func (c Cause) String() string {
	if c.Path == "" {
		return c.Why
	}
	return fmt.Sprintf("%s: %s becomes %s", c.Path, c.Old, c.New)
}

// causes are why a step loses something, in the order of their paths.
func (s Step) causes() []Cause {
	if s.Op == "delete" {
		return []Cause{{Why: "the program no longer asks for it"}}
	}
	// A replacement has other steps before this one; alone it is the end of one that began before.
	if s.Op == "delete-replaced" {
		return []Cause{{Why: "an earlier run replaced it and ended before it was deleted"}}
	}
	var paths []string
	for _, at := range slices.Sorted(maps.Keys(s.Diff)) {
		if strings.HasSuffix(s.Diff[at].Kind, "-replace") {
			paths = append(paths, at)
		}
	}
	// Where the provider does not go into detail, the engine has the properties at the top.
	for _, key := range slices.Sorted(slices.Values(s.Reasons)) {
		if !slices.ContainsFunc(paths, func(at string) bool { return top(at) == key }) {
			paths = append(paths, key)
		}
	}
	var out []Cause
	for _, at := range paths {
		out = append(out, s.cause(at))
	}
	switch {
	case len(out) > 0:
	case s.Old != nil && s.Old.Taint:
		out = []Cause{{Why: fmt.Sprintf("it is marked to be replaced; `pulumi state untaint '%s'` takes the mark away", s.URN)}}
	default:
		out = []Cause{{Why: "no property of its own: something that it depends on is replaced and goes first, or the replacement was asked for (--replace)"}}
	}
	return out
}

func (s Step) cause(at string) Cause {
	c := Cause{Path: at, Old: nothing, New: nothing}
	if s.Old != nil {
		from := s.Old.Inputs
		if d, ok := s.Diff[at]; ok && !d.InputDiff && look(from, keys(at)) == nil {
			from = s.Old.Outputs
		}
		c.Old = shown(look(from, keys(at)))
	}
	if s.New != nil {
		c.New = shown(look(s.New.Inputs, keys(at)))
	}
	if at == "provider" && s.Old != nil && s.New != nil && c.Old == nothing {
		c.Old, c.New = shown(s.Old.Provider), shown(s.New.Provider)
	}
	return c
}

// top is the property at the top of a path.
func top(at string) string {
	if k := keys(at); len(k) > 0 {
		return k[0]
	}
	return at
}

// keys are the parts of a path such as settings.ipConfiguration or tags["a.b"] or rules[0].
func keys(at string) []string {
	parsed, err := resource.ParsePropertyPath(at)
	if err != nil {
		return []string{at}
	}
	var out []string
	for _, part := range parsed {
		out = append(out, fmt.Sprint(part))
	}
	return out
}

// look finds what is at a path; a secret above it makes it one.
func look(in any, at []string) any {
	for _, key := range at {
		switch v := in.(type) {
		case map[string]any:
			if _, ok := v[resource.SigKey]; ok {
				return v
			}
			in = v[key]
		case []any:
			var i int
			if _, err := fmt.Sscan(key, &i); err != nil || i < 0 || i >= len(v) {
				return nil
			}
			in = v[i]
		case string:
			// A document has the word in place of the secret.
			if v == secret {
				return v
			}
			return nil
		default:
			return nil
		}
	}
	return in
}

// The words for what cannot be shown.
const (
	nothing = "nothing"
	unknown = "what is not known before it is made"
	secret  = "[secret]"
)

// unknowns stand in documents for values that come from what is not made yet.
var unknowns = []string{
	plugin.UnknownStringValue, plugin.UnknownBoolValue, plugin.UnknownNumberValue, plugin.UnknownArrayValue,
	plugin.UnknownObjectValue, plugin.UnknownAssetValue, plugin.UnknownArchiveValue,
}

// longest is how much of a value a message shows.
const longest = 120

// shown is a value as a message may show it: short, and without what is secret.
func shown(v any) string { return Short(Whole(v)) }

// Short is as much of a value as a message shows.
func Short(text string) string {
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}

// Whole is a value of a preview without what is secret.
func Whole(v any) string {
	if v == nil {
		return nothing
	}
	if text, ok := v.(string); ok {
		switch {
		case text == secret:
			return secret
		case slices.Contains(unknowns, text):
			return unknown
		}
	}
	if m, ok := v.(map[string]any); ok && m[resource.SigKey] != nil {
		return veiled(m).(string)
	}
	// JSON sorts keys and quotes what is text.
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(veiled(v)); err != nil {
		return fmt.Sprintf("a %T", v)
	}
	return strings.TrimSpace(b.String())
}

// veiled puts words in place of what is secret or unknown inside a value.
func veiled(v any) any {
	switch v := v.(type) {
	case string:
		if slices.Contains(unknowns, v) {
			return unknown
		}
	case map[string]any:
		switch v[resource.SigKey] {
		case nil:
		case resource.AssetSig, resource.ArchiveSig:
			return "a file"
		default:
			return secret
		}
		out := map[string]any{}
		for key, inner := range v {
			out[key] = veiled(inner)
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, inner := range v {
			out = append(out, veiled(inner))
		}
		return out
	}
	return v
}
