package gcp

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// Settings is what every resource of an environment shares.
type Settings struct {
	Environment     string // first part of every physical name
	Region          string
	Project         string // its id; the provider works in no other
	KeyDeletionDays int    // days that a destroyed key version can be rescued
	Tags            tags.Set
}

// Driver builds capabilities on Google Cloud. It serves the Driver interface of every contract package. The
// foundation must be built first: all else waits for the services that it switches on.
type Driver struct {
	s Settings
	// ground is what the foundation made.
	ground ground
}

// New returns a driver for one environment.
func New(s Settings) *Driver {
	return &Driver{s: s}
}

// labelMap is the labels of one resource. Keys and values are lower-case letters, digits, hyphens and
// underscores of at most 63 characters (https://cloud.google.com/resource-manager/docs/labels-overview#requirements),
// which our keys are and the catalogue's values must be.
func labelMap(t tags.Set) pulumi.StringMap { return pulumi.ToStringMap(t) }

// under is how a resource is registered: below its component, and after the services of the project.
func (d *Driver) under(parent pulumi.Resource, after ...pulumi.Resource) pulumi.ResourceOption {
	return pulumi.Composite(pulumi.Parent(parent), pulumi.DependsOn(append(after, d.ground.services...)))
}
