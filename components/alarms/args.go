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
	Tags            tags.Set
}

// Queue is a queue and its dead letters to watch.
type Queue struct {
	Team           string
	Name           pulumi.StringOutput
	DeadLetterName pulumi.StringOutput
	MaxAgeSeconds  int
	Tags           tags.Set
}

// API is a door to watch.
type API struct {
	Team string
	ID   pulumi.StringOutput
	Tags tags.Set
}

// Team is who is told.
type Team struct {
	Email string
	Tags  tags.Set
}

// Args configures the alarms of an environment: each goes to the owning team's topic.
type Args struct {
	Teams     map[string]Team
	Databases map[string]Database // by service
	Queues    map[string]Queue    // by "<event>-<consumer>"
	APIs      map[string]API      // by audience
	Tags      tags.Set
}

// Outputs is what later alarms need.
type Outputs struct {
	Topics map[string]pulumi.StringOutput // by team
}
