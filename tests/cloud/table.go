package cloud

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Table is a package whose types behave as rule tables and hooks say.
type Table struct {
	TableOptions
}

// TableOptions makes a Table.
type TableOptions struct {
	Package   string // as in "aws"
	Release   string // the provider's version
	Rules     *Rules
	Hooks     map[string]Hook
	Functions map[string]Function
	Account   string
	Partition string
	Config    map[string]*Property // the provider's own properties
	// Moves lists the provider's properties whose change means another place, where all is built anew.
	Moves []string
	// Regions lists the regions that the account may use; empty means any.
	Regions []string
	// Admit refuses what the credentials may not be used for; nil refuses nothing.
	Admit func(inputs map[string]any) error
	// Guard refuses what the account's own guardrails forbid, of whatever is made or changed; nil refuses nothing.
	Guard func(t *Tx, o *Object) error
	// DefaultTags is where the provider is told the tags of everything, and the property in which it puts
	// them; AllTags is the output in which it shows what came of it. Empty where the provider has no such thing.
	DefaultTags, TagProperty, AllTags string
}

// NewTable checks that hooks belong to types with rules.
func NewTable(o TableOptions) (*Table, error) {
	var faults []error
	for _, token := range slices.Sorted(maps.Keys(o.Hooks)) {
		if o.Rules.Types[token] == nil {
			faults = append(faults, fmt.Errorf("hook for %s, which has no rules", token))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.Config)) {
		for _, f := range o.Config[name].complete("config." + name) {
			faults = append(faults, errors.New(f))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return &Table{o}, nil
}

// Name is the package's name.
func (p *Table) Name() string { return p.Package }

// Version is the version of the provider whose behaviour the rules describe.
func (p *Table) Version() string { return p.Release }

func (p *Table) rule(typ string) (*Rule, error) {
	r := p.Rules.Types[typ]
	if r == nil {
		return nil, fmt.Errorf("the simulated cloud has no rules for %s: add them in tests/cloud/%s/rules", typ, p.Package)
	}
	return r, nil
}

// CheckConfig validates the provider's own inputs.
func (p *Table) CheckConfig(inputs map[string]any) []Failure {
	v := &validation{}
	v.object("", p.Config, inputs, nil, nil, nil)
	return v.failures
}

// DiffConfig replaces a provider that works elsewhere from now on: all it made lives there no more.
func (p *Table) DiffConfig(old, new map[string]any) []string {
	var out []string
	for _, property := range p.Moves {
		if !reflect.DeepEqual(old[property], new[property]) {
			out = append(out, property)
		}
	}
	return out
}

// Configure remembers where the provider works and its default tags, and refuses what is not allowed.
func (p *Table) Configure(_ *Tx, inputs map[string]any) (Config, error) {
	c := Config{Account: p.Account, Partition: p.Partition, Values: inputs}
	c.Region, _ = inputs["region"].(string)
	if c.Region == "" && p.Config["region"] != nil {
		return c, Refuse("MissingRegion", "the provider needs a region")
	}
	if len(p.Regions) > 0 && !slices.Contains(p.Regions, c.Region) {
		return c, Refuse("InvalidRegion", "%q: allowed are %s", c.Region, strings.Join(p.Regions, ", "))
	}
	if p.Admit != nil {
		if err := p.Admit(inputs); err != nil {
			return c, err
		}
	}
	if p.DefaultTags != "" {
		c.Tags, _ = dig(inputs, p.DefaultTags).(map[string]any)
	}
	return c, nil
}

var autoNamed = regexp.MustCompile(`-[0-9a-f]{7}$`)

func isAutoNamed(name, resource string) bool {
	return strings.HasPrefix(name, resource+"-") && len(name) == len(resource)+8 && autoNamed.MatchString(name)
}

// Check names what has no name, merges the provider's default tags and validates.
func (p *Table) Check(c Config, r CheckRequest) (map[string]any, []Failure) {
	rule, err := p.rule(r.Type)
	if err != nil {
		return nil, []Failure{{"", err.Error()}}
	}
	set := map[string]any{}
	if n := rule.Name; n != nil && rule.autoNames(r.New) {
		if old, ok := r.Old[n.Property].(string); ok && isAutoNamed(old, r.Name) {
			set[n.Property] = old
		} else {
			sum := sha256.Sum256(r.Seed)
			set[n.Property] = r.Name + "-" + hex.EncodeToString(sum[:])[:7]
		}
	}
	if property := rule.tagPath(); rule.Taggable && len(c.Tags) > 0 && property == p.TagProperty {
		if tags, ok := r.New[property].(map[string]any); ok || r.New[property] == nil {
			merged := maps.Clone(c.Tags)
			maps.Copy(merged, tags)
			set[property] = merged
		}
	}
	inputs := maps.Clone(r.New)
	maps.Copy(inputs, set)
	return set, rule.Validate(inputs)
}

func (r *Rule) autoNames(inputs map[string]any) bool {
	n := r.Name
	switch {
	case inputs[n.Property] != nil, slices.Contains(r.Requires, n.Property), n.Auto != nil && !*n.Auto:
		return false
	}
	for _, group := range r.Exclusive {
		if slices.Contains(group, n.Property) &&
			slices.ContainsFunc(group, func(other string) bool { return inputs[other] != nil }) {
			return false
		}
	}
	p := r.Properties[n.Property]
	return p.Type == "string"
}

// namePrefix is what the provider completes to a name; "" where the program gives the whole name. The
// end is a time and a counter, as the provider writes them
// (https://pkg.go.dev/github.com/hashicorp/terraform-plugin-sdk/v2/helper/id).
func (r *Rule) namePrefix(inputs map[string]any) string {
	if r.Name == nil || inputs[r.Name.Property] != nil || r.Properties[r.Name.Property+"Prefix"] == nil {
		return ""
	}
	prefix, _ := inputs[r.Name.Property+"Prefix"].(string)
	return prefix
}

// Diff compares inputs. A replaced resource that keeps a name given by the program must go first,
// as the provider arranges it: the new one could not have the name otherwise.
func (p *Table) Diff(r DiffRequest) (DiffResult, error) {
	rule, err := p.rule(r.Type)
	if err != nil {
		return DiffResult{}, err
	}
	out := DiffResult{Changes: rule.Diff(r.Old, r.New), DeleteBeforeReplace: rule.DeleteBeforeReplace}
	if n := rule.Name; n != nil {
		name, _ := r.New[n.Property].(string)
		if name != "" && name == r.Old[n.Property] && !isAutoNamed(name, r.Name) {
			out.DeleteBeforeReplace = true
		}
	}
	return out, nil
}

// Preview leaves outputs unknown that only the cloud can tell.
func (p *Table) Preview(c Config, typ string, inputs map[string]any, old *Prior) (map[string]any, error) {
	rule, err := p.rule(typ)
	if err != nil {
		return nil, err
	}
	if old != nil {
		return p.outputs(nil, c, rule, "", inputs, old)
	}
	out := p.echo(rule, inputs)
	if rule.namePrefix(inputs) != "" {
		out[rule.Name.Property] = Unknown{}
	}
	for _, o := range rule.Outputs {
		if dig(out, o.Name) == nil {
			put(out, o.Name, Unknown{})
		}
	}
	return out, nil
}

// put sets an output; one with dots is a part of an object, and is not without it.
func put(values map[string]any, name string, v any) {
	head, rest, nested := strings.Cut(name, ".")
	if !nested {
		values[name] = v
		return
	}
	if inner, ok := values[head].(map[string]any); ok {
		put(inner, rest, v)
	}
}

// echo is what the outputs hold of the inputs: all of them, defaults and all tags.
func (p *Table) echo(r *Rule, inputs map[string]any) map[string]any {
	out := clone(inputs)
	fillDefaults(r.Properties, out)
	if r.Taggable && p.AllTags != "" && r.tagPath() == p.TagProperty {
		out[p.AllTags] = map[string]any{}
		if t := inputs[p.TagProperty]; t != nil {
			out[p.AllTags] = cloneAny(t)
		}
	}
	return out
}

// tagPath leads to the property that bears the tags.
func (r *Rule) tagPath() string { return cmp.Or(r.TagPath, "tags") }

// tags are those that an object of the type bears.
func (r *Rule) tags(inputs map[string]any) map[string]string {
	if !r.Taggable {
		return nil
	}
	return stringMap(dig(inputs, r.tagPath()))
}

func fillDefaults(known map[string]*Property, values map[string]any) {
	for name, p := range known {
		if values[name] == nil && p.Default != nil {
			values[name] = cloneAny(p.Default)
		}
		if nested, ok := values[name].(map[string]any); ok && p.Properties != nil {
			fillDefaults(p.Properties, nested)
		}
	}
}

// outputs computes all outputs. Without a transaction, references are unknown. With a prior state,
// outputs whose words have not changed stay as they are, and so does what a hook had set.
func (p *Table) outputs(
	t *Tx, c Config, rule *Rule, id string, inputs map[string]any, old *Prior,
) (map[string]any, error) {
	out := p.echo(rule, inputs)
	if rule.namePrefix(inputs) != "" && old != nil && old.Outputs[rule.Name.Property] != nil {
		out[rule.Name.Property] = old.Outputs[rule.Name.Property]
	}
	s := scopeOf(t, rule, inputs)
	maps.Copy(s.values, out)
	maps.Copy(s.values, place(c, inputs))
	if id != "" {
		s.values["id"] = id
	}
	for _, o := range rule.Outputs {
		if dig(inputs, o.Name) != nil {
			continue // the program said so
		}
		if before := dig(priorOutputs(old), o.Name); before != nil && (isRandom(o.Value) || sameWords(o.Value, old.Outputs, s.values)) {
			put(out, o.Name, before)
			s.values[o.Name] = before
			continue
		}
		v, err := s.expand(o.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: output %s: %w", rule.file, o.Name, err)
		}
		if v != nil {
			put(out, o.Name, v)
			s.values[o.Name] = v
		}
	}
	if old != nil {
		for k, v := range old.Outputs {
			if _, gone := old.Inputs[k]; out[k] == nil && !gone && rule.Properties[k] == nil {
				out[k] = v
			}
		}
	}
	return out, nil
}

// priorOutputs are those of a prior state, if there is one.
func priorOutputs(old *Prior) map[string]any {
	if old == nil {
		return nil
	}
	return old.Outputs
}

// place is where an object is. What is not in the provider's own region says so in its inputs.
func place(c Config, inputs map[string]any) map[string]any {
	region := c.Region
	if asked, ok := inputs["region"].(string); ok {
		region = asked
	}
	return map[string]any{"region": region, "account": c.Account, "partition": c.Partition}
}

// sameWords says whether everything a template mentions is as before.
func sameWords(template any, old, new map[string]any) bool {
	same := true
	walkStrings(template, func(s string) {
		for _, m := range word.FindAllStringSubmatch(s, -1) {
			w := m[1]
			if rest, ok := strings.CutPrefix(w, "ref:"); ok {
				w, _, _ = strings.Cut(rest, ":")
			}
			switch w {
			case "id", "region", "account", "partition":
				continue
			}
			same = same && !hasUnknown(dig(new, w)) && reflect.DeepEqual(dig(old, w), dig(new, w))
		}
	})
	return same
}

func scopeOf(t *Tx, rule *Rule, inputs map[string]any) *scope {
	return &scope{
		values: map[string]any{},
		random: func(alphabet string, n int) string {
			var r string
			if alphabet == uuidWord {
				r = t.uuid()
			} else {
				r = t.text(alphabet, n)
			}
			t.unused = append(t.unused, r)
			return r
		},
		ref: func(input, output string) (any, error) {
			if t == nil {
				return Unknown{}, nil
			}
			value, property := dig(inputs, input), rule.property(input)
			if list, ok := value.([]any); ok && len(list) > 0 && property != nil {
				value, property = list[0], property.Items
			}
			s, ok := value.(string)
			if !ok {
				return nil, nil
			}
			if property == nil || property.Ref == nil {
				return nil, fmt.Errorf("{ref:%s:%s}: the property is not a reference", input, output)
			}
			o := t.resolve(property.Ref, inputs, s)
			if o == nil {
				return nil, Refuse("NotFound", "%s: %q does not exist", input, s)
			}
			return o.Value(output), nil
		},
	}
}

// property follows a dotted path through the rules; nil when it leads nowhere.
func (r *Rule) property(path string) *Property {
	p := &Property{Properties: r.Properties}
	for _, name := range strings.Split(path, ".") {
		if next := p.Properties[name]; next != nil {
			p = next
		} else if p.Items != nil { // a map's key or an array's number
			p = p.Items
		} else {
			return nil
		}
	}
	return p
}

// Key is the type and the id.
func (p *Table) Key(_ Config, typ, id string) Key { return Key{typ, id} }

// Reach is always given.
func (p *Table) Reach(*Tx, Config) (bool, error) { return false, nil }

// Secrets names secret outputs: those listed, and the properties that are marked secret.
func (p *Table) Secrets(typ string) []string {
	rule := p.Rules.Types[typ]
	if rule == nil {
		return nil
	}
	out := slices.Clone(rule.SecretOutputs)
	for name, property := range rule.Properties {
		if property.Secret {
			out = append(out, name)
		}
	}
	return out
}

// Duration is the modelled duration of a call.
func (p *Table) Duration(typ, op string) time.Duration {
	rule := p.Rules.Types[typ]
	if rule == nil {
		return 0
	}
	d := map[string]Duration{
		"Create": rule.Durations.Create, "Update": rule.Durations.Update, "Delete": rule.Durations.Delete,
	}[op]
	if d == 0 {
		d = Duration(time.Second)
	}
	return time.Duration(d)
}

// Invoke answers a provider function.
func (p *Table) Invoke(t *Tx, c Config, token string, args map[string]any) (map[string]any, error) {
	f := p.Functions[token]
	if f == nil {
		return nil, fmt.Errorf("the simulated cloud does not answer %s: add it in tests/cloud/%s", token, p.Package)
	}
	return f(t, c, args)
}

func stringMap(v any) map[string]string {
	m, ok := v.(map[string]any)
	if !ok || len(m) == 0 {
		return nil
	}
	out := make(map[string]string, len(m))
	for k, e := range m {
		out[k] = fmt.Sprint(e)
	}
	return out
}

func urnName(urn string) string { return urn[strings.LastIndex(urn, "::")+2:] }
