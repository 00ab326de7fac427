package catalog

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"platform/stacks/strict"
)

// repositoryForm is a URL without anything that stands for others.
var repositoryForm = regexp.MustCompile(`^https://[a-z0-9.-]+(/[A-Za-z0-9._-]+)+$`)

// validateRepositories wants each repository to be of one team: whoever writes to it says what runs in the team's
// namespaces. A team that owns services has one.
func (c Catalog) validateRepositories() []error {
	var faults []error
	owners := map[string]string{}
	for _, team := range slices.Sorted(maps.Keys(c.Teams)) {
		repository := c.Teams[team].Repository
		fault := func(allowed string, args ...any) {
			faults = append(faults, fmt.Errorf("teams.yaml: %w", strict.Fault{
				Path: team + ".repository", Value: repository, Allowed: fmt.Sprintf(allowed, args...),
			}))
		}
		if repository == "" {
			for _, name := range c.Names() {
				if c.Services[name].Team == team {
					fault("missing: it says what runs of service %s", name)
					break
				}
			}
			continue
		}
		if !repositoryForm.MatchString(repository) {
			fault("an https URL with a path, as https://git.example.com/team/deploy.git, is allowed")
		}
		if other, taken := owners[repository]; taken {
			fault("a repository is of one team, and this one is of %s", other)
		}
		owners[repository] = team
	}
	return faults
}
