package alarms

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// Database is a database to watch.
type Database struct {
	Team            string
	Name            pulumi.StringOutput
	ConnectionLimit int
	StorageGiB      int
	// BurstCredits are the most that its processor can save; 0 where it has no need to.
	BurstCredits int
	// Standby says that another zone can take over.
	Standby bool
	Tags    tags.Set
}

// Queue is a queue and its dead letters to watch.
type Queue struct {
	Team           string
	Name           pulumi.StringOutput
	DeadLetterName pulumi.StringOutput
	Tags           tags.Set
}

// API is a door to watch.
type API struct {
	Team string
	ID   pulumi.StringOutput
	Tags tags.Set
}

// Cluster is what of a cluster those inside it do not see: its own store, and what its machines stand on.
type Cluster struct {
	Team string
	Name pulumi.StringOutput
	// Groups are the scaling groups of the cloud's own machines, by pool, where machines are watched by group.
	Groups map[string]pulumi.StringOutput
	Tags   tags.Set
}

// Quotas are those of the account that the environment lies in.
type Quotas struct {
	Team    string
	Percent int // that may be used
	Tags    tags.Set
}

// Team is who is told.
type Team struct {
	Email string
	Tags  tags.Set
}

// Args configures the alarms of an environment: each goes to the owning team's topic.
type Args struct {
	Teams     map[string]Team
	Bounds    Bounds
	Databases map[string]Database // by service
	Queues    map[string]Queue    // by "<event>-<consumer>"
	APIs      map[string]API      // by audience
	Cluster   *Cluster            // nil if nobody asks for it
	Quotas    *Quotas             // nil where another environment of the account watches them
	Tags      tags.Set
}

// Outputs is what later alarms need.
type Outputs struct {
	Topics map[string]pulumi.StringOutput // by team
}
