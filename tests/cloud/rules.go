package cloud

import (
	"regexp"
	"time"
)

// Rules are the rule tables of one cloud, by resource token.
type Rules struct {
	Types map[string]*Rule
}

// Rule says how one resource type behaves.
type Rule struct {
	Source              string               `yaml:"source"` // documentation of the resource
	ID                  string               `yaml:"id"`     // template
	Name                *Name                `yaml:"name"`
	Taggable            bool                 `yaml:"taggable"`
	TagPath             string               `yaml:"tagPath"` // the property that bears the tags, "tags" if empty
	Durations           Durations            `yaml:"durations"`
	DurationSource      string               `yaml:"durationSource"`
	Retained            *Retained            `yaml:"retained"`
	Limit               *Limit               `yaml:"limit"`
	Requires            []string             `yaml:"requires"`
	AnyOf               [][]string           `yaml:"anyOf"`
	Exclusive           [][]string           `yaml:"exclusive"`
	Together            [][]string           `yaml:"together"`
	Properties          map[string]*Property `yaml:"properties"`
	DeletionGuard       *DeletionGuard       `yaml:"deletionGuard"`
	DeleteBeforeReplace bool                 `yaml:"deleteBeforeReplace"`
	Outputs             Outputs              `yaml:"outputs"`
	SecretOutputs       []string             `yaml:"secretOutputs"`

	file string
}

// Name is a type's unique physical name.
type Name struct {
	Property string `yaml:"property"`
	Max      int    `yaml:"max"`
	Pattern  string `yaml:"pattern"`
	Scope    string `yaml:"scope"` // global, account, region, or the property within which it is unique
	// Auto is false where the provider does not make up a name; nil means it does unless the
	// property is required.
	Auto *bool `yaml:"auto"`

	pattern *regexp.Regexp
}

// Durations are what calls cost in modelled time.
type Durations struct {
	Create Duration `yaml:"create"`
	Update Duration `yaml:"update"`
	Delete Duration `yaml:"delete"`
}

// Duration is a time.Duration in its text form.
type Duration time.Duration

// Retained says that a deleted object stays for some days: its name is taken, it costs nothing.
type Retained struct {
	State string `yaml:"state"`
	Days  string `yaml:"days"` // the property that holds the number of days
}

// Limit is a quota on the number of objects.
type Limit struct {
	Per    string `yaml:"per"` // account, region, or a property
	Max    int    `yaml:"max"`
	Source string `yaml:"source"`
}

// DeletionGuard refuses a delete while a property has a value.
type DeletionGuard struct {
	Property string `yaml:"property"`
	Equals   any    `yaml:"equals"`
	Message  string `yaml:"message"`
}

// Property says what an input may be.
type Property struct {
	Type       string               `yaml:"type"` // string, int, number, bool, array, object, map, asset, any
	Replace    bool                 `yaml:"replace"`
	Secret     bool                 `yaml:"secret"`
	Set        bool                 `yaml:"set"` // an array whose order has no meaning
	Enum       []any                `yaml:"enum"`
	Pattern    string               `yaml:"pattern"`
	Min        *float64             `yaml:"min"` // of a number, or of the length of a string, array or map
	Max        *float64             `yaml:"max"`
	Format     string               `yaml:"format"` // json, iam-policy, cidr, arn, duration
	Ref        *Ref                 `yaml:"ref"`
	Default    any                  `yaml:"default"`
	Items      *Property            `yaml:"items"`
	Properties map[string]*Property `yaml:"properties"`
	Requires   []string             `yaml:"requires"` // of an object: properties that must be set
	Exclusive  [][]string           `yaml:"exclusive"`
	Together   [][]string           `yaml:"together"`
	Source     string               `yaml:"source"`

	pattern *regexp.Regexp
}

// Ref says that a value names another object, which must exist.
type Ref struct {
	Types []string `yaml:"types"`
	By    []string `yaml:"by"` // id, or outputs or inputs of the target
	// Within is the property, of both, within which the target's name is unique; everywhere if it is empty.
	Within string `yaml:"within"`
	Holds  bool   `yaml:"holds"` // the target cannot be deleted while this object lives
	Allow  string `yaml:"allow"` // values that need not exist, such as the cloud's own policies

	allow *regexp.Regexp
}

// Hook is behaviour that a table cannot say. Hooks run in the call's transaction; an error undoes it.
type Hook struct {
	// Created mints hidden objects and makes extra checks; o has its outputs and is stored.
	Created func(t *Tx, o *Object) error
	Updated func(t *Tx, old, o *Object) error
	// Deleted runs before the removal: it removes what the cloud removes itself and refuses what it refuses.
	Deleted func(t *Tx, o *Object) error
}
