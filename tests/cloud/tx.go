package cloud

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// Tx is one transaction. Objects it hands out may be changed in place; the changes are kept when the
// transaction is.
type Tx struct {
	s       *Store
	cause   string
	rand    *rand.Rand
	working map[Key]*Object // handed out, changed or new; nil when removed
	created []Key           // new in this transaction, in order
	lives   map[string]uint64
	seq     uint64
	random  map[string]string // ids made by ID, and their random part
	unused  []string          // random text that no minted object's id has taken
	delay   time.Duration
	failure error
}

func newTx(s *Store, cause string) *Tx {
	t := &Tx{
		s: s, cause: cause, working: map[Key]*Object{}, lives: map[string]uint64{}, seq: s.seq,
		random: map[string]string{},
	}
	t.reseed(cause, s.lives[cause])
	return t
}

func (t *Tx) reseed(cause string, life uint64) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\x00%s\x00%d", t.s.seed, cause, life))
	t.rand = rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))
}

// live counts this transaction in the random source, so that the next of the same cause differs.
func (t *Tx) live() { t.lives[t.cause] = t.s.lives[t.cause] + 1 }

// Text makes random text from an alphabet.
func (t *Tx) text(alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[t.rand.IntN(len(alphabet))]
	}
	return string(b)
}

// uuid makes a random UUID (https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-4).
func (t *Tx) uuid() string {
	r := t.text(hexDigits, 30)
	return r[:8] + "-" + r[8:12] + "-4" + r[12:15] + "-a" + r[15:18] + "-" + r[18:30]
}

// Random makes n random hexadecimal digits.
func (t *Tx) Random(n int) string {
	r := t.text(hexDigits, n)
	t.unused = append(t.unused, r)
	return r
}

// ID makes an id in the form prefix-0123456789abcdef0, as EC2 writes them.
func (t *Tx) ID(prefix string) string {
	r := t.text(hexDigits, 17)
	t.random[prefix+"-"+r] = r
	return prefix + "-" + r
}

// Delay makes the call take longer in modelled time.
func (t *Tx) Delay(d time.Duration) { t.delay += d }

// Fail lets the call fail although what was done stays, as when a provider gives up waiting.
func (t *Tx) Fail(err error) { t.failure = err }

// Get is the object of a type and id, or nil. Retained objects are gone for Get.
func (t *Tx) Get(typ, id string) *Object {
	o := t.get(Key{typ, id})
	if o == nil || o.Retained != "" {
		return nil
	}
	return o
}

// Kept is the retained object of a type and id, or nil.
func (t *Tx) Kept(typ, id string) *Object {
	if o := t.get(Key{typ, id}); o != nil && o.Retained != "" {
		return o
	}
	return nil
}

func (t *Tx) get(k Key) *Object {
	if o, ok := t.working[k]; ok {
		return o
	}
	o, ok := t.s.objects[k]
	if !ok {
		return nil
	}
	c := o.clone()
	t.working[k] = c
	return c
}

// peek is get without handing out a changeable copy.
func (t *Tx) peek(k Key) *Object {
	if o, ok := t.working[k]; ok {
		return o
	}
	return t.s.objects[k]
}

// Has says whether there is an object of a type and id that is not retained.
func (t *Tx) Has(typ, id string) bool {
	o := t.peek(Key{typ, id})
	return o != nil && o.Retained == ""
}

// Find lists the objects of a type for which keep is true, in the order of creation; keep must not
// change them, nil keeps all. Retained objects are not found.
func (t *Tx) Find(typ string, keep func(*Object) bool) []*Object {
	var out []*Object
	for k := range t.keys(typ, keep) {
		out = append(out, t.get(k))
	}
	slices.SortFunc(out, bySeq)
	return out
}

// List lists what Find does to be read only: what is handed out to be changed is copied, and compared when the transaction
// is kept.
func (t *Tx) List(typ string, keep func(*Object) bool) []*Object {
	var out []*Object
	for k := range t.keys(typ, keep) {
		out = append(out, t.peek(k))
	}
	slices.SortFunc(out, bySeq)
	return out
}

// ListBy lists to be read only the objects of a type whose value by a name is value, in the order of creation. It looks at these
// alone, however many there are of the type.
func (t *Tx) ListBy(typ, by, value string) []*Object {
	var out []*Object
	for _, k := range t.s.lookup(typ, by, value) {
		if _, changed := t.working[k]; !changed {
			out = append(out, t.s.objects[k])
		}
	}
	for k, o := range t.working {
		if o != nil && k.Type == typ && o.Str(by) == value {
			out = append(out, o)
		}
	}
	out = slices.DeleteFunc(out, func(o *Object) bool { return o.Retained != "" })
	slices.SortFunc(out, bySeq)
	return out
}

// Count is how many Find lists.
func (t *Tx) Count(typ string, keep func(*Object) bool) (n int) {
	for range t.keys(typ, keep) {
		n++
	}
	return n
}

// keys are those of what Find lists, in no order.
func (t *Tx) keys(typ string, keep func(*Object) bool) iter.Seq[Key] {
	found := func(k Key) bool {
		o := t.peek(k)
		return o != nil && o.Type == typ && o.Retained == "" && (keep == nil || keep(o))
	}
	return func(yield func(Key) bool) {
		for k := range t.s.types[typ] {
			if found(k) && !yield(k) {
				return
			}
		}
		for _, k := range t.created {
			if k.Type == typ && !t.s.types[typ][k] && found(k) && !yield(k) {
				return
			}
		}
	}
}

// Lookup finds the object of one of the types whose value by one of the names is value.
func (t *Tx) Lookup(types, by []string, value string) *Object {
	return t.lookup(types, by, value, func(*Object) bool { return true })
}

// resolve finds what a reference of some inputs is to: where names are unique only within something, that of the same.
func (t *Tx) resolve(r *Ref, inputs map[string]any, value string) *Object {
	return t.lookup(r.Types, r.By, value, func(o *Object) bool {
		return r.Within == "" || o.Str(r.Within) == inputs[r.Within]
	})
}

func (t *Tx) lookup(types, by []string, value string, fits func(*Object) bool) *Object {
	for _, typ := range types {
		for _, name := range by {
			if name == "id" {
				if o := t.Get(typ, value); o != nil && o.Lingers == 0 && fits(o) {
					return o
				}
				continue
			}
			for _, k := range t.s.lookup(typ, name, value) {
				if o := t.peek(k); o != nil && o.alive() && o.Str(name) == value && fits(o) {
					return t.get(k)
				}
			}
			for k, o := range t.working {
				if o != nil && k.Type == typ && o.alive() && o.Str(name) == value && fits(o) {
					return o
				}
			}
		}
	}
	return nil
}

// Mint makes an object that the cloud makes by itself. Without an id it gets one.
func (t *Tx) Mint(o Object) *Object {
	n := o.clone()
	if n.ID == "" {
		_, noun, _ := strings.Cut(n.Type, ":")
		n.ID = t.ID(noun)
	}
	if n.Owner != (Key{}) && n.Account == "" {
		if owner := t.peek(n.Owner); owner != nil {
			n.Account, n.Region = owner.Account, owner.Region
		}
	}
	if r, ok := t.random[n.ID]; ok {
		n.Random = append(n.Random, r)
		delete(t.random, n.ID)
	}
	t.add(n)
	return n
}

func (t *Tx) add(o *Object) {
	t.seq++
	o.Seq = t.seq
	t.working[o.Key()] = o
	t.created = append(t.created, o.Key())
}

// Remove takes an object away without asking who depends on it. Its owned objects stay.
func (t *Tx) Remove(k Key) {
	if t.peek(k) != nil {
		t.working[k] = nil
	}
}

// Linger takes an object away after some time: until then it holds what it holds. Network interfaces
// of managed services do that.
func (t *Tx) Linger(k Key, d time.Duration) {
	if o := t.get(k); o != nil {
		o.Lingers = d
	}
}

// Owned lists the hidden objects that were made for an object.
func (t *Tx) Owned(owner Key) []*Object {
	return t.linked(t.s.owned[owner], func(o *Object) bool { return o.Owner == owner }, t.get)
}

// ListOwned lists what Owned does of one type, to be read only.
func (t *Tx) ListOwned(owner Key, typ string) []*Object {
	return t.linked(t.s.owned[owner], func(o *Object) bool { return o.Owner == owner && o.Type == typ }, t.peek)
}

// Holders lists what keeps an object from being deleted.
func (t *Tx) Holders(k Key) []*Object {
	return t.linked(t.s.holders[k], func(o *Object) bool { return slices.Contains(o.Holds, k) }, t.get)
}

// linked are the objects that were linked before and those of this transaction, as far as they are kept and as they are given.
func (t *Tx) linked(stored map[Key]bool, keep func(*Object) bool, give func(Key) *Object) []*Object {
	var keys []Key
	add := func(k Key) {
		if o := t.peek(k); o != nil && o.Retained == "" && keep(o) {
			keys = append(keys, k)
		}
	}
	for k := range stored {
		add(k)
	}
	for k := range t.working {
		if !stored[k] {
			add(k)
		}
	}
	out := make([]*Object, len(keys))
	for i, k := range keys {
		out[i] = give(k)
	}
	slices.SortFunc(out, bySeq)
	return out
}

// taken says which object has a unique name.
func (t *Tx) taken(name string) (Key, bool) {
	for k, o := range t.working {
		if o != nil && o.Unique == name {
			return k, true
		}
	}
	k, ok := t.s.unique[name]
	if !ok {
		return Key{}, false
	}
	if o := t.peek(k); o == nil || o.Unique != name {
		return Key{}, false
	}
	return k, true
}

// adopt gives random text that went into no minted object's id to the call's own object.
func (t *Tx) adopt(o *Object) {
	o.Random = append(o.Random, t.unused...)
	t.unused = nil
	rest := make([]string, 0, len(t.random))
	for _, r := range t.random {
		rest = append(rest, r)
	}
	clear(t.random)
	// Only the order of the text itself is at hand; it does not matter, since each is replaced alone.
	slices.Sort(rest)
	o.Random = append(o.Random, rest...)
}

func (t *Tx) commit() error {
	var puts, removes []*Object
	err := t.s.db.Update(func(b *bbolt.Tx) error {
		objects, lives := b.Bucket(bucketObjects), b.Bucket(bucketLives)
		for k, o := range t.working {
			old := t.s.objects[k]
			switch {
			case o == nil && old != nil:
				removes = append(removes, old)
				if err := objects.Delete(boltKey(k)); err != nil {
					return err
				}
			case o != nil && (old == nil || !reflect.DeepEqual(old, o)):
				if o.Key() != k {
					return fmt.Errorf("%s changed its identity to %s", k, o.Key())
				}
				raw, err := json.Marshal(o)
				if err != nil {
					return fmt.Errorf("store %s: %w", o, err)
				}
				if err := objects.Put(boltKey(k), raw); err != nil {
					return err
				}
				// What is in memory must equal what a later run reads: numbers become float64.
				stored := &Object{}
				if err := json.Unmarshal(raw, stored); err != nil {
					return err
				}
				puts = append(puts, stored)
			}
		}
		for cause, n := range t.lives {
			if err := lives.Put([]byte(cause), []byte(strconv.FormatUint(n, 10))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep the simulated cloud's state: %w", err)
	}
	for _, o := range removes {
		t.s.remove(o)
	}
	for _, o := range puts {
		t.s.put(o)
	}
	for cause, n := range t.lives {
		t.s.lives[cause] = n
	}
	t.s.seq = t.seq
	return nil
}
