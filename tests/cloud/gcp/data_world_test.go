package gcp_test

import (
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/gcp"
	"platform/tests/cloud/trial"
)

const (
	dataProject = "platform-dev"
	dataKey     = "projects/platform-dev/locations/europe-west3/keyRings/dev/cryptoKeys/data"
)

// dataWorld is the simulated Google Cloud without an engine, with a key that the services of data may use and a network
// that is connected to them.
type dataWorld struct{ *trial.World }

func newDataWorld(t *testing.T) *dataWorld {
	t.Helper()
	w := &dataWorld{trial.New(t, gcp.New, cloud.Config{Account: dataProject, Region: "europe-west3"})}
	w.mint("gcp:kms/cryptoKey:CryptoKey", dataKey, nil)
	for _, agent := range []string{"gcp-sa-cloud-sql", "gcp-sa-firestore", "gcp-sa-pubsub", "gcp-sa-secretmanager"} {
		w.mint("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", agent, map[string]any{
			"cryptoKeyId": dataKey, "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "member": agentMember(agent),
		})
	}
	w.mint("gcp:compute/globalAddress:GlobalAddress", "services", map[string]any{"name": "services", "address": "10.9.0.0", "prefixLength": 16.0})
	w.mint("gcp:servicenetworking/connection:Connection", "connection", map[string]any{
		"network": "projects/platform-dev/global/networks/dev", "reservedPeeringRanges": []any{"services"},
	})
	w.mint("gcp:serviceaccount/account:Account", "payments", map[string]any{"email": "payments@platform-dev.iam.gserviceaccount.com"})
	return w
}

func agentMember(agent string) string {
	return "serviceAccount:service-123456789012@" + agent + ".iam.gserviceaccount.com"
}

// mint puts in place what other parts of the cloud make.
func (w *dataWorld) mint(typ, id string, inputs map[string]any) {
	w.T.Helper()
	w.Mint(cloud.Object{Type: typ, ID: id, Account: dataProject, Region: "europe-west3", Inputs: inputs})
}
