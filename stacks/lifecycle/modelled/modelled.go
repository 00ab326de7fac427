// Package modelled tells how long what the engine does takes on a real cloud, by published or usual durations.
package modelled

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"time"

	"platform/policies/document"
	"platform/stacks/strict"
)

// Operation is what is done with a resource.
type Operation string

// The operations.
const (
	Create Operation = "create"
	Update Operation = "update"
	Delete Operation = "delete"
)

// Usual is what a call takes of which nobody has published anything.
const Usual = time.Second

// Duration is a time.Duration in its text form.
type Duration time.Duration

// UnmarshalText reads 90s or 12m.
func (d *Duration) UnmarshalText(raw []byte) error {
	v, err := time.ParseDuration(string(raw))
	*d = Duration(v)
	return err
}

// MarshalText writes no unit that is zero.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d Duration) String() string {
	text := time.Duration(d).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Type is what the operations on a type of resource take, where that is not the usual.
type Type struct {
	Create Duration `yaml:"create,omitempty"`
	Update Duration `yaml:"update,omitempty"`
	Delete Duration `yaml:"delete,omitempty"`
	Source string   `yaml:"source,omitempty"`
}

// durationsFile is written from the rules of the simulated clouds, where each rule of a type says where its times come from.
//
//go:embed durations.yaml
var durationsFile []byte

var table = sync.OnceValue(func() map[string]Type {
	all := map[string]Type{}
	if faults := strict.Decode(durationsFile, &all); len(faults) > 0 {
		panic(fmt.Sprintf("stacks/lifecycle/modelled/durations.yaml: %v", strict.Join(faults))) // a test reads it
	}
	return all
})

// Took is what an operation on a type takes. What only holds others together takes nothing.
func Took(typ string, op Operation) time.Duration {
	kind := document.Kind(typ)
	if strings.HasPrefix(kind, "platform:") || strings.HasPrefix(kind, "pulumi:") {
		return 0
	}
	of := table()[kind]
	if d := map[Operation]Duration{Create: of.Create, Update: of.Update, Delete: of.Delete}[op]; d > 0 {
		return time.Duration(d)
	}
	return Usual
}
