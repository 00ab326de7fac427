//go:build aws || !(azure || gcp)

package account

import (
	"context"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"

	"platform/stacks/config"
	"platform/stacks/lifecycle/inventory"
	"platform/tests/cloud"
)

var serveAWS server = func(c *cloud.Cloud, s config.Settings) (inventory.Inventory, func(), error) {
	answers := httptest.NewServer(AWS(c, s.Landing.Account, s.Region, true))
	return inventory.AWS(Credentials(answers.URL, s.Region)), answers.Close, nil
}

// Credentials are some that nobody checks, for services that all answer at one address.
func Credentials(endpoint, region string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(endpoint),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "simulated", SecretAccessKey: "simulated"}, nil
		}),
	}
}
