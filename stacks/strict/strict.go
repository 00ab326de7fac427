// Package strict decodes YAML and JSON into typed values without forgiveness: an unknown key or a
// wrong type is a fault with its path, its value and what is allowed, and every fault is found at once.
// The common decoders drop unknown keys, or stop at the first, or name lines where a user needs a path.
package strict

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Fault is one mistake in a file.
type Fault struct {
	Path, Value, Allowed string
}

func (f Fault) Error() string {
	if f.Value == "" {
		return fmt.Sprintf("%s: %s", f.Path, f.Allowed)
	}
	return fmt.Sprintf("%s: value %q: %s", f.Path, f.Value, f.Allowed)
}

// Decode reads a document into the struct that into points to. Fields are named by their yaml tags;
// those without "omitempty" must be given.
func Decode(document []byte, into any) []error {
	var root yaml.Node
	if err := yaml.Unmarshal(document, &root); err != nil {
		return []error{fmt.Errorf("not a YAML document: %w", err)}
	}
	d := &decoder{}
	if len(root.Content) == 0 {
		root.Content = []*yaml.Node{{Kind: yaml.MappingNode}}
	}
	d.value("", root.Content[0], reflect.ValueOf(into).Elem())
	return d.faults
}

// Join makes one error of many, in the order of their text, so that equal mistakes print equally.
func Join(faults []error) error {
	sorted := slices.Clone(faults)
	slices.SortStableFunc(sorted, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(sorted...)
}

type decoder struct{ faults []error }

func (d *decoder) fault(path string, node *yaml.Node, allowed string, args ...any) {
	value := ""
	if node != nil {
		value = node.Value
		if node.Kind == yaml.MappingNode {
			value = "a mapping"
		} else if node.Kind == yaml.SequenceNode {
			value = "a list"
		}
	}
	d.faults = append(d.faults, Fault{path, value, fmt.Sprintf(allowed, args...)})
}

var durationType = reflect.TypeFor[time.Duration]()

func (d *decoder) value(path string, node *yaml.Node, v reflect.Value) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if v.Kind() == reflect.Pointer {
		if node.Tag == "!!null" {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if v.Type() == durationType {
		duration, err := time.ParseDuration(node.Value)
		if node.Kind != yaml.ScalarNode || err != nil {
			d.fault(path, node, "a duration is allowed, as 45s or 5m")
			return
		}
		v.SetInt(int64(duration))
		return
	}
	if text, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if node.Kind != yaml.ScalarNode || text.UnmarshalText([]byte(node.Value)) != nil {
			d.fault(path, node, "%s is allowed", article(v.Type().Name()))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.object(path, node, v)
	case reflect.Map:
		d.mapping(path, node, v)
	case reflect.Slice:
		if node.Kind != yaml.SequenceNode {
			d.fault(path, node, "a list is allowed")
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(node.Content), len(node.Content)))
		for i, e := range node.Content {
			d.value(fmt.Sprintf("%s[%d]", path, i), e, v.Index(i))
		}
	default:
		d.scalar(path, node, v)
	}
}

func (d *decoder) scalar(path string, node *yaml.Node, v reflect.Value) {
	kinds := map[reflect.Kind]struct {
		tags    []string
		allowed string
	}{
		reflect.String:  {[]string{"!!str"}, "a text is allowed (in quotes where it looks like a number)"},
		reflect.Int:     {[]string{"!!int"}, "a whole number is allowed"},
		reflect.Float64: {[]string{"!!int", "!!float"}, "a number is allowed"},
		reflect.Bool:    {[]string{"!!bool"}, "true or false is allowed"},
	}
	kind, ok := kinds[v.Kind()]
	if !ok {
		panic(fmt.Sprintf("strict: no rule for %s at %s", v.Type(), path))
	}
	if node.Kind != yaml.ScalarNode || !slices.Contains(kind.tags, node.Tag) || node.Decode(v.Addr().Interface()) != nil {
		d.fault(path, node, "%s", kind.allowed)
	}
}

func (d *decoder) object(path string, node *yaml.Node, v reflect.Value) {
	if node.Kind != yaml.MappingNode {
		d.fault(path, node, "a mapping is allowed")
		return
	}
	fields, required := map[string]int{}, []string{}
	var names []string
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if name == "-" || name == "" {
			continue
		}
		fields[name], names = i, append(names, name)
		if !strings.Contains(options, "omitempty") {
			required = append(required, name)
		}
	}
	slices.Sort(names)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i].Value
		at := join(path, key)
		required = slices.DeleteFunc(required, func(n string) bool { return n == key })
		field, ok := fields[key]
		if !ok {
			d.fault(at, nil, "unknown key: allowed are %s", strings.Join(names, ", "))
			continue
		}
		d.value(at, node.Content[i+1], v.Field(field))
	}
	for _, name := range required {
		d.fault(join(path, name), nil, "missing")
	}
}

func (d *decoder) mapping(path string, node *yaml.Node, v reflect.Value) {
	if node.Kind != yaml.MappingNode {
		d.fault(path, node, "a mapping is allowed")
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i].Value
		element := reflect.New(v.Type().Elem()).Elem()
		d.value(join(path, key), node.Content[i+1], element)
		v.SetMapIndex(reflect.ValueOf(key), element)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func article(name string) string {
	if name == "Prefix" {
		return "an address range such as 10.16.0.0/16"
	}
	return "a " + strings.ToLower(name)
}
