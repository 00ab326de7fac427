package cloud

import (
	"time"
)

// Config is what a provider instance was configured with.
type Config struct {
	Account, Region, Partition string
	Tags                       map[string]any // put on every taggable resource
	Cluster                    Key            // of a kubernetes provider: the cluster it talks to
	Values                     map[string]any // all of it
}

// Package is how the types of one provider package behave. Table is the one driven by rules.
type Package interface {
	Name() string
	Version() string
	CheckConfig(inputs map[string]any) []Failure
	// DiffConfig lists the provider's properties whose change replaces everything it made.
	DiffConfig(old, new map[string]any) []string
	Configure(t *Tx, inputs map[string]any) (Config, error)

	// Check completes and validates inputs; what it returns is set over the given ones.
	Check(c Config, r CheckRequest) (map[string]any, []Failure)
	Diff(r DiffRequest) (DiffResult, error)
	// Preview computes outputs as far as they are known; old is nil for a new resource.
	Preview(c Config, typ string, inputs map[string]any, old *Prior) (map[string]any, error)

	Create(t *Tx, c Config, typ, urn string, inputs map[string]any) (*Object, error)
	Update(t *Tx, c Config, o *Object, inputs map[string]any) error
	Delete(t *Tx, c Config, o *Object) error
	// Key is the key of the object with a type and the id that the engine knows.
	Key(c Config, typ, id string) Key
	// Reach says whether an existing object can be read, and whether it may be forgotten when it cannot.
	Reach(t *Tx, c Config) (forget bool, err error)

	// Secrets names a type's outputs that are secret besides its secret inputs.
	Secrets(typ string) []string
	Duration(typ, op string) time.Duration
	Invoke(t *Tx, c Config, token string, args map[string]any) (map[string]any, error)
}

// CheckRequest asks to check a resource's inputs.
type CheckRequest struct {
	Type, URN, Name string
	Old, New        map[string]any
	Seed            []byte
}

// DiffRequest asks what changes.
type DiffRequest struct {
	Type, URN, Name string
	Old, New        map[string]any // inputs
	State           map[string]any // old outputs
}

// DiffResult is what changes.
type DiffResult struct {
	Changes             []Change
	DeleteBeforeReplace bool
}

// Prior is the state that an update starts from.
type Prior struct {
	Inputs, Outputs map[string]any
}

// Function answers a provider function (an invoke).
type Function func(t *Tx, c Config, args map[string]any) (map[string]any, error)
