package config

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// accountWide are the parts of an environment's file of which an account, subscription or project has one, by their
// key, on the clouds where that is so. Environments that share a landing zone cannot both have one.
var accountWide = []struct {
	key    string
	clouds []string
	asked  func(Settings) bool
	why    string
}{
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

// validateAccountWide refuses what another environment of the landing zone has already.
func (s Settings) validateAccountWide(f *faults, others []Plan) {
	for _, part := range accountWide {
		if !part.asked(s) || !slices.Contains(part.clouds, s.Cloud) {
			continue
		}
		for _, other := range others {
			if other.Cloud == s.Cloud && other.LandingZone == s.LandingZone && slices.Contains(other.Parts, part.key) {
				f.add(part.key, s.LandingZone, "environment %s has it in this landing zone, and %s", other.Environment, part.why)
			}
		}
	}
}
