//go:build gcp || !(aws || azure)

package account

import (
	"context"
	"net/http"
	"net/http/httptest"

	"platform/stacks/config"
	"platform/stacks/lifecycle/inventory"
	"platform/tests/cloud"
)

var serveGCP server = func(c *cloud.Cloud, s config.Settings) (inventory.Inventory, func(), error) {
	answers := httptest.NewServer(GCP(c, s.Landing.Account))
	return inventory.GCP(s.Landing.Account, answers.URL, answers.URL, answers.Client(), func(context.Context) (*http.Client, error) {
		return answers.Client(), nil
	}), answers.Close, nil
}
