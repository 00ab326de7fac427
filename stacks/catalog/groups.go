package catalog

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"platform/stacks/strict"
)

// groupForms are how each cloud writes the people of a team:
//   - AWS: the name of a role that they take on, the same in each of the company's accounts
//     (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html);
//   - Azure: the object id of a group in Entra ID (https://learn.microsoft.com/azure/aks/azure-ad-rbac);
//   - Google Cloud: the address of a group
//     (https://cloud.google.com/kubernetes-engine/docs/how-to/google-groups-rbac).
var groupForms = map[string]struct {
	pattern *regexp.Regexp
	allowed string
}{
	"aws":   {regexp.MustCompile(`^[\w+=,.@-]{1,64}$`), "the name of a role, of 1 to 64 letters, digits and +=,.@_-, is allowed"},
	"azure": {regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`), "the object id of a group, a UUID in lower case, is allowed"},
	"gcp":   {regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*@[a-z0-9.-]+\.[a-z]{2,}$`), "the address of a group, in lower case, is allowed"},
}

// Groups are the people of each team as a cloud knows them, by team; a team without a group there is left out.
func (c Catalog) Groups(cloud string) map[string]string {
	out := map[string]string{}
	for name, team := range c.Teams {
		if group := team.Groups[cloud]; group != "" {
			out[name] = group
		}
	}
	return out
}

// validateGroups wants each group to be of one team: whose it is decides what it may do. Google's groups are of
// one domain, since a cluster knows those of one alone
// (https://cloud.google.com/kubernetes-engine/docs/how-to/google-groups-rbac#setup-group).
func (c Catalog) validateGroups() []error {
	var faults []error
	owners, domain := map[string]string{}, ""
	for _, team := range slices.Sorted(maps.Keys(c.Teams)) {
		groups := c.Teams[team].Groups
		for _, cloud := range slices.Sorted(maps.Keys(groups)) {
			at, group := team+".groups."+cloud, groups[cloud]
			fault := func(allowed string, args ...any) {
				faults = append(faults, fmt.Errorf("teams.yaml: %w", strict.Fault{Path: at, Value: group, Allowed: fmt.Sprintf(allowed, args...)}))
			}
			form, known := groupForms[cloud]
			if !known {
				fault("there is no such cloud: allowed are %s", strings.Join(slices.Sorted(maps.Keys(groupForms)), ", "))
				continue
			}
			if !form.pattern.MatchString(group) {
				fault("%s", form.allowed)
				continue
			}
			if other, taken := owners[cloud+" "+group]; taken {
				fault("a group is of one team, and this one is of %s", other)
			}
			owners[cloud+" "+group] = team
			if _, of, ok := strings.Cut(group, "@"); ok && cloud == "gcp" {
				if domain != "" && of != domain {
					fault("a group of %s is allowed: all are of one domain", domain)
				}
				domain = of
			}
		}
	}
	return faults
}
