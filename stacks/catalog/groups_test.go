package catalog_test

import (
	"testing"

	"platform/stacks/catalog"
)

func TestEveryTeamOfTheCompanyHasAGroupOnEachCloud(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, cloud := range []string{"aws", "azure", "gcp"} {
		groups := c.Groups(cloud)
		for team := range c.Teams {
			if groups[team] == "" {
				t.Errorf("team %s has no group on %s", team, cloud)
			}
		}
	}
}

func TestFaultsOfGroupsAreAllNamed(t *testing.T) {
	_, err := catalog.Parse([]byte(`
a: {email: a@example.com, costCentre: "1", groups: {aws: team a, azure: team-a, gcp: a@example.com}}
b: {email: b@example.com, costCentre: "1", groups: {gcp: b@example.org, other: b}}
platform: {email: p@example.com, costCentre: "1", groups: {gcp: a@example.com}}
`), []byte(`{}`))
	want := `teams.yaml: a.groups.aws: value "team a": the name of a role, of 1 to 64 letters, digits and +=,.@_-, is allowed
teams.yaml: a.groups.azure: value "team-a": the object id of a group, a UUID in lower case, is allowed
teams.yaml: b.groups.gcp: value "b@example.org": a group of example.com is allowed: all are of one domain
teams.yaml: b.groups.other: value "b": there is no such cloud: allowed are aws, azure, gcp
teams.yaml: platform.groups.gcp: value "a@example.com": a group is of one team, and this one is of a
teams.yaml: platform.groups.gcp: value "a@example.com": a group of example.org is allowed: all are of one domain`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
