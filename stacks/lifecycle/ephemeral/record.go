package ephemeral

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"platform/stacks/config"
)

// The tags by which a stack is known to be of an environment that lives for some hours. That of the record is written first:
// what has it may be reaped, however little else there is. The others are of their own, so that the backend can be asked who
// has one. A value has at most 256 characters
// (https://www.pulumi.com/docs/iac/concepts/stacks/#stack-tags).
const (
	tagRecord   = "platform:ephemeral"
	tagPlace    = "platform:place"
	tagPlan     = "platform:plan"
	tagServices = "platform:services"

	longestTag = 256
)

// Record is what is known of an environment.
type Record struct {
	Name     string
	Owner    string
	Created  time.Time
	Expires  time.Time
	Cloud    string // none until a place was found
	Region   string
	Plan     netip.Prefix // none until one was claimed
	Services []string     // all if none is named
}

// life is the tag of the record.
type life struct {
	Owner   string    `json:"owner"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
}

// life is written in whole seconds: that is how it is told, too.
func (r Record) life() string {
	raw, err := json.Marshal(life{r.Owner, r.Created.UTC().Truncate(time.Second), r.Expires.UTC().Truncate(time.Second)})
	if err != nil {
		panic(err) // texts and times alone
	}
	return string(raw)
}

func (r Record) place() string { return r.Cloud + "/" + r.Region }

// read takes a record out of a stack's tags. A stack without the tag of one has none; with one that is not whole it is an
// error, since nobody can say whether the stack may go.
func read(name string, tags map[string]string) (r Record, found bool, err error) {
	raw, found := tags[tagRecord]
	if !found {
		return r, false, nil
	}
	l := life{}
	decoder := json.NewDecoder(bytes.NewReader([]byte(raw)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&l); err != nil || decoder.More() || l.Owner == "" || l.Created.IsZero() || l.Expires.Before(l.Created) {
		return r, false, fmt.Errorf("stack %s: tag %s: %q is no record: it stays as it is until somebody mends or removes the tag", name, tagRecord, raw)
	}
	r = Record{Name: name, Owner: l.Owner, Created: l.Created, Expires: l.Expires}
	r.Cloud, r.Region, _ = strings.Cut(tags[tagPlace], "/")
	if plan := tags[tagPlan]; plan != "" {
		if r.Plan, err = netip.ParsePrefix(plan); err != nil {
			return r, false, fmt.Errorf("stack %s: tag %s: %q is no address plan", name, tagPlan, plan)
		}
	}
	if services := tags[tagServices]; services != "" {
		r.Services = strings.Split(services, ",")
	}
	return r, true, nil
}

// cast is what makes the environment's file.
func (r Record) cast(most time.Duration) config.Cast {
	return config.Cast{
		Name: r.Name, Cloud: r.Cloud, Region: r.Region, Plan: r.Plan, Owner: r.Owner, Expires: r.Created.Add(most), Services: r.Services,
	}
}

// grace is how long after its end an environment is left alone: who prolonged it in its last moment has written so by then.
const grace = 10 * time.Minute

// Expired says that the environment's time is over, and Due that it is to go.
func (r Record) Expired(now time.Time) bool { return !now.Before(r.Expires) }

// Due says so.
func (r Record) Due(now time.Time) bool { return !now.Before(r.Expires.Add(grace)) }

// serviceTag is how services are written; too many have no room in a tag.
func serviceTag(services []string) (string, error) {
	sorted := slices.Compact(slices.Sorted(slices.Values(services)))
	text := strings.Join(sorted, ",")
	if len(text) > longestTag {
		return "", fmt.Errorf("services: %d of them: their names have %d characters, and at most %d are allowed: name those alone that change, what they need comes with them",
			len(sorted), len(text), longestTag)
	}
	return text, nil
}
