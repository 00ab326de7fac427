package aws_test

import (
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/aws"
	"platform/tests/cloud/trial"
)

const account = "111122223333"

// world is the simulated AWS without an engine: resources are made and removed by hand.
type world struct{ *trial.World }

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{trial.New(t, aws.New, cloud.Config{Account: account, Region: "eu-central-1", Partition: "aws"})}
}

// role makes a role that a service of AWS may take on.
func (w *world) role(name, service string) *cloud.Object {
	w.T.Helper()
	return w.Have("aws:iam/role:Role", map[string]any{
		"name":             name,
		"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["` + service + `"]}}]}`,
	})
}
