package rebuild

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/components/tags"
	"platform/stacks/lifecycle/inventory"
)

// Snapshot is an environment without what the clouds generate: two of the same program are equal.
type Snapshot struct {
	// Resources are the inputs of each by its URN, property by property.
	Resources map[string]map[string]string
	Outputs   map[string]string
	// Things are what the cloud's inventory lists, with their number; of what controllers make, which come and go, one stands for all.
	Things map[string]int
}

// Take takes a snapshot of a state, and of what the cloud lists. Values of secrets are in it: it is compared, and never shown.
func Take(d apitype.DeploymentV3, found []inventory.Found) Snapshot {
	s := Snapshot{Resources: map[string]map[string]string{}, Outputs: map[string]string{}, Things: map[string]int{}}
	names := generated(d.Resources)
	for _, r := range d.Resources {
		if r.Delete {
			continue
		}
		if r.Type == "pulumi:pulumi:Stack" {
			for name, value := range r.Outputs {
				s.Outputs[name] = canonical(value, names)
			}
			continue
		}
		properties := map[string]string{}
		for name, value := range r.Inputs {
			if !strings.HasPrefix(name, "__") { // the provider's own notes
				properties[name] = canonical(value, names)
			}
		}
		s.Resources[string(r.URN)] = properties
	}
	for _, f := range found {
		if f.Stays != "" {
			continue
		}
		key := f.Type
		for _, tag := range tags.Required {
			if v := f.Tags[tag]; v != "" {
				key += " " + tag + "=" + v
			}
		}
		if f.Same {
			s.Things[key]++
		} else {
			s.Things[key+", made by a controller"] = 1
		}
	}
	return s
}

// shortest is how long a text must be to be taken for generated: shorter ones are numbers, zones and the like.
const shortest = 6

// generated replaces what resources got from the cloud by the names of those resources.
func generated(resources []apitype.ResourceV3) *strings.Replacer {
	sorted := slices.Clone(resources)
	slices.SortFunc(sorted, func(a, b apitype.ResourceV3) int { return cmp.Compare(a.URN, b.URN) })
	names := map[string]string{}
	for _, r := range sorted {
		if !r.Custom || r.Delete {
			continue
		}
		given := map[string]bool{}
		texts("", r.Inputs, func(_, text string) { given[text] = true })
		add := func(at, text string) {
			if _, taken := names[text]; !taken && len(text) >= shortest && !given[text] {
				names[text] = "<" + string(r.URN) + at + ">"
			}
		}
		add("", string(r.ID))
		texts("", r.Outputs, add)
		drawn(r, names)
	}
	// At one place the longest wins, and an id within an ARN does not.
	longest := slices.SortedFunc(maps.Keys(names), func(a, b string) int { return cmp.Or(len(b)-len(a), cmp.Compare(a, b)) })
	pairs := make([]string, 0, 2*len(longest))
	for _, text := range longest {
		pairs = append(pairs, text, names[text])
	}
	return strings.NewReplacer(pairs...)
}

// random ends the names that Pulumi draws for what the program gives none
// (https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming).
var random = regexp.MustCompile(`^-?([0-9a-f]{7,8})$`)

// drawn replaces the name that Pulumi drew for a resource, which its inputs hold as if the program had given it, and
// what of that other names end with.
func drawn(r apitype.ResourceV3, names map[string]string) {
	logical := r.URN.Name()
	for _, value := range r.Inputs {
		text, _ := value.(string)
		rest, begins := strings.CutPrefix(text, logical)
		if m := random.FindStringSubmatch(rest); begins && m != nil {
			names[text] = "<" + string(r.URN) + ">"
			for end := m[1]; len(end) > shortest; end = end[1:] {
				names[end] = "<the end of " + string(r.URN) + ">"
			}
		}
	}
}

// texts visits all texts within a value, in the order of their paths.
func texts(at string, v any, visit func(at, text string)) {
	switch v := v.(type) {
	case string:
		visit(at, v)
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			texts(at+"."+key, v[key], visit)
		}
	case []any:
		for i, inner := range v {
			texts(fmt.Sprintf("%s[%d]", at, i), inner, visit)
		}
	}
}

// canonical is a value with names in the place of what was generated, and lists in an order that does not come from it.
func canonical(v any, names *strings.Replacer) string {
	raw, err := json.Marshal(ordered(v, names))
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

func ordered(v any, names *strings.Replacer) any {
	switch v := v.(type) {
	case string:
		return names.Replace(v)
	case map[string]any:
		out := map[string]any{}
		for key, inner := range v {
			out[names.Replace(key)] = ordered(inner, names)
		}
		return out
	case []any:
		out := make([]string, 0, len(v))
		for _, inner := range v {
			out = append(out, canonical(inner, names))
		}
		slices.Sort(out)
		return out
	}
	return v
}

// Differences tells how an environment differs from what it was. It names properties, and no values.
func Differences(before, after Snapshot) []string {
	var out []string
	for _, urn := range either(before.Resources, after.Resources) {
		old, was := before.Resources[urn]
		now, is := after.Resources[urn]
		switch {
		case !is:
			out = append(out, "resource is gone: "+urn)
		case !was:
			out = append(out, "resource is new: "+urn)
		default:
			for _, name := range either(old, now) {
				if old[name] != now[name] {
					out = append(out, fmt.Sprintf("resource differs in %s: %s", name, urn))
				}
			}
		}
	}
	for _, name := range either(before.Outputs, after.Outputs) {
		if before.Outputs[name] != after.Outputs[name] {
			out = append(out, "output differs: "+name)
		}
	}
	for _, thing := range either(before.Things, after.Things) {
		if a, b := before.Things[thing], after.Things[thing]; a != b {
			out = append(out, fmt.Sprintf("the cloud lists %d in place of %d: %s", b, a, thing))
		}
	}
	return out
}

func either[V any](a, b map[string]V) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}
