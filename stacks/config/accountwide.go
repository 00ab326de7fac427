package config

import (
	"slices"

	"platform/stacks/catalog"
)

// accountWide are the parts of which an account (subscription, project) has one: a part's key in the environment's file,
// and why there is no second. Environments may share an account, so one of them at most has the part.
var accountWide = []struct{ key, why string }{
	// https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html,
	// https://learn.microsoft.com/azure/defender-for-cloud/defender-for-cloud-introduction and
	// https://cloud.google.com/logging/docs/audit/configure-data-access
	{"trail", "what is logged and watched is said for a whole account"},
}

// Sharing is another environment as far as it may share an account with this one.
type Sharing struct {
	Cloud, LandingZone string
	Parts              []string // those of accountWide that it has
}

// sharing tells the account-wide parts of an environment's decoded file.
func sharing(cloud, landingZone string, keys map[string]bool) Sharing {
	s := Sharing{Cloud: cloud, LandingZone: landingZone}
	for _, part := range accountWide {
		if keys[part.key] {
			s.Parts = append(s.Parts, part.key)
		}
	}
	return s
}

// account is what a landing zone's name stands for.
func account(c catalog.Catalog, cloud, landingZone string) string {
	return c.LandingZones[cloud][landingZone].Account
}

// validateAccountWide refuses what another environment of the same account has already.
func (s Settings) validateAccountWide(f *faults, others []Plan) {
	has := map[string]bool{"trail": s.Trail != nil}
	own := account(s.Catalog, s.Cloud, s.LandingZone)
	for _, part := range accountWide {
		for _, other := range others {
			there := account(s.Catalog, other.Cloud, other.LandingZone)
			if has[part.key] && own != "" && other.Cloud == s.Cloud && there == own && slices.Contains(other.Parts, part.key) {
				f.add(part.key, "given", "environment %s has one in %s already: %s", other.Environment, own, part.why)
			}
		}
	}
}
