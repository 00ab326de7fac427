package rules

import (
	"slices"
	"time"

	"platform/components/kubernetes/workload"
	"platform/stacks/config"
)

// Production is the tier that people depend on.
const Production = "production"

// Environment is what rules need to know of the environment that they judge.
type Environment struct {
	Name, Cloud, Tier string
	// Residency is where data may lie, and Regions are the cloud's regions there.
	Residency string
	Regions   []string
	// Admins are those who may do everything in a cluster.
	Admins []string
	// Costs is the cost centre of each team, and Shared that of what no service owns.
	Costs    map[string]string
	Shared   string
	Services []string
	// Mesh is what carries what goes from service to service.
	Mesh       workload.MeshKind
	Exceptions []config.Exception
	Today      time.Time
}

// Of is the environment of the settings.
func Of(s config.Settings, today time.Time) Environment {
	e := Environment{
		Name: s.Environment, Cloud: s.Cloud, Tier: s.Tier, Residency: s.Residency, Regions: s.Regions(),
		Admins: s.Landing.Admins, Costs: map[string]string{}, Shared: s.CostCentre, Services: s.Catalog.Names(),
		Mesh:       s.Mesh.Kind,
		Exceptions: s.Exceptions, Today: today,
	}
	for name, team := range s.Catalog.Teams {
		e.Costs[name] = team.CostCentre
	}
	return e
}

// in says whether data may lie in a place: a region, a zone of one, or all of the residency.
func (e Environment) in(place string) bool {
	return place == e.Residency || slices.ContainsFunc(e.Regions, func(region string) bool {
		rest := len(place) - len(region)
		return place == region || rest > 0 && rest <= 2 && place[:len(region)] == region
	})
}
