package gcp

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/container"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// kubeconfig asks a plugin of the gcloud command for a token, so it holds no credential
// (https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl). It waits for the access, and
// so what uses it is built after the access and gone before it.
func kubeconfig(control *container.Cluster, access []any) pulumi.StringOutput {
	parts := append([]any{control.Name, control.Endpoint, control.MasterAuth}, access...)
	return pulumi.All(parts...).ApplyT(func(all []any) (string, error) {
		auth, _ := all[2].(container.ClusterMasterAuth)
		if auth.ClusterCaCertificate == nil {
			return "", fmt.Errorf("GKE showed no certificate of the control plane: may the pipeline get credentials?")
		}
		return kubeconfigText(all[0].(string), all[1].(string), *auth.ClusterCaCertificate)
	}).(pulumi.StringOutput)
}

// kubeconfigText is JSON, which every reader of kubeconfigs takes for YAML.
func kubeconfigText(name, endpoint, authority string) (string, error) {
	type object = map[string]any
	raw, err := json.Marshal(object{
		"apiVersion": "v1", "kind": "Config", "current-context": name,
		"clusters": []object{{"name": name, "cluster": object{"server": "https://" + endpoint, "certificate-authority-data": authority}}},
		"contexts": []object{{"name": name, "context": object{"cluster": name, "user": name}}},
		"users": []object{{"name": name, "user": object{"exec": object{
			"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "gke-gcloud-auth-plugin",
			"provideClusterInfo": true, "interactiveMode": "Never",
		}}}},
	})
	return string(raw), err
}
