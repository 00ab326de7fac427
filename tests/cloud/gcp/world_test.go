package gcp_test

import (
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/gcp"
	"platform/tests/cloud/trial"
)

const project = "platform-test"

// world is the simulated Google Cloud without an engine: resources are made and removed by hand.
type world struct{ *trial.World }

// newWorld is a project in which the named services are on.
func newWorld(t *testing.T, services ...string) *world {
	t.Helper()
	w := &world{trial.New(t, gcp.New, cloud.Config{Account: project, Region: "europe-west3"})}
	for _, o := range gcp.Baseline(project, "example-com", "example.com") {
		o.Preexisting = true
		w.Mint(o)
	}
	for _, service := range services {
		w.Have("gcp:projects/service:Service", map[string]any{"project": project, "service": service + ".googleapis.com", "disableOnDestroy": false})
	}
	return w
}
