package bench

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
)

// flat is a program that registers what a state holds, without components: each resource with its
// inputs, in which what another resource gave is its output again.
type flat struct {
	resources []flatResource
	answers   answers
}

type flatResource struct {
	typ, name string
	provider  int            // which made it; none for a provider itself
	inputs    map[string]any // as in JSON, and text and secret
	after     []int          // what it depends on, whether or not it takes a value from there
}

// none is in the place of a resource that there is not.
const none = -1

// text is put together of literal parts and outputs.
type text []part

// part is an output, or what is literal where it is of none.
type part struct {
	literal string
	of      int
	path    []string
}

// secret is an input that the engine must keep as one.
type secret struct{ value any }

// flatten makes the program out of a blueprint's state.
func flatten(state apitype.UntypedDeployment) (*flat, error) {
	var deployment apitype.DeploymentV3
	if err := json.Unmarshal(state.Deployment, &deployment); err != nil {
		return nil, err
	}
	f, index, gives := &flat{}, map[resource.URN]int{}, []given{}
	for _, r := range deployment.Resources {
		if !r.Custom {
			continue
		}
		inputs, err := decode(r.Inputs)
		if err != nil {
			return nil, fmt.Errorf("inputs of %s: %w", r.URN, err)
		}
		outputs, err := decode(r.Outputs)
		if err != nil {
			return nil, fmt.Errorf("outputs of %s: %w", r.URN, err)
		}
		n := flatResource{
			typ: string(r.Type), name: r.URN.Name(), provider: none, inputs: map[string]any{}, after: known(index, r.Dependencies),
		}
		if provider, _, ok := cutLast(r.Provider, "::"); ok {
			if n.provider, ok = index[resource.URN(provider)]; !ok {
				return nil, fmt.Errorf("%s is of provider %s, which the state does not hold before it", r.URN, provider)
			}
		}
		for name, v := range inputs {
			n.inputs[name] = taken(v, gives, known(index, r.PropertyDependencies[resource.PropertyKey(name)]))
		}
		delete(n.inputs, "__internal")
		index[r.URN] = len(f.resources)
		f.resources, gives = append(f.resources, n), append(gives, givenBy(string(r.ID), inputs, outputs))
	}
	return f, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// known are the resources of URNs; components are none.
func known(index map[resource.URN]int, urns []resource.URN) []int {
	var out []int
	for _, urn := range urns {
		if i, ok := index[urn]; ok {
			out = append(out, i)
		}
	}
	return out
}

// decode makes secrets out of what the state writes in their place.
func decode(values map[string]any) (map[string]any, error) {
	var walk func(v any) (any, error)
	walk = func(v any) (any, error) {
		switch v := v.(type) {
		case map[string]any:
			if v[sig.Key] == sig.Secret {
				raw, ok := v["plaintext"].(string)
				if !ok {
					return nil, fmt.Errorf("a secret is not shown in plain text")
				}
				var inner any
				if err := json.Unmarshal([]byte(raw), &inner); err != nil {
					return nil, fmt.Errorf("a secret: %w", err)
				}
				inner, err := walk(inner)
				return secret{inner}, err
			}
			out := make(map[string]any, len(v))
			for k, e := range v {
				inner, err := walk(e)
				if err != nil {
					return nil, err
				}
				out[k] = inner
			}
			return out, nil
		case []any:
			out := make([]any, len(v))
			for i, e := range v {
				inner, err := walk(e)
				if err != nil {
					return nil, err
				}
				out[i] = inner
			}
			return out, nil
		}
		return v, nil
	}
	out, err := walk(values)
	if err != nil {
		return nil, err
	}
	return out.(map[string]any), nil
}

// given is what a resource gives to others: text, and the path to it in the outputs.
type given struct {
	made   map[string][]string // what only the cloud could know
	echoed map[string][]string // what the program had said
}

func givenBy(id string, inputs, outputs map[string]any) given {
	g, said := given{map[string][]string{}, map[string][]string{}}, map[string]bool{}
	texts(inputs, nil, func(_ []string, s string) { said[s] = true })
	add := func(path []string, s string) {
		into := g.made
		if said[s] {
			into = g.echoed
		}
		if into[s] == nil {
			into[s] = slices.Clone(path)
		}
	}
	add([]string{"id"}, id)
	texts(outputs, nil, add)
	return g
}

// texts visits every text in a value, in a fixed order.
func texts(v any, path []string, visit func(path []string, s string)) {
	switch v := v.(type) {
	case string:
		if v != "" {
			visit(path, v)
		}
	case secret:
		texts(v.value, path, visit)
	case []any:
		for i, e := range v {
			texts(e, append(path, strconv.Itoa(i)), visit)
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			texts(v[k], append(path, k), visit)
		}
	}
}

// taken is an input in which text is taken from the resources that its property depends on.
func taken(v any, gives []given, from []int) any {
	if len(from) == 0 {
		return v
	}
	switch v := v.(type) {
	case string:
		return takenText(v, gives, from)
	case secret:
		return secret{taken(v.value, gives, from)}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = taken(e, gives, from)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = taken(e, gives, from)
		}
		return out
	}
	return v
}

// shortest is the shortest text that is sought within others; what is shorter is found by chance.
const shortest = 8

// takenText takes the whole text from a resource if one gives it, and else every part that only a resource could know.
func takenText(s string, gives []given, from []int) any {
	for _, all := range []func(given) map[string][]string{
		func(g given) map[string][]string { return g.made }, func(g given) map[string][]string { return g.echoed },
	} {
		for _, i := range from {
			if path, ok := all(gives[i])[s]; ok {
				return text{{of: i, path: path}}
			}
		}
	}
	outputs := map[string]part{}
	for _, i := range from {
		for value, path := range gives[i].made {
			if _, ok := outputs[value]; !ok && len(value) >= shortest && strings.Contains(s, value) {
				outputs[value] = part{of: i, path: path}
			}
		}
	}
	if len(outputs) == 0 {
		return s
	}
	// The longest first: an id often begins with the id of what the thing is in.
	values := slices.SortedFunc(maps.Keys(outputs), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	return split(s, values, outputs)
}

func split(s string, values []string, outputs map[string]part) text {
	if s == "" {
		return nil
	}
	for _, value := range values {
		if before, rest, ok := strings.Cut(s, value); ok {
			out := append(split(before, values, outputs), outputs[value])
			return append(out, split(rest, values, outputs)...)
		}
	}
	return text{{literal: s, of: none}}
}
