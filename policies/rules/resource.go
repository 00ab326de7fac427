package rules

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"platform/policies/document"
)

// Resource is a resource as the program registers it.
type Resource struct {
	Type, URN, Name string
	Props           property.Map
	// DependsOn are the URNs that the resource needs; By are those that one of its properties needs.
	DependsOn []string
	By        map[string][]string
}

// kind is the type as tables name it: without the version of Azure's API, which changes no meaning.
func (r Resource) kind() string { return document.Kind(r.Type) }

// under says whether a component of the type is above the resource.
func (r Resource) under(component string) bool {
	_, rest, _ := strings.Cut(r.URN, "::")
	_, rest, _ = strings.Cut(rest, "::")
	above, _, _ := strings.Cut(rest, "::")
	return strings.Contains("$"+above, "$"+component+"$")
}

// Clouds are those that rules speak of, in the order of the tables; the last is whatever runs in a cluster.
var Clouds = []string{"aws", "azure", "gcp", "kubernetes"}

// cloudOf is the cloud of a type.
func cloudOf(kind string) string {
	name, _, _ := strings.Cut(kind, ":")
	return strings.TrimSuffix(name, "-native")
}

// spot is one place that a path leads to.
type spot struct {
	path    string
	value   property.Value // null where nothing is said
	unknown bool           // not known before the resource it comes from is made
	secret  bool
}

// at are the places of a path such as "settings.replicas[].location", where [] is every element of a list, and [alert] every
// one that says something of alert. A path that ends before its last part leads to one place, which says nothing.
func at(props property.Map, path string) []spot { return spot{value: property.New(props)}.at(path) }

// at are the places of a path from here.
func (s spot) at(path string) []spot {
	found := []spot{s}
	for _, part := range strings.Split(path, ".") {
		name, rest, each := strings.Cut(part, "[")
		says := strings.TrimSuffix(rest, "]")
		var next []spot
		for _, s := range found {
			s = s.key(name)
			if !each {
				next = append(next, s)
				continue
			}
			for _, element := range s.elements() {
				if says == "" || element.unknown || !element.key(says).value.IsNull() {
					next = append(next, element)
				}
			}
		}
		found = next
	}
	return found
}

func (s spot) key(name string) spot {
	under := strings.TrimPrefix(s.path+"."+name, ".")
	out := spot{path: under, unknown: s.unknown, secret: s.secret}
	if s.value.IsMap() {
		out.value = s.value.AsMap().Get(name)
	}
	return out.seen()
}

// seen takes what the value itself says of it.
func (s spot) seen() spot {
	s.unknown = s.unknown || s.value.IsComputed()
	s.secret = s.secret || s.value.Secret()
	return s
}

func (s spot) elements() []spot {
	if s.unknown {
		return []spot{s}
	}
	var out []spot
	if s.value.IsArray() {
		for i, v := range s.value.AsArray().All {
			out = append(out, spot{path: fmt.Sprintf("%s[%d]", s.path, i), value: v, secret: s.secret}.seen())
		}
	}
	return out
}

// longest is how much of a value a message shows.
const longest = 120

// shown is the value as a message may show it.
func (s spot) shown() string {
	switch {
	case s.secret || s.value.HasSecrets():
		return "[secret]"
	case s.value.IsNull():
		return "nothing"
	}
	text := text(s.value)
	if len(text) > longest {
		text = text[:longest] + "…"
	}
	return fmt.Sprintf("%q", text)
}

// text is how a value is written; providers take numbers and truths as texts too.
func text(v property.Value) string {
	switch {
	case v.IsString():
		return v.AsString()
	case v.IsBool():
		return fmt.Sprint(v.AsBool())
	case v.IsNumber():
		return strings.TrimSuffix(fmt.Sprintf("%.2f", v.AsNumber()), ".00")
	case v.IsArray():
		var parts []string
		for _, e := range v.AsArray().All {
			parts = append(parts, text(e))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case v.IsMap():
		var parts []string
		for key, e := range v.AsMap().AllStable {
			parts = append(parts, key+":"+text(e))
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return ""
}
