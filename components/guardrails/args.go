package guardrails

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// Args configures the guardrails of one environment.
type Args struct {
	// Refuse lets the cloud refuse what breaks a promise, where it can choose between that and telling.
	Refuse bool
	// Regions are those in which data may lie.
	Regions []string
	// Protected, Redundant, BackupDays and LogDays are what the environment asks of its own data: a cloud must not
	// ask for more.
	Protected, Redundant bool
	BackupDays, LogDays  int
	// DeleteProtection keeps what was recorded.
	DeleteProtection bool
	Tags             tags.Set
}

// Outputs is what an operator looks up; the names of the cloud's own rules by the ids of the clauses.
type Outputs struct {
	Clauses pulumi.StringMap
}
