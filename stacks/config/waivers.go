package config

import (
	"fmt"
	"io/fs"
	"strings"

	"platform/stacks/catalog"
	"platform/stacks/strict"
)

// Operation is what happens to a thing that is lost by it.
type Operation string

// The operations. One does not include the other: who lets a database be replaced expects to have one afterwards.
const (
	Replace Operation = "replace"
	Delete  Operation = "delete"
)

// Operations lists them.
var Operations = []Operation{Delete, Replace}

// Waiver lets one thing be replaced or deleted that cannot be brought back, until a day, for a reason, on somebody's
// word.
type Waiver struct {
	URN       string    `yaml:"urn" json:"urn"` // of one thing: a pattern would let more be lost than was meant
	Operation Operation `yaml:"operation" json:"operation"`
	Owner     string    `yaml:"owner" json:"owner"` // a team of the catalogue
	Reason    string    `yaml:"reason" json:"reason"`
	Expires   Date      `yaml:"expires" json:"expires"` // the last day on which it counts
}

// Covers says whether the waiver is of what happens to a thing.
func (w Waiver) Covers(operation Operation, urn string) bool {
	return w.Operation == operation && w.URN == urn
}

// validateWaivers judges the form alone: that one has expired, or is of nothing, the guard tells.
func (s Settings) validateWaivers(f *faults) {
	form := s.urnForm()
	for i, w := range s.Waivers {
		at := fmt.Sprintf("waivers[%d]", i)
		oneOf(f, at+".operation", w.Operation, Operations)
		if !form.MatchString(w.URN) || strings.Contains(w.URN, "*") {
			f.add(at+".urn", w.URN, "the whole URN of one thing of this stack is allowed, as the guard prints it")
		}
		s.validateWord(f, at, w.Owner, w.Reason, w.Expires)
	}
}

// Waived reads an environment's waivers for a command that does not know what drivers offer, and by that cannot
// judge the rest: the program itself refuses what is not whole.
func Waived(stacks fs.FS, environment string) ([]Waiver, error) {
	name := FileOf(environment)
	file, err := readStack(stacks, name)
	if err != nil {
		return nil, err
	}
	raw, err := file.environment(name)
	if err != nil {
		return nil, err
	}
	c, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	s, found := complete(raw, c, environment)
	if len(found) == 0 {
		f := &faults{}
		s.validateWaivers(f)
		found = *f
	}
	if len(found) > 0 {
		return nil, fmt.Errorf("%s has faults:\n%w", name, strict.Join(found))
	}
	return s.Waivers, nil
}
