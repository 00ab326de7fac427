package config

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Exception lets one thing pass that a policy forbids, until a day, for a reason, on somebody's word.
type Exception struct {
	Rule    string `yaml:"rule"`
	URN     string `yaml:"urn"`   // in which * stands for any text
	Owner   string `yaml:"owner"` // a team of the catalogue
	Reason  string `yaml:"reason"`
	Expires Date   `yaml:"expires"` // the last day on which it counts
}

// Date is a day, as 2026-12-31.
type Date struct{ time.Time }

// UnmarshalText reads a day.
func (d *Date) UnmarshalText(text []byte) (err error) {
	d.Time, err = time.Parse(time.DateOnly, string(text))
	return err
}

func (d Date) String() string { return d.Format(time.DateOnly) }

// MarshalJSON writes the day as it is read.
func (d Date) MarshalJSON() ([]byte, error) { return []byte(`"` + d.String() + `"`), nil }

// UnmarshalJSON reads it.
func (d *Date) UnmarshalJSON(raw []byte) error { return d.UnmarshalText(bytes.Trim(raw, `"`)) }

// Before says whether the day was over at a time.
func (d Date) Before(now time.Time) bool { return !now.UTC().Before(d.AddDate(0, 0, 1)) }

var ruleID = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// urnForm is what an exception's URN looks like: no pattern is of every type.
func (s Settings) urnForm() *regexp.Regexp {
	return regexp.MustCompile(`^urn:pulumi:` + regexp.QuoteMeta(s.Environment+"::"+Project+"::") + `([^:]*(:[^:]+)*\$)?[a-z][a-z0-9-]*:[^:*$]+:[A-Za-z0-9]+::[^:]+(:[^:]+)*$`)
}

// shortestReason is what a reason needs to tell an auditor anything.
const shortestReason = 10

// Covers says whether the exception is of a thing.
func (x Exception) Covers(urn string) bool {
	// path.Match stops at slashes, which are nothing special in a URN.
	flat := strings.NewReplacer("/", "|", "[", "(", "]", ")", "?", "!", `\`, "!")
	ok, err := path.Match(flat.Replace(x.URN), flat.Replace(urn))
	return ok && err == nil
}

// validateExceptions judges the form alone: that one has expired is a violation that the policies tell.
func (s Settings) validateExceptions(f *faults) {
	form := s.urnForm()
	for i, x := range s.Exceptions {
		at := fmt.Sprintf("exceptions[%d]", i)
		if !ruleID.MatchString(x.Rule) {
			f.add(at+".rule", x.Rule, "the id of a rule of docs/policies.md is allowed")
		}
		if !form.MatchString(x.URN) {
			f.add(at+".urn", x.URN, "a URN of this stack is allowed, as urn:pulumi:%s::%s::*$aws:rds/instance:Instance::*, in which * stands for any text, but not for the type", s.Environment, Project)
		}
		s.validateWord(f, at, x.Owner, x.Reason, x.Expires)
	}
}

// validateWord judges what all that is let pass needs: somebody's word, why, and until when.
func (s Settings) validateWord(f *faults, at, owner, reason string, expires Date) {
	if _, ok := s.Catalog.Teams[owner]; !ok {
		f.add(at+".owner", owner, "one of the teams %v is allowed", slices.Sorted(maps.Keys(s.Catalog.Teams)))
	}
	if len(strings.TrimSpace(reason)) < shortestReason {
		f.add(at+".reason", reason, "a reason of at least %d characters is allowed", shortestReason)
	}
	if expires.IsZero() {
		f.add(at+".expires", "", "a day is allowed, in quotes, as \"2026-12-31\"")
	}
}

// Regions are those of the environment's cloud in which its data may lie.
func (s Settings) Regions() []string { return clouds[s.Cloud].regions[s.Residency] }
