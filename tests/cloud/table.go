package cloud

import (
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
	// Regions lists the regions that the account may use; empty means any.
	Regions []string
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

// DiffConfig replaces a provider whose region changes: all it made lives elsewhere.
func (p *Table) DiffConfig(old, new map[string]any) []string {
	if !reflect.DeepEqual(old["region"], new["region"]) {
		return []string{"region"}
	}
	return nil
}

// Configure remembers region and default tags, and refuses an account that is not allowed.
func (p *Table) Configure(_ *Tx, inputs map[string]any) (Config, error) {
	c := Config{Account: p.Account, Partition: p.Partition, Values: inputs}
	c.Region, _ = inputs["region"].(string)
	if c.Region == "" {
		return c, Refuse("MissingRegion", "the provider needs a region")
	}
	if len(p.Regions) > 0 && !slices.Contains(p.Regions, c.Region) {
		return c, Refuse("InvalidRegion", "%q: allowed are %s", c.Region, strings.Join(p.Regions, ", "))
	}
	if allowed, ok := inputs["allowedAccountIds"].([]any); ok && !slices.Contains(allowed, any(p.Account)) {
		return c, Refuse("AccountNotAllowed", "the credentials are of account %s, allowed are %v", p.Account, allowed)
	}
	if forbidden, ok := inputs["forbiddenAccountIds"].([]any); ok && slices.Contains(forbidden, any(p.Account)) {
		return c, Refuse("AccountNotAllowed", "the credentials are of account %s, which is forbidden", p.Account)
	}
	c.Tags, _ = dig(inputs, "defaultTags.tags").(map[string]any)
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
	if rule.Taggable && len(c.Tags) > 0 {
		if tags, ok := r.New["tags"].(map[string]any); ok || r.New["tags"] == nil {
			merged := maps.Clone(c.Tags)
			maps.Copy(merged, tags)
			set["tags"] = merged
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
	out := rule.echo(inputs)
	if rule.namePrefix(inputs) != "" {
		out[rule.Name.Property] = Unknown{}
	}
	for _, o := range rule.Outputs {
		if out[o.Name] == nil {
			out[o.Name] = Unknown{}
		}
	}
	return out, nil
}

// echo is what the outputs hold of the inputs: all of them, defaults and all tags.
func (r *Rule) echo(inputs map[string]any) map[string]any {
	out := clone(inputs)
	fillDefaults(r.Properties, out)
	if r.Taggable {
		out["tagsAll"] = map[string]any{}
		if t := inputs["tags"]; t != nil {
			out["tagsAll"] = cloneAny(t)
		}
	}
	return out
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
	out := rule.echo(inputs)
	if rule.namePrefix(inputs) != "" && old != nil && old.Outputs[rule.Name.Property] != nil {
		out[rule.Name.Property] = old.Outputs[rule.Name.Property]
	}
	s := p.scope(t, c, rule, inputs)
	maps.Copy(s.values, out)
	maps.Copy(s.values, map[string]any{"region": c.Region, "account": c.Account, "partition": c.Partition})
	if id != "" {
		s.values["id"] = id
	}
	for _, o := range rule.Outputs {
		if inputs[o.Name] != nil {
			continue // the program said so
		}
		if old != nil && old.Outputs[o.Name] != nil && (isRandom(o.Value) || sameWords(o.Value, old.Outputs, s.values)) {
			out[o.Name] = old.Outputs[o.Name]
			s.values[o.Name] = out[o.Name]
			continue
		}
		v, err := s.expand(o.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: output %s: %w", rule.file, o.Name, err)
		}
		if v != nil {
			out[o.Name] = v
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

func (p *Table) scope(t *Tx, c Config, rule *Rule, inputs map[string]any) *scope {
	return &scope{
		values: map[string]any{},
		random: func(alphabet string, n int) string {
			r := ""
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
			o := t.Lookup(property.Ref.Types, property.Ref.By, s)
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

// Create makes an object.
func (p *Table) Create(t *Tx, c Config, typ, urn string, inputs map[string]any) (*Object, error) {
	rule, err := p.rule(typ)
	if err != nil {
		return nil, err
	}
	t.live()
	o := &Object{
		Type: typ, URN: urn, Account: c.Account, Region: c.Region,
		Inputs: inputs, Tags: stringMap(inputs["tags"]),
	}
	if n := rule.Name; n != nil {
		if s, ok := inputs[n.Property].(string); ok && autoNamed.MatchString(s) && isAutoNamed(s, urnName(urn)) {
			o.Random = append(o.Random, s[len(s)-7:])
		}
	}
	if o.RefHolds, err = p.references(t, rule, inputs); err != nil {
		return nil, err
	}
	o.Holds = slices.Clone(o.RefHolds)
	if err := p.quota(t, c, rule, o); err != nil {
		return nil, err
	}
	s := p.scope(t, c, rule, inputs)
	s.values = rule.echo(inputs)
	maps.Copy(s.values, map[string]any{"region": c.Region, "account": c.Account, "partition": c.Partition})
	var named *Prior
	if prefix := rule.namePrefix(inputs); prefix != "" {
		name := prefix + s.random(decimals, 18) + s.random(hexDigits, 8)
		s.values[rule.Name.Property] = name
		named = &Prior{Outputs: map[string]any{rule.Name.Property: name}}
	}
	id, err := s.expand(rule.ID)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: id: %w", rule.file, typ, err)
	}
	o.ID, _ = id.(string)
	if o.ID == "" {
		return nil, fmt.Errorf("%s: %s: the id template %q gives no text", rule.file, typ, rule.ID)
	}
	if other := t.get(o.Key()); other != nil {
		return nil, alreadyExists(other, o.ID)
	}
	if o.Unique = rule.unique(c, typ, inputs); o.Unique != "" {
		if k, taken := t.taken(o.Unique); taken {
			return nil, alreadyExists(t.get(k), inputs[rule.Name.Property])
		}
	}
	if o.Outputs, err = p.outputs(t, c, rule, o.ID, inputs, named); err != nil {
		return nil, err
	}
	t.add(o)
	if hook := p.Hooks[typ].Created; hook != nil {
		if err := hook(t, o); err != nil {
			return nil, err
		}
	}
	t.adopt(o)
	return o, nil
}

func alreadyExists(other *Object, name any) error {
	if other.Retained != "" {
		return Refuse("AlreadyExists", "%v is taken by %s, which is in state %s", name, other, other.Retained)
	}
	return Refuse("AlreadyExists", "%v is taken by %s", name, other)
}

func (r *Rule) unique(c Config, typ string, inputs map[string]any) string {
	if r.Name == nil {
		return ""
	}
	name, ok := inputs[r.Name.Property].(string)
	if !ok {
		return ""
	}
	within := ""
	switch r.Name.Scope {
	case "global":
	case "account":
		within = c.Account
	case "region":
		within = c.Account + "/" + c.Region
	default:
		within = fmt.Sprintf("%s/%s/%s=%v", c.Account, c.Region, r.Name.Scope, inputs[r.Name.Scope])
	}
	return typ + " " + within + " " + name
}

// references checks that everything the inputs name exists, and returns what is held.
func (p *Table) references(t *Tx, rule *Rule, inputs map[string]any) ([]Key, error) {
	var holds []Key
	var faults []error
	var walk func(path string, p *Property, value any)
	walk = func(path string, p *Property, value any) {
		switch v := value.(type) {
		case string:
			if p.Ref == nil || v == "" || p.Ref.allow != nil && p.Ref.allow.MatchString(v) {
				return
			}
			target := t.Lookup(p.Ref.Types, p.Ref.By, v)
			if target == nil {
				faults = append(faults, Refuse("NotFound", "%s: %q does not exist: there is no %s with this %s",
					path, v, strings.Join(p.Ref.Types, " or "), strings.Join(p.Ref.By, " or ")))
				return
			}
			if p.Ref.Holds && !slices.Contains(holds, target.Key()) {
				holds = append(holds, target.Key())
			}
		case []any:
			for i, e := range v {
				if p.Items != nil {
					walk(fmt.Sprintf("%s[%d]", path, i), p.Items, e)
				}
			}
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				if c := p.Properties[k]; c != nil {
					walk(path+"."+k, c, v[k])
				} else if p.Items != nil {
					walk(path+"."+k, p.Items, v[k])
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		if property := rule.Properties[name]; property != nil {
			walk(name, property, inputs[name])
		}
	}
	return holds, errors.Join(faults...)
}

func (p *Table) quota(t *Tx, c Config, rule *Rule, o *Object) error {
	l := rule.Limit
	if l == nil {
		return nil
	}
	n := len(t.Find(o.Type, func(other *Object) bool {
		switch l.Per {
		case "account":
			return other.Account == c.Account
		case "region":
			return other.Account == c.Account && other.Region == c.Region
		}
		return reflect.DeepEqual(other.Inputs[l.Per], o.Inputs[l.Per])
	}))
	if n >= l.Max {
		return Refuse("LimitExceeded", "%s: %d exist, the quota per %s is %d (%s)", o.Type, n, l.Per, l.Max, l.Source)
	}
	return nil
}

// Update changes an object.
func (p *Table) Update(t *Tx, c Config, o *Object, inputs map[string]any) error {
	rule, err := p.rule(o.Type)
	if err != nil {
		return err
	}
	t.live()
	old := o.clone()
	holds, err := p.references(t, rule, inputs)
	if err != nil {
		return err
	}
	o.Holds = slices.DeleteFunc(o.Holds, func(k Key) bool { return slices.Contains(old.RefHolds, k) })
	for _, k := range holds {
		if !slices.Contains(o.Holds, k) {
			o.Holds = append(o.Holds, k)
		}
	}
	o.RefHolds = holds
	o.Inputs, o.Tags = inputs, stringMap(inputs["tags"])
	if unique := rule.unique(c, o.Type, inputs); unique != o.Unique {
		if k, taken := t.taken(unique); taken && unique != "" {
			return alreadyExists(t.get(k), inputs[rule.Name.Property])
		}
		o.Unique = unique
	}
	prior := &Prior{Inputs: old.Inputs, Outputs: old.Outputs}
	if o.Outputs, err = p.outputs(t, c, rule, o.ID, inputs, prior); err != nil {
		return err
	}
	if hook := p.Hooks[o.Type].Updated; hook != nil {
		if err := hook(t, old, o); err != nil {
			return err
		}
	}
	t.adopt(o)
	return nil
}

// Delete removes an object unless something guards it or depends on it.
func (p *Table) Delete(t *Tx, _ Config, o *Object) error {
	rule, err := p.rule(o.Type)
	if err != nil {
		return err
	}
	t.live()
	if g := rule.DeletionGuard; g != nil && reflect.DeepEqual(o.Value(g.Property), g.Equals) {
		return Refuse("OperationNotPermitted", "%s: %s", o, g.Message)
	}
	if hook := p.Hooks[o.Type].Deleted; hook != nil {
		if err := hook(t, o); err != nil {
			return err
		}
	}
	if err := t.Release(o.Key()); err != nil {
		return err
	}
	if rule.Retained != nil && o.Value(rule.Retained.Days) != 0.0 { // with 0 days it goes at once
		o.Retained, o.Holds, o.RefHolds = rule.Retained.State, nil, nil
		if days := o.Value(rule.Retained.Days); days != nil {
			if o.Props == nil {
				o.Props = map[string]any{}
			}
			o.Props["retainedDays"] = days
		}
		return nil
	}
	t.Remove(o.Key())
	return nil
}

// lingerMax is how long the provider waits for a dependency to go away before it gives up on a delete.
// https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ec2/vpc_security_group.go
const lingerMax = 15 * time.Minute

// Release waits, in modelled time, for the objects that linger, and refuses while others depend on k.
func (t *Tx) Release(k Key) error {
	var blocking []string
	var wait time.Duration
	holders := t.Holders(k)
	for _, h := range holders {
		if h.Lingers > 0 && h.Lingers <= lingerMax {
			wait = max(wait, h.Lingers)
		} else {
			blocking = append(blocking, madeFor(t, h))
		}
	}
	if len(blocking) > 0 {
		return Refuse("DependencyViolation", "%s has dependent objects and cannot be deleted: %s",
			k, strings.Join(blocking, ", "))
	}
	for _, h := range holders {
		t.Remove(h.Key())
	}
	t.Delay(wait)
	return nil
}

// madeFor names an object and what the cloud made it for, which is what must go.
func madeFor(t *Tx, o *Object) string {
	owner := t.peek(o.Owner)
	if owner == nil {
		return o.String()
	}
	return o.String() + " of " + owner.String()
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
