package cloud

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// UnmarshalYAML reads a duration's text form.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	v, err := time.ParseDuration(n.Value)
	if err != nil {
		return fmt.Errorf("line %d: %q is not a duration such as 90s or 12m", n.Line, n.Value)
	}
	*d = Duration(v)
	return nil
}

// Outputs are a type's computed outputs in the order of the table: a later one may use an earlier one.
type Outputs []Output

// Output is one computed output; strings in its value are templates.
type Output struct {
	Name  string
	Value any
}

// UnmarshalYAML keeps the order of the table.
func (o *Outputs) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: outputs must be a map of templates", n.Line)
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		name := n.Content[i].Value
		if seen[name] {
			return fmt.Errorf("line %d: output %q is given twice", n.Content[i].Line, name)
		}
		seen[name] = true
		var v any
		if err := n.Content[i+1].Decode(&v); err != nil {
			return err
		}
		*o = append(*o, Output{name, plainYAML(v)})
	}
	return nil
}

// Load reads every rule table that matches the patterns. All faults of all files are reported at once.
func Load(files fs.FS, patterns ...string) (*Rules, error) {
	rules := &Rules{Types: map[string]*Rule{}}
	var faults []error
	for _, pattern := range patterns {
		names, err := fs.Glob(files, pattern)
		if err != nil {
			return nil, fmt.Errorf("rule files %q: %w", pattern, err)
		}
		for _, name := range names {
			raw, err := fs.ReadFile(files, name)
			if err != nil {
				faults = append(faults, fmt.Errorf("read rules: %w", err))
				continue
			}
			faults = append(faults, rules.add(path.Base(name), raw)...)
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return rules, nil
}

func (r *Rules) add(file string, raw []byte) []error {
	table := map[string]*Rule{}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(&table); err != nil && !errors.Is(err, io.EOF) {
		var typed *yaml.TypeError
		if errors.As(err, &typed) {
			var faults []error
			for _, e := range typed.Errors {
				faults = append(faults, fmt.Errorf("%s: %s", file, e))
			}
			return faults
		}
		return []error{fmt.Errorf("%s: %w", file, err)}
	}
	var faults []error
	for _, token := range slices.Sorted(maps.Keys(table)) {
		rule := table[token]
		if rule == nil {
			faults = append(faults, fmt.Errorf("%s: %s: empty rule", file, token))
			continue
		}
		if other, ok := r.Types[token]; ok {
			faults = append(faults, fmt.Errorf("%s: %s: already in %s", file, token, other.file))
			continue
		}
		rule.file = file
		for _, e := range rule.complete() {
			faults = append(faults, fmt.Errorf("%s: %s: %s", file, token, e))
		}
		r.Types[token] = rule
	}
	return faults
}

// Dangling lists the types that rules refer to without there being rules for them.
func (r *Rules) Dangling() []string {
	missing := map[string]bool{}
	var walk func(p *Property)
	walk = func(p *Property) {
		if p == nil {
			return
		}
		if p.Ref != nil {
			for _, t := range p.Ref.Types {
				// A token has the form package:module:Type; hidden types have one colon.
				if _, ok := r.Types[t]; !ok && strings.Count(t, ":") == 2 {
					missing[t] = true
				}
			}
		}
		walk(p.Items)
		for _, c := range p.Properties {
			walk(c)
		}
	}
	for _, rule := range r.Types {
		for _, p := range rule.Properties {
			walk(p)
		}
	}
	return slices.Sorted(maps.Keys(missing))
}

// notable is from where on a duration shapes the time to build, so that somebody must have said how long it takes.
// Below that a call is a request and the polling of its operation.
const notable = Duration(time.Minute)

// complete compiles and checks a rule after decoding.
func (r *Rule) complete() (faults []string) {
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if r.Source == "" {
		add("source: missing: where do these rules come from?")
	}
	if r.ID == "" {
		add("id: missing")
	}
	if d := r.Durations; max(d.Create, d.Update, d.Delete) >= notable && r.DurationSource == "" {
		add("durationSource: missing: where do durations of %s and more come from?", time.Duration(notable))
	}
	if r.Properties == nil {
		r.Properties = map[string]*Property{}
	}
	if r.Taggable && r.TagPath == "" && r.Properties["tags"] == nil {
		r.Properties["tags"] = &Property{Type: "map", Items: &Property{Type: "string"}}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Properties)) {
		faults = append(faults, r.Properties[name].complete("properties."+name)...)
	}
	known := func(where string, names ...string) {
		for _, n := range names {
			if r.Properties[n] == nil {
				add("%s: %q is not among the properties", where, n)
			}
		}
	}
	known("requires", r.Requires...)
	for where, groups := range map[string][][]string{"anyOf": r.AnyOf, "exclusive": r.Exclusive, "together": r.Together} {
		for _, g := range groups {
			known(where, g...)
		}
	}
	if n := r.Name; n != nil {
		known("name.property", n.Property)
		switch n.Scope {
		case "global", "account", "region":
		default:
			known("name.scope", n.Scope)
		}
		n.pattern = compile(n.Pattern, "name.pattern", add)
	}
	if l := r.Limit; l != nil {
		if l.Per != "account" && l.Per != "region" {
			known("limit.per", l.Per)
		}
		if l.Max <= 0 || l.Source == "" {
			add("limit: needs max above 0 and a source")
		}
	}
	if g := r.DeletionGuard; g != nil {
		known("deletionGuard.property", g.Property)
		g.Equals = plainYAML(g.Equals)
	}
	if r.Retained != nil && r.Retained.Days != "" {
		known("retained.days", r.Retained.Days)
	}
	if longest := max(r.Durations.Create, r.Durations.Update, r.Durations.Delete); longest > Duration(time.Minute) && r.DurationSource == "" {
		add("durationSource: missing: %s is more than a minute", time.Duration(longest))
	}
	for _, t := range append(Outputs{{"id", r.ID}}, r.Outputs...) {
		walkStrings(t.Value, func(s string) {
			if err := checkTemplate(s); err != nil {
				add("outputs.%s: %s", t.Name, err)
			}
		})
	}
	return faults
}

var propertyTypes = []string{"string", "int", "number", "bool", "array", "object", "map", "asset", "any"}

var formats = []string{"", "json", "iam-policy", "cidr", "arn", "duration"}

func (p *Property) complete(at string) (faults []string) {
	add := func(format string, args ...any) { faults = append(faults, at+": "+fmt.Sprintf(format, args...)) }
	if p == nil {
		return []string{at + ": empty"}
	}
	if !slices.Contains(propertyTypes, p.Type) {
		add("type %q: allowed are %s", p.Type, strings.Join(propertyTypes, ", "))
	}
	if !slices.Contains(formats, p.Format) {
		add("format %q: allowed are %s", p.Format, strings.Join(formats[1:], ", "))
	}
	p.pattern = compile(p.Pattern, "pattern", add)
	p.Default = plainYAML(p.Default)
	for i := range p.Enum {
		p.Enum[i] = plainYAML(p.Enum[i])
	}
	if p.Ref != nil {
		if len(p.Ref.Types) == 0 || len(p.Ref.By) == 0 {
			add("ref: needs types and by")
		}
		p.Ref.allow = compile(p.Ref.Allow, "ref.allow", add)
	}
	if p.Items != nil {
		if p.Type != "array" && p.Type != "map" {
			add("items: only arrays and maps have items")
		}
		faults = append(faults, p.Items.complete(at+".items")...)
	}
	if p.Properties != nil && p.Type != "object" {
		add("properties: only objects have properties")
	}
	for _, name := range slices.Sorted(maps.Keys(p.Properties)) {
		faults = append(faults, p.Properties[name].complete(at+"."+name)...)
	}
	for _, group := range slices.Concat([][]string{p.Requires}, p.Exclusive, p.Together) {
		for _, n := range group {
			if p.Properties[n] == nil {
				add("%q is not among the properties", n)
			}
		}
	}
	return faults
}

func compile(pattern, where string, add func(string, ...any)) *regexp.Regexp {
	if pattern == "" {
		return nil
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		add("%s: %s", where, err)
	}
	return re
}

// plainYAML gives YAML values the types that JSON has.
func plainYAML(v any) any {
	switch v := v.(type) {
	case int:
		return float64(v)
	case map[string]any:
		for k := range v {
			v[k] = plainYAML(v[k])
		}
	case []any:
		for i := range v {
			v[i] = plainYAML(v[i])
		}
	}
	return v
}
