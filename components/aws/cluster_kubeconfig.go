package aws

import "encoding/json"

// kubeconfigText is JSON, which every reader of kubeconfigs takes for YAML.
func kubeconfigText(name, endpoint, authority, region string) (string, error) {
	type object = map[string]any
	raw, err := json.Marshal(object{
		"apiVersion": "v1", "kind": "Config", "current-context": name,
		"clusters": []object{{"name": name, "cluster": object{"server": endpoint, "certificate-authority-data": authority}}},
		"contexts": []object{{"name": name, "context": object{"cluster": name, "user": name}}},
		"users": []object{{"name": name, "user": object{"exec": object{
			"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws", "interactiveMode": "Never",
			"args": []string{"eks", "get-token", "--cluster-name", name, "--region", region},
		}}}},
	})
	return string(raw), err
}
