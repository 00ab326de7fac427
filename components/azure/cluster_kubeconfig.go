package azure

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/containerservice/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"gopkg.in/yaml.v3"
)

// entraServer is the application of Entra ID that stands for the API of every AKS cluster
// (https://azure.github.io/kubelogin/concepts/aks.html).
const entraServer = "6dae42f8-4368-4678-94ff-3960e28e3630"

// kubeconfig asks kubelogin for a token, so it holds no credential. It waits for the access, and so what uses
// it is built after the access and gone before it. The certificate by which the API is known is told only
// together with a kubeconfig of AKS's own.
func (d *Driver) kubeconfig(
	ctx *pulumi.Context, control *containerservice.ManagedCluster, host pulumi.StringOutput, access []any, parent pulumi.Resource,
) pulumi.StringOutput {
	listed := containerservice.ListManagedClusterUserCredentialsOutput(ctx, containerservice.ListManagedClusterUserCredentialsOutputArgs{
		ResourceGroupName: d.ground.group, ResourceName: control.Name, Format: pulumi.String("exec"),
	}, pulumi.Parent(parent))
	parts := append([]any{control.Name, host, listed.Kubeconfigs()}, access...)
	return pulumi.All(parts...).ApplyT(func(all []any) (string, error) {
		authority, err := authorityOf(all[2].([]containerservice.CredentialResultResponse))
		if err != nil {
			return "", err
		}
		return kubeconfigText(all[0].(string), all[1].(string), authority)
	}).(pulumi.StringOutput)
}

// authorityOf reads the API's certificate authority from the first kubeconfig that AKS lists.
func authorityOf(listed []containerservice.CredentialResultResponse) (string, error) {
	if len(listed) == 0 {
		return "", fmt.Errorf("AKS lists no kubeconfig")
	}
	raw, err := base64.StdEncoding.DecodeString(listed[0].Value)
	if err != nil {
		return "", fmt.Errorf("kubeconfig %s of AKS: %w", listed[0].Name, err)
	}
	var config struct {
		Clusters []struct {
			Cluster struct {
				Authority string `yaml:"certificate-authority-data"`
			}
		}
	}
	if err := yaml.Unmarshal(raw, &config); err != nil {
		return "", fmt.Errorf("kubeconfig %s of AKS: %w", listed[0].Name, err)
	}
	if len(config.Clusters) == 0 || config.Clusters[0].Cluster.Authority == "" {
		return "", fmt.Errorf("kubeconfig %s of AKS names no certificate authority", listed[0].Name)
	}
	return config.Clusters[0].Cluster.Authority, nil
}

// kubeconfigText is JSON, which every reader of kubeconfigs takes for YAML.
func kubeconfigText(name, host, authority string) (string, error) {
	type object = map[string]any
	raw, err := json.Marshal(object{
		"apiVersion": "v1", "kind": "Config", "current-context": name,
		"clusters": []object{{"name": name, "cluster": object{"server": "https://" + host + ":443", "certificate-authority-data": authority}}},
		"contexts": []object{{"name": name, "context": object{"cluster": name, "user": name}}},
		"users": []object{{"name": name, "user": object{"exec": object{
			"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "kubelogin", "interactiveMode": "Never",
			"args": []string{"get-token", "--login", "azurecli", "--server-id", entraServer},
		}}}},
	})
	return string(raw), err
}
