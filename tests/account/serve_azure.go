//go:build azure || !(aws || gcp)

package account

import (
	"context"
	"net/http/httptest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	azure "github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"platform/stacks/config"
	"platform/stacks/lifecycle/inventory"
	"platform/tests/cloud"
)

// By TLS: the library sends no token without it.
var serveAzure server = func(c *cloud.Cloud, s config.Settings) (inventory.Inventory, func(), error) {
	answers := httptest.NewTLSServer(Azure(c, s.Landing.Account))
	i, err := inventory.Azure(s.Landing.Account, anybody{}, &arm.ClientOptions{ClientOptions: azcore.ClientOptions{
		Transport: answers.Client(), Cloud: azure.Configuration{
			ActiveDirectoryAuthorityHost: "https://login.example.com/",
			Services: map[azure.ServiceName]azure.ServiceConfiguration{
				azure.ResourceManager: {Endpoint: answers.URL, Audience: "https://management.example.com"},
			},
		},
	}})
	return i, answers.Close, err
}

type anybody struct{}

func (anybody) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "simulated", ExpiresOn: time.Now().Add(time.Hour)}, nil
}
