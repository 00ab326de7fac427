package database

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/identity"
	"platform/components/limit"
	"platform/components/network"
	"platform/components/tags"
)

// Args configures the Postgres database of one service.
type Args struct {
	Service           string
	Size              cluster.Size
	Version           string // major version, as "16"
	StorageGiB        int
	MultiZone         bool
	DeleteProtection  bool
	FinalSnapshot     bool
	BackupDays        int // that a point in time can be restored
	MaxPods           int // the most pods that the service may have
	ConnectionsPerPod int
	Identity          identity.Outputs
	Network           network.Outputs
	// ClientSecurityGroup is the group of the nodes that may connect; unset where the cloud has none.
	ClientSecurityGroup pulumi.StringOutput
	Tags                tags.Set
}

// Outputs is what a service needs of its database.
type Outputs struct {
	Name pulumi.StringOutput // the instance's name, as alarms name it
	Host pulumi.StringOutput // what the service connects to: the pooler where there is one
	Port pulumi.IntOutput
	// Way is where it answers: at its own address, or in the range of all databases where it has no lasting one.
	Way network.Way
	// User is who the service connects as, with a token of its identity instead of a password.
	User string
	// ConnectID is what a grant to connect names.
	ConnectID pulumi.StringOutput
	// SecretID is the administrator's secret; no service is granted it.
	SecretID pulumi.StringOutput
	KeyID    pulumi.StringOutput
	Pooled   bool
	// Proxy is the pooler's name; the empty text where there is none.
	Proxy pulumi.StringOutput
	// BurstCredits are the most that the processor can save for when it is busy; 0 where it is all the server's own.
	BurstCredits int
}

// Offer is what a cloud's databases can be.
type Offer struct {
	Versions               []string // majors of Postgres
	StorageGiB, BackupDays limit.Range
	// FinalSnapshots says whether a last snapshot can be asked for when a database is deleted.
	FinalSnapshots bool
}

// Limits is what a driver's size allows.
type Limits struct {
	Direct int // connections that the server accepts
	Pooled int // client connections that the pooler accepts; 0 where there is none
}

// Sizer tells the limits of a size on one cloud, for the arithmetic before anything is built.
type Sizer interface {
	DatabaseLimits(size cluster.Size) (Limits, error)
}
