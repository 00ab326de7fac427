package cloud

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Create makes an object.
func (p *Table) Create(t *Tx, c Config, typ, urn string, inputs map[string]any) (*Object, error) {
	rule, err := p.rule(typ)
	if err != nil {
		return nil, err
	}
	t.live()
	o := &Object{
		Type: typ, URN: urn, Account: c.Account, Region: c.Region,
		Inputs: inputs, Tags: rule.tags(inputs),
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
	s := scopeOf(t, rule, inputs)
	s.values = p.echo(rule, inputs)
	maps.Copy(s.values, place(c, inputs))
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
	if err := p.guard(t, o); err != nil {
		return nil, err
	}
	if hook := p.Hooks[typ].Created; hook != nil {
		if err := hook(t, o); err != nil {
			return nil, err
		}
	}
	t.adopt(o)
	return o, nil
}

func (p *Table) guard(t *Tx, o *Object) error {
	if p.Guard == nil {
		return nil
	}
	return p.Guard(t, o)
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
			target := t.resolve(p.Ref, inputs, v)
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
	n := t.Count(o.Type, func(other *Object) bool {
		switch l.Per {
		case "account":
			return other.Account == c.Account
		case "region":
			return other.Account == c.Account && other.Region == c.Region
		}
		return reflect.DeepEqual(other.Inputs[l.Per], o.Inputs[l.Per])
	})
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
	o.Inputs, o.Tags = inputs, rule.tags(inputs)
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
	if err := p.guard(t, o); err != nil {
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
	if o.Locked != "" {
		return Refuse("Locked", "%s: %s", o, o.Locked)
	}
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
