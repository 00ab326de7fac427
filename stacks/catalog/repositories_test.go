package catalog_test

import (
	"testing"

	"platform/stacks/catalog"
)

func TestFaultsOfRepositoriesAreAllNamed(t *testing.T) {
	_, err := catalog.Parse([]byte(`
a: {email: a@example.com, costCentre: "1", repository: "git@example.com:a/deploy.git"}
b: {email: b@example.com, costCentre: "1", repository: "https://git.example.com/*"}
c: {email: c@example.com, costCentre: "1"}
d: {email: d@example.com, costCentre: "1", repository: "https://git.example.com/d/deploy.git"}
platform: {email: p@example.com, costCentre: "1", repository: "https://git.example.com/d/deploy.git"}
`), []byte(`
web:
  team: c
  scaling: {min: 1, max: 2, cpu: 70, startup: 5s}
  requests: {milliCPU: 100, memoryMiB: 64}
  slo: {availability: 99.9}
  data: public
`))
	want := `teams.yaml: a.repository: value "git@example.com:a/deploy.git": an https URL with a path, as https://git.example.com/team/deploy.git, is allowed
teams.yaml: b.repository: value "https://git.example.com/*": an https URL with a path, as https://git.example.com/team/deploy.git, is allowed
teams.yaml: c.repository: missing: it says what runs of service web
teams.yaml: platform.repository: value "https://git.example.com/d/deploy.git": a repository is of one team, and this one is of d`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
