package cloud

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"go.etcd.io/bbolt"
)

// Store holds every object. It is kept in memory and written through to disk, so that the simulated
// cloud outlives the process as a real one outlives a pipeline's run.
type Store struct {
	mu      sync.Mutex
	db      *bbolt.DB
	seed    uint64
	seq     uint64
	objects map[Key]*Object
	types   map[string]map[Key]bool
	holders map[Key]map[Key]bool // who holds
	owned   map[Key]map[Key]bool // who is owned
	unique  map[string]Key
	urns    map[string]map[Key]bool
	lives   map[string]uint64          // creations per URN, so that a rebuilt object gets a new id
	indexes map[index]map[string][]Key // built on first use
}

// index is a lookup of one type's objects by one of their values.
type index struct{ typ, by string }

var (
	bucketObjects = []byte("objects")
	bucketLives   = []byte("lives")
)

// OpenStore opens or creates the store in a folder.
func OpenStore(dir string, seed uint64) (*Store, error) {
	file := filepath.Join(dir, "cloud.db")
	// Without sync on each commit the file survives the process, not a power failure. That is enough here.
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{
		Timeout: 5 * time.Second, NoSync: true, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType,
	})
	if err != nil {
		return nil, fmt.Errorf("open the simulated cloud's state %s (is another rehearsal using it?): %w", file, err)
	}
	s := &Store{
		db: db, seed: seed,
		objects: map[Key]*Object{}, types: map[string]map[Key]bool{}, holders: map[Key]map[Key]bool{},
		owned: map[Key]map[Key]bool{}, unique: map[string]Key{}, urns: map[string]map[Key]bool{},
		lives: map[string]uint64{}, indexes: map[index]map[string][]Key{},
	}
	if err := db.Update(s.load); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("read the simulated cloud's state %s: %w", file, err)
	}
	return s, nil
}

func (s *Store) load(tx *bbolt.Tx) error {
	objects, err := tx.CreateBucketIfNotExists(bucketObjects)
	if err != nil {
		return err
	}
	lives, err := tx.CreateBucketIfNotExists(bucketLives)
	if err != nil {
		return err
	}
	err = objects.ForEach(func(k, v []byte) error {
		o := &Object{}
		if err := json.Unmarshal(v, o); err != nil {
			return fmt.Errorf("object %q: %w", k, err)
		}
		s.put(o)
		s.seq = max(s.seq, o.Seq)
		return nil
	})
	if err != nil {
		return err
	}
	return lives.ForEach(func(k, v []byte) error {
		n, err := strconv.ParseUint(string(v), 10, 64)
		s.lives[string(k)] = n
		return err
	})
}

// Close writes everything to disk and lets go of the file.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.db.Sync(); err != nil {
		return fmt.Errorf("sync the simulated cloud's state: %w", err)
	}
	return s.db.Close()
}

// Update runs a transaction: all of its changes are kept, or none if it returns an error (see Tx.Fail). cause is
// what random text derives from, so that ids do not depend on the order of parallel calls.
func (s *Store) Update(cause string, run func(t *Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := newTx(s, cause)
	if err := run(t); err != nil {
		return err
	}
	if err := t.commit(); err != nil {
		return err
	}
	return t.failure
}

// View runs a function on the store that changes nothing; what it changes is forgotten.
func (s *Store) View(run func(t *Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return run(newTx(s, "view"))
}

func boltKey(k Key) []byte { return []byte(k.Type + "\x00" + k.ID) }

// put stores an object in memory and in the indexes; it must not be changed afterwards.
func (s *Store) put(o *Object) {
	k := o.Key()
	if old := s.objects[k]; old != nil {
		s.remove(old)
	}
	s.objects[k] = o
	link(s.types, o.Type, k)
	for _, h := range o.Holds {
		link(s.holders, h, k)
	}
	if o.Owner != (Key{}) {
		link(s.owned, o.Owner, k)
	}
	if o.Unique != "" {
		s.unique[o.Unique] = k
	}
	if o.URN != "" {
		link(s.urns, o.URN, k)
	}
	for i, values := range s.indexes {
		if i.typ == o.Type {
			values[o.Str(i.by)] = append(values[o.Str(i.by)], k)
		}
	}
}

func (s *Store) remove(o *Object) {
	k := o.Key()
	delete(s.objects, k)
	unlink(s.types, o.Type, k)
	for _, h := range o.Holds {
		unlink(s.holders, h, k)
	}
	unlink(s.owned, o.Owner, k)
	if o.Unique != "" && s.unique[o.Unique] == k {
		delete(s.unique, o.Unique)
	}
	unlink(s.urns, o.URN, k)
	for i, values := range s.indexes {
		if i.typ == o.Type {
			v := o.Str(i.by)
			values[v] = slices.DeleteFunc(values[v], func(x Key) bool { return x == k })
		}
	}
}

// lookup finds the keys of a type's stored objects by value.
func (s *Store) lookup(typ, by, value string) []Key {
	i := index{typ, by}
	values := s.indexes[i]
	if values == nil {
		values = map[string][]Key{}
		for k := range s.types[typ] {
			v := s.objects[k].Str(by)
			values[v] = append(values[v], k)
		}
		s.indexes[i] = values
	}
	return values[value]
}

func link[K comparable](m map[K]map[Key]bool, from K, to Key) {
	if m[from] == nil {
		m[from] = map[Key]bool{}
	}
	m[from][to] = true
}

func unlink[K comparable](m map[K]map[Key]bool, from K, to Key) {
	delete(m[from], to)
	if len(m[from]) == 0 {
		delete(m, from)
	}
}
