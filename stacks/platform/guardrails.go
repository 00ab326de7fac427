package platform

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/guardrails"
)

// buildGuardrails lets the cloud itself watch or refuse, where the environment's file asks for it. It asks for no more
// than the environment asks of itself.
func (e *environment) buildGuardrails(ctx *pulumi.Context) error {
	s := e.settings
	if s.Guardrails == nil {
		return nil
	}
	_, err := guardrails.New(ctx, "guardrails", e.driver, guardrails.Args{
		Refuse: s.Guardrails.Refuse, Regions: s.Regions(), Protected: s.Database.DeleteProtection, Redundant: s.Database.MultiZone,
		BackupDays: s.Database.BackupDays, LogDays: slices.Min(s.LogDays()),
		DeleteProtection: s.Guardrails.DeleteProtection, Tags: s.Tags("guardrails"),
	}, e.options()...)
	return err
}
