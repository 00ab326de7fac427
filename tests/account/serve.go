package account

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	azure "github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/aws/aws-sdk-go-v2/aws"

	"platform/stacks/config"
	"platform/stacks/lifecycle/inventory"
	"platform/tests/cloud"
)

// Serve lets the operator's command ask a simulated cloud for what is in the account of an environment, through the cloud's
// own library, until close is called.
func Serve(c *cloud.Cloud, s config.Settings) (_ inventory.Inventory, closing func(), err error) {
	switch s.Cloud {
	case "aws":
		server := httptest.NewServer(AWS(c, s.Landing.Account, s.Region, true))
		return inventory.AWS(Credentials(server.URL, s.Region)), server.Close, nil
	case "azure":
		server := httptest.NewTLSServer(Azure(c, s.Landing.Account))
		i, err := inventory.Azure(s.Landing.Account, anybody{}, &arm.ClientOptions{ClientOptions: azcore.ClientOptions{
			Transport: server.Client(), Cloud: azure.Configuration{
				ActiveDirectoryAuthorityHost: "https://login.example.com/",
				Services: map[azure.ServiceName]azure.ServiceConfiguration{
					azure.ResourceManager: {Endpoint: server.URL, Audience: "https://management.example.com"},
				},
			},
		}})
		return i, server.Close, err
	case "gcp":
		server := httptest.NewServer(GCP(c, s.Landing.Account))
		return inventory.GCP(s.Landing.Account, server.URL, server.Client()), server.Close, nil
	}
	return nil, nil, fmt.Errorf("cloud %q has no inventory", s.Cloud)
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

type anybody struct{}

func (anybody) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "simulated", ExpiresOn: time.Now().Add(time.Hour)}, nil
}
