package config

import (
	"slices"

	"gopkg.in/yaml.v3"

	"platform/stacks/catalog"
)

// accountWide are the parts of an environment's file of which an account, subscription or project has one, by their
// key, on the clouds where that is so. Environments may share an account, so one of them at most has the part.
var accountWide = []struct {
	key    string
	clouds []string
	asked  func(Settings) bool
	why    string
}{
	{
		// https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html,
		// https://learn.microsoft.com/azure/defender-for-cloud/defender-for-cloud-introduction and
		// https://cloud.google.com/logging/docs/audit/configure-data-access
		"trail", []string{"aws", "azure", "gcp"}, func(s Settings) bool { return s.Trail != nil },
		"what is logged and watched is said for a whole account",
	},
	{
		"quotas", []string{"aws", "azure", "gcp"}, func(s Settings) bool { return s.Quotas != nil },
		"quotas are of a whole account, and a team that is told twice listens to neither",
	},
	{
		// Azure's are of a resource group, of which each environment has one.
		"guardrails", []string{"aws", "gcp"}, func(s Settings) bool { return s.Guardrails != nil },
		"an account has one recorder in a region, and a project one policy for a constraint",
	},
}

// partsOf are the account-wide parts that a file has, without judging them.
func partsOf(file yaml.Node) []string {
	keys := map[string]yaml.Node{}
	if file.Decode(&keys) != nil {
		return nil
	}
	var out []string
	for _, part := range accountWide {
		if node, ok := keys[part.key]; ok && node.Tag != "!!null" {
			out = append(out, part.key)
		}
	}
	return out
}

// account is what a landing zone's name stands for.
func account(c catalog.Catalog, cloud, landingZone string) string {
	return c.LandingZones[cloud][landingZone].Account
}

// validateAccountWide refuses what another environment of the same account has already.
func (s Settings) validateAccountWide(f *faults, others []Plan) {
	own := account(s.Catalog, s.Cloud, s.LandingZone)
	for _, part := range accountWide {
		if own == "" || !part.asked(s) || !slices.Contains(part.clouds, s.Cloud) {
			continue
		}
		for _, other := range others {
			there := account(s.Catalog, other.Cloud, other.LandingZone)
			if other.Cloud == s.Cloud && there == own && slices.Contains(other.Parts, part.key) {
				f.add(part.key, "given", "environment %s has one in %s already: %s", other.Environment, own, part.why)
			}
		}
	}
}
