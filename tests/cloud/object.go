package cloud

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Key names one object in the store.
type Key struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

func (k Key) String() string { return k.Type + " " + k.ID }

// Object is one thing that exists in a simulated cloud.
type Object struct {
	Type    string            `json:"type"` // a resource token, or a name without package for hidden objects
	ID      string            `json:"id"`
	URN     string            `json:"urn,omitempty"`    // of the resource whose Create made it
	Public  string            `json:"public,omitempty"` // the id that the provider shows, where it differs
	Account string            `json:"account,omitempty"`
	Region  string            `json:"region,omitempty"`
	Inputs  map[string]any    `json:"inputs,omitempty"`
	Outputs map[string]any    `json:"outputs,omitempty"` // with the inputs echoed
	Props   map[string]any    `json:"props,omitempty"`   // what hooks remember; a hidden object's properties
	Tags    map[string]string `json:"tags,omitempty"`
	Secrets []string          `json:"secrets,omitempty"` // inputs that came in as secrets

	Hidden      bool          `json:"hidden,omitempty"`      // made by the cloud, not by a program
	Preexisting bool          `json:"preexisting,omitempty"` // was there before; never counts as left
	Owner       Key           `json:"owner,omitzero"`        // what a hidden object was made for
	Holds       []Key         `json:"holds,omitempty"`       // what cannot be deleted while this lives
	RefHolds    []Key         `json:"refHolds,omitempty"`    // the part of Holds that follows from the inputs
	Lingers     time.Duration `json:"lingers,omitempty"`     // disappears by itself this long after
	Retained    string        `json:"retained,omitempty"`    // the state of a deleted object that is kept
	Locked      string        `json:"locked,omitempty"`      // why nobody can delete it, whatever he may
	Unique      string        `json:"unique,omitempty"`      // the scoped physical name it takes
	Random      []string      `json:"random,omitempty"`      // generated text, for normalisation
	Seq         uint64        `json:"seq"`                   // order of creation
}

// Key is the object's key.
func (o *Object) Key() Key { return Key{o.Type, o.ID} }

func (o *Object) String() string {
	if o.URN != "" {
		return fmt.Sprintf("%s %s (%s)", o.Type, o.ID, o.URN)
	}
	return o.Key().String()
}

// Value is an output, input or property by dotted path; "id" is the id.
func (o *Object) Value(path string) any {
	if path == "id" {
		return o.ID
	}
	for _, m := range []map[string]any{o.Outputs, o.Inputs, o.Props} {
		if v := dig(m, path); v != nil {
			return v
		}
	}
	return nil
}

// Str is Value as text; "" if there is none.
func (o *Object) Str(path string) string {
	s, _ := o.Value(path).(string)
	return s
}

// Num is Value as a number; 0 if there is none.
func (o *Object) Num(path string) float64 {
	switch n := o.Value(path).(type) {
	case float64:
		return n
	case int:
		return float64(n)
	}
	return 0
}

// Bool is Value as a truth value; false if there is none.
func (o *Object) Bool(path string) bool {
	b, _ := o.Value(path).(bool)
	return b
}

// List is Value as texts; what is not text is left out.
func (o *Object) List(path string) []string {
	var out []string
	switch l := o.Value(path).(type) {
	case []string:
		return l
	case []any:
		for _, e := range l {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

func (o *Object) clone() *Object {
	c := *o
	c.Inputs, c.Outputs, c.Props = clone(o.Inputs), clone(o.Outputs), clone(o.Props)
	c.Tags = maps.Clone(o.Tags)
	c.RefHolds = slices.Clone(o.RefHolds)
	c.Secrets, c.Holds, c.Random = slices.Clone(o.Secrets), slices.Clone(o.Holds), slices.Clone(o.Random)
	return &c
}

// PublicID is the id that the provider shows to the engine.
func (o *Object) PublicID() string { return cmp.Or(o.Public, o.ID) }

// alive says whether the object is neither retained nor about to disappear.
func (o *Object) alive() bool { return o.Retained == "" && o.Lingers == 0 }

func bySeq(a, b *Object) int {
	return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID))
}

// Refusal is an error that the cloud itself would give.
type Refusal struct {
	Code    string // as the cloud spells it, such as DependencyViolation
	Message string
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

// Refuse makes a Refusal.
func Refuse(code, format string, args ...any) *Refusal {
	return &Refusal{code, fmt.Sprintf(format, args...)}
}
