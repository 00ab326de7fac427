package aws

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// Settings is what every resource of an environment shares.
type Settings struct {
	Environment     string // first part of every physical name
	Region          string
	Account         string // 12 digits; any other account is refused by the provider
	Partition       string // "aws" unless set
	KeyDeletionDays int    // days that a deleted key can be rescued, 7 to 30
	Tags            tags.Set
}

// Driver builds capabilities on AWS. It serves the Driver interface of every contract package.
type Driver struct {
	s Settings
	// logDays is how long logs are kept that have no period of their own.
	logDays int
}

// New returns a driver for one environment.
func New(s Settings) *Driver {
	if s.Partition == "" {
		s.Partition = "aws"
	}
	if s.KeyDeletionDays == 0 {
		s.KeyDeletionDays = defaultKeyDeletionDays
	}
	return &Driver{s: s, logDays: defaultLogDays}
}

// tagMap is the tags of one resource; name is what consoles show.
func tagMap(t tags.Set, name string) pulumi.StringMap {
	m := pulumi.ToStringMap(t)
	m["Name"] = pulumi.String(name)
	return m
}
