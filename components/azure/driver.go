package azure

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// Settings is what every resource of an environment shares.
type Settings struct {
	Environment     string // first part of every physical name
	Region          string
	Subscription    string // its id; any other subscription is refused by the provider
	KeyDeletionDays int    // days that a deleted vault can be rescued, 7 to 90
	Tags            tags.Set
}

// Driver builds capabilities on Azure. It serves the Driver interface of every contract package. The
// foundation must be built first: all else lies in it.
type Driver struct {
	s Settings
	// ground is what the foundation made.
	ground ground
	// trailVault is that of the audit trail's key.
	trailVault pulumi.IDOutput
}

// New returns a driver for one environment.
func New(s Settings) *Driver {
	return &Driver{s: s}
}

// tagMap is the tags of one resource. A resource group's tags are not passed on to what lies in it
// (https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources).
func tagMap(t tags.Set) pulumi.StringMap { return pulumi.ToStringMap(t) }
