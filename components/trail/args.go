package trail

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/limit"
	"platform/components/tags"
)

// Args configures the audit trail of an account.
type Args struct {
	Days int // for which what is written is kept
	// Lock keeps everybody, the administrators of the account too, from deleting what is written before its days
	// are over. A store that is locked stays when the environment goes, and the next one has a store of its own.
	Lock bool
	Tags tags.Set
}

// Offer is what a cloud can do with a trail.
type Offer struct {
	Days limit.Range
	Lock Locking
	// Detection says whether a program can switch on threat detection for the account.
	Detection Detection
}

// Locking is how the store is locked for good.
type Locking string

// The ways to lock.
const (
	LockedByProgram  Locking = "by the program"
	LockedByOperator Locking = "by an operator" // the program makes all but the last step, which its provider has no call for
)

// Detection is how far threat detection can be switched on.
type Detection string

// The levels of detection.
const (
	DetectionOn           Detection = "on"
	DetectionOrganization Detection = "organization" // only whoever administers the company's organization can switch it on
)

// Store is where the trail is kept.
type Store struct {
	Name pulumi.StringOutput
	// ID is how the cloud names it to what writes.
	ID pulumi.StringOutput
	// Key encrypts what is written.
	Key pulumi.StringOutput
	// Ready must be there before anything is written.
	Ready []pulumi.Resource
}

// Outputs is what readers of the trail need.
type Outputs struct {
	Store     pulumi.StringOutput // name of the store
	Trail     pulumi.StringOutput // id of what writes into it
	Detection Detection
}
