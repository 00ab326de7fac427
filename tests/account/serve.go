package account

import (
	"fmt"

	"platform/stacks/config"
	"platform/stacks/lifecycle/inventory"
	"platform/tests/cloud"
)

// server answers for one cloud until it is closed.
type server func(c *cloud.Cloud, s config.Settings) (inventory.Inventory, func(), error)

// Serve lets the operator's command ask a simulated cloud for what is in the account of an environment, through the cloud's
// own library, until it is closed.
func Serve(c *cloud.Cloud, s config.Settings) (inventory.Inventory, func(), error) {
	serve := map[string]server{"aws": serveAWS, "azure": serveAzure, "gcp": serveGCP}[s.Cloud]
	if serve == nil {
		return nil, nil, fmt.Errorf("cloud %q has no inventory here", s.Cloud)
	}
	return serve(c, s)
}
