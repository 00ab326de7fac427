package cloud

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Failure is one fault in an input.
type Failure struct {
	Path   string
	Reason string
}

// Validate reports every fault of a resource's inputs. Unknown values pass.
func (r *Rule) Validate(inputs map[string]any) []Failure {
	v := &validation{}
	v.object("", r.Properties, inputs, r.Requires, r.Exclusive, r.Together)
	for _, group := range r.AnyOf {
		if !slices.ContainsFunc(group, func(n string) bool { return inputs[n] != nil }) {
			v.fail(group[0], "one of %s must be set", strings.Join(group, ", "))
		}
	}
	if n := r.Name; n != nil {
		if s, ok := inputs[n.Property].(string); ok {
			if length := utf8.RuneCountInString(s); n.Max > 0 && length > n.Max {
				v.fail(n.Property, "%q has %d characters, allowed are %d", s, length, n.Max)
			}
			if n.pattern != nil && !n.pattern.MatchString(s) {
				v.fail(n.Property, "%q does not match %s", s, n.Pattern)
			}
		}
	}
	return v.failures
}

type validation struct{ failures []Failure }

func (v *validation) fail(path, format string, args ...any) {
	v.failures = append(v.failures, Failure{path, fmt.Sprintf(format, args...)})
}

func (v *validation) object(
	path string, known map[string]*Property, value map[string]any, requires []string, exclusive, together [][]string,
) {
	at := func(name string) string {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	for _, name := range slices.Sorted(maps.Keys(value)) {
		if strings.HasPrefix(name, "__") { // the engine's own
			continue
		}
		p, ok := known[name]
		if !ok {
			v.fail(at(name), "the rules do not know this property; known are %s",
				strings.Join(slices.Sorted(maps.Keys(known)), ", "))
			continue
		}
		v.value(at(name), p, value[name])
	}
	set := func(n string) bool { return value[n] != nil }
	for _, n := range requires {
		if !set(n) {
			v.fail(at(n), "must be set")
		}
	}
	for _, group := range exclusive {
		var both []string
		for _, n := range group {
			if set(n) {
				both = append(both, n)
			}
		}
		if len(both) > 1 {
			v.fail(at(both[1]), "conflicts with %s: at most one of %s may be set", both[0], strings.Join(group, ", "))
		}
	}
	for _, group := range together {
		var missing []string
		for _, n := range group {
			if !set(n) {
				missing = append(missing, n)
			}
		}
		if len(missing) > 0 && len(missing) < len(group) {
			v.fail(at(missing[0]), "must be set: %s go together", strings.Join(group, ", "))
		}
	}
}

func (v *validation) value(path string, p *Property, value any) {
	switch value.(type) {
	case nil, Unknown:
		return
	}
	size, sized := 0.0, true
	switch p.Type {
	case "string":
		s, ok := value.(string)
		if !ok {
			v.wrongType(path, p, value)
			return
		}
		size = float64(utf8.RuneCountInString(s))
		if p.pattern != nil && !p.pattern.MatchString(s) {
			v.fail(path, "%q does not match %s", s, p.Pattern)
		}
		if err := checkFormat(p.Format, s); err != nil {
			v.fail(path, "%q: %s", abbreviate(s), err)
		}
	case "int", "number":
		n, ok := value.(float64)
		if !ok || p.Type == "int" && n != math.Trunc(n) {
			v.wrongType(path, p, value)
			return
		}
		size = n
	case "bool":
		if _, ok := value.(bool); !ok {
			v.wrongType(path, p, value)
		}
		return
	case "array":
		list, ok := value.([]any)
		if !ok {
			v.wrongType(path, p, value)
			return
		}
		size = float64(len(list))
		for i, e := range list {
			if p.Items != nil {
				v.value(fmt.Sprintf("%s[%d]", path, i), p.Items, e)
			}
		}
	case "map":
		m, ok := value.(map[string]any)
		if !ok {
			v.wrongType(path, p, value)
			return
		}
		size = float64(len(m))
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if p.Items != nil {
				v.value(path+"."+k, p.Items, m[k])
			}
		}
	case "object":
		m, ok := value.(map[string]any)
		if !ok {
			v.wrongType(path, p, value)
			return
		}
		if p.Properties != nil {
			v.object(path, p.Properties, m, p.Requires, p.Exclusive, p.Together)
		}
		return
	case "asset":
		if _, ok := value.(map[string]any); !ok {
			v.wrongType(path, p, value)
		}
		return
	default:
		sized = false
	}
	if sized && p.Min != nil && size < *p.Min {
		v.fail(path, "%v: at least %v is allowed", abbreviate(value), *p.Min)
	}
	if sized && p.Max != nil && size > *p.Max {
		v.fail(path, "%v: at most %v is allowed", abbreviate(value), *p.Max)
	}
	if len(p.Enum) > 0 && !slices.ContainsFunc(p.Enum, func(e any) bool { return reflect.DeepEqual(e, value) }) {
		v.fail(path, "%v: allowed are %v", abbreviate(value), p.Enum)
	}
}

func (v *validation) wrongType(path string, p *Property, value any) {
	v.fail(path, "%v is not of type %s", abbreviate(value), p.Type)
}

func abbreviate(value any) string {
	s := fmt.Sprint(value)
	if len(s) > 120 {
		return s[:117] + "..."
	}
	return s
}

func checkFormat(format, s string) error {
	switch format {
	case "json", "iam-policy":
		var doc any
		if err := json.Unmarshal([]byte(s), &doc); err != nil {
			return fmt.Errorf("not JSON: %w", err)
		}
		if format == "iam-policy" {
			return checkPolicy(doc)
		}
	case "cidr":
		prefix, err := netip.ParsePrefix(s)
		if err != nil {
			return fmt.Errorf("not a CIDR: %w", err)
		}
		if prefix != prefix.Masked() {
			return fmt.Errorf("not a network address: its network is %s", prefix.Masked())
		}
	case "arn":
		if strings.Count(s, ":") < 5 || !strings.HasPrefix(s, "arn:") {
			return fmt.Errorf("not an ARN: arn:partition:service:region:account:resource")
		}
	case "duration":
		if _, err := time.ParseDuration(s); err != nil {
			return fmt.Errorf("not a duration such as 90s")
		}
	}
	return nil
}

// checkPolicy checks the grammar of an IAM policy document.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func checkPolicy(doc any) error {
	top, ok := doc.(map[string]any)
	if !ok {
		return fmt.Errorf("MalformedPolicyDocument: not an object")
	}
	if v := top["Version"]; v != "2012-10-17" {
		return fmt.Errorf("MalformedPolicyDocument: Version is %v, not 2012-10-17", v)
	}
	if err := onlyKeys(top, "Version", "Id", "Statement"); err != nil {
		return err
	}
	statements, ok := top["Statement"].([]any)
	if !ok {
		statements = []any{top["Statement"]}
	}
	if len(statements) == 0 {
		return fmt.Errorf("MalformedPolicyDocument: no statement")
	}
	seen := map[string]bool{}
	for i, e := range statements {
		s, ok := e.(map[string]any)
		if !ok {
			return fmt.Errorf("MalformedPolicyDocument: Statement[%d] is not an object", i)
		}
		err := onlyKeys(s, "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
		if err != nil {
			return fmt.Errorf("Statement[%d]: %w", i, err)
		}
		if s["Effect"] != "Allow" && s["Effect"] != "Deny" {
			return fmt.Errorf("MalformedPolicyDocument: Statement[%d].Effect is %v, allowed are Allow, Deny", i, s["Effect"])
		}
		if (s["Action"] == nil) == (s["NotAction"] == nil) {
			return fmt.Errorf("MalformedPolicyDocument: Statement[%d] needs Action or NotAction", i)
		}
		for _, key := range []string{"Action", "NotAction", "Resource", "NotResource"} {
			if err := texts(s[key]); err != nil {
				return fmt.Errorf("MalformedPolicyDocument: Statement[%d].%s %w", i, key, err)
			}
		}
		if sid, ok := s["Sid"].(string); ok && sid != "" {
			if seen[sid] {
				return fmt.Errorf("MalformedPolicyDocument: Sid %q is given twice", sid)
			}
			seen[sid] = true
		}
	}
	return nil
}

func onlyKeys(m map[string]any, known ...string) error {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if !slices.Contains(known, k) {
			return fmt.Errorf("MalformedPolicyDocument: unknown field %q", k)
		}
	}
	return nil
}

// texts checks that a policy element is a text or a list of texts, none of them empty.
func texts(v any) error {
	list, ok := v.([]any)
	if v == nil {
		return nil
	}
	if !ok {
		list = []any{v}
	}
	if len(list) == 0 {
		return fmt.Errorf("is empty")
	}
	for _, e := range list {
		if s, ok := e.(string); !ok || s == "" {
			return fmt.Errorf("holds %v, which is not text", e)
		}
	}
	return nil
}
