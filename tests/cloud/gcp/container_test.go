package gcp_test

import (
	"fmt"
	"strings"
	"testing"

	"platform/tests/cloud"
)

const (
	clusterType = "gcp:container/cluster:Cluster"
	poolType    = "gcp:container/nodePool:NodePool"
	grantType   = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
	memberType  = "gcp:projects/iAMMember:IAMMember"
	useKey      = "roles/cloudkms.cryptoKeyEncrypterDecrypter"

	region = "europe-west3"
)

// clusterWorld is a network, a key that GKE and Compute Engine may use, and the nodes' account.
type clusterWorld struct {
	*world
	network, subnet, key, account *cloud.Object
	agents                        map[string]string // members, by service
}

func newClusterWorld(t *testing.T) *clusterWorld {
	t.Helper()
	w := &clusterWorld{world: newWorld(t, "cloudkms", "cloudresourcemanager", "compute", "container", "iam"), agents: map[string]string{}}
	w.network = w.Have("gcp:compute/network:Network", values{"name": "dev", "autoCreateSubnetworks": false})
	w.subnet = w.Have("gcp:compute/subnetwork:Subnetwork", values{
		"name": "private", "network": w.network.ID, "region": region, "ipCidrRange": "10.0.0.0/20",
		"secondaryIpRanges": []any{
			values{"rangeName": "pods", "ipCidrRange": "10.1.0.0/20"}, values{"rangeName": "services", "ipCidrRange": "10.2.0.0/20"},
		},
	})
	ring := w.Have("gcp:kms/keyRing:KeyRing", values{"name": "ring", "project": project, "location": region})
	w.key = w.Have("gcp:kms/cryptoKey:CryptoKey", values{"name": "key", "keyRing": ring.ID, "destroyScheduledDuration": "604800s"})
	for _, service := range []string{"compute.googleapis.com", "container.googleapis.com"} {
		agent := w.Have("gcp:projects/serviceIdentity:ServiceIdentity", values{"service": service, "project": project})
		w.agents[service] = agent.Str("member")
		w.Have(grantType, values{"cryptoKeyId": w.key.ID, "role": useKey, "member": agent.Str("member")})
	}
	w.account = w.Have("gcp:serviceaccount/account:Account", values{"accountId": "dev-nodes", "project": project})
	return w
}

func (w *clusterWorld) cluster() values {
	return values{
		"name": "dev", "project": project, "location": region, "network": w.network.ID, "subnetwork": w.subnet.ID,
		"ipAllocationPolicy":             values{"clusterSecondaryRangeName": "pods", "servicesSecondaryRangeName": "services"},
		"privateClusterConfig":           values{"enablePrivateNodes": true, "enablePrivateEndpoint": true},
		"masterAuthorizedNetworksConfig": values{}, "removeDefaultNodePool": true, "initialNodeCount": 1.0,
		"releaseChannel": values{"channel": "REGULAR"}, "minMasterVersion": "1.32", "deletionProtection": false,
		"databaseEncryption":     values{"state": "ENCRYPTED", "keyName": w.key.ID},
		"workloadIdentityConfig": values{"workloadPool": project + ".svc.id.goog"},
		"enableL4IlbSubsetting":  true, "resourceLabels": values{"team": "platform"},
	}
}

func (w *clusterWorld) pool(cluster *cloud.Object) values {
	return values{
		"name": "general", "project": project, "location": region, "cluster": cluster.ID, "initialNodeCount": 1.0,
		"autoscaling": values{"totalMinNodeCount": 2.0, "totalMaxNodeCount": 5.0},
		"management":  values{"autoRepair": true, "autoUpgrade": true},
		"nodeConfig": values{
			"machineType": "n2-standard-2", "diskType": "pd-balanced", "diskSizeGb": 50.0, "bootDiskKmsKey": w.key.ID,
			"serviceAccount": w.account.Str("email"), "resourceLabels": values{"service": "cluster"},
			"workloadMetadataConfig": values{"mode": "GKE_METADATA"},
		},
	}
}

func (w *clusterWorld) names(typ string) (out []string) {
	for _, o := range w.All(typ) {
		out = append(out, o.Str("name"))
	}
	return out
}

func TestAClusterBringsRulesAndAnEndpoint(t *testing.T) {
	w := newClusterWorld(t)
	c := w.Have(clusterType, w.cluster())
	hash := c.Str("hash")
	w.Want("firewall", w.names("compute:firewall"), []string{
		"gke-dev-" + hash + "-all", "gke-dev-" + hash + "-exkubelet", "gke-dev-" + hash + "-inkubelet", "gke-dev-" + hash + "-vms",
	})
	w.Want("endpoint", w.names("compute:forwarding-rule"), []string{"gke-dev-" + hash + "-pe"})
	if address := c.Str("endpoint"); !strings.HasPrefix(address, "10.0.") || address != c.Str("privateClusterConfig.privateEndpoint") {
		t.Errorf("the control plane answers at %q", address)
	}
	w.Want("version", strings.HasPrefix(c.Str("masterVersion"), "1.32."), true)
	if c.Str("masterAuth.clusterCaCertificate") == "" {
		t.Error("no certificate is shown")
	}
	w.Have(poolType, w.pool(c))
	if err := w.Remove(w.subnet); !cloud.Refused(err, "DependencyViolation") {
		t.Errorf("the subnet goes: %v", err)
	}
	if err := w.Remove(c); err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{"compute:firewall", "compute:forwarding-rule", "compute:instance", "compute:disk", "compute:instance-group-manager", poolType} {
		w.Want("left of "+typ, len(w.All(typ)), 0)
	}
	for _, o := range []*cloud.Object{w.subnet, w.network} {
		if err := w.Remove(o); err != nil {
			t.Errorf("%s does not go: %v", o, err)
		}
	}
}

func TestNodesAreInAllZonesAndLabelled(t *testing.T) {
	w := newClusterWorld(t)
	c := w.Have(clusterType, w.cluster())
	pool := w.Have(poolType, w.pool(c))
	zones := map[string]int{}
	for _, m := range w.All("compute:instance") {
		zones[m.Str("zone")]++
		w.Want("labels of "+m.ID, m.Tags, map[string]string{
			"team": "platform", "service": "cluster", "goog-gke-node": "", "goog-k8s-cluster-name": "dev", "goog-k8s-cluster-location": region,
			"goog-k8s-node-pool-name": "general",
		})
		w.Want("account", m.Str("serviceAccount"), "dev-nodes@"+project+".iam.gserviceaccount.com")
	}
	w.Want("nodes", zones, map[string]int{"europe-west3-a": 1, "europe-west3-b": 1, "europe-west3-c": 1})
	w.Want("groups", len(w.All("compute:instance-group-manager")), 3)
	for _, d := range w.All("compute:disk") {
		w.Want("key of "+d.ID, d.Str("kmsKeyName"), w.key.ID)
		w.Want("team of "+d.ID, d.Tags["team"], "platform")
	}
	if err := w.Remove(pool); err != nil {
		t.Fatal(err)
	}
	w.Want("left", len(w.All("compute:instance"))+len(w.All("compute:disk"))+len(w.All("compute:instance-template")), 0)
}

func TestMistakesOfAClusterAreRefused(t *testing.T) {
	for want, change := range map[string]values{
		"Master authorized networks must be enabled":  {"masterAuthorizedNetworksConfig": nil},
		"needs enablePrivateNodes":                    {"privateClusterConfig": values{"enablePrivateEndpoint": true}},
		`has no secondary range "many"`:               {"ipAllocationPolicy": values{"clusterSecondaryRangeName": "many"}},
		"only platform-test.svc.id.goog is supported": {"workloadIdentityConfig": values{"workloadPool": "other.svc.id.goog"}},
		"does not match":                              {"name": "Dev"},
		"the rules do not know this property":         {"enableTpu": true},
		"does not exist":                              {"subnetwork": "nowhere"},
		"has 41 characters":                           {"name": strings.Repeat("a", 41)},
	} {
		w := newClusterWorld(t)
		if _, err := w.Create(clusterType, w.cluster(), change); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestAKeyThatGKEMayNotUseIsRefused(t *testing.T) {
	w := newClusterWorld(t)
	for _, grant := range w.All(grantType) {
		if grant.Str("member") == w.agents["container.googleapis.com"] {
			if err := w.Remove(grant); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.Create(clusterType, w.cluster()); !cloud.Refused(err, "PERMISSION_DENIED") {
		t.Errorf("got %v", err)
	}
}

func TestMistakesOfAPoolAreRefused(t *testing.T) {
	for want, change := range map[string]values{
		"must be true in a cluster of release channel REGULAR": {"management": values{"autoRepair": true, "autoUpgrade": false}},
		"must be in this order":                                {"autoscaling": values{"totalMinNodeCount": 3.0, "totalMaxNodeCount": 2.0}},
		"conflicts with":                                       {"autoscaling": values{"minNodeCount": 1.0, "totalMinNodeCount": 1.0}},
		"the pool is in europe-west1":                          {"location": "europe-west1"},
		"cannot be newer":                                      {"version": "1.33.1-gke.1"},
		"is not known":                                         {"nodeConfig": values{"machineType": "z9-standard-2"}},
		"room for 16 nodes, 18 are wanted":                     {"initialNodeCount": 6.0},
	} {
		w := newClusterWorld(t)
		if _, err := w.Create(poolType, w.pool(w.Have(clusterType, w.cluster())), change); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestTheVersionGoesUpByOneMinorVersion(t *testing.T) {
	w := newClusterWorld(t)
	c := w.Have(clusterType, w.cluster())
	for _, version := range []string{"1.31", "1.30"} {
		if err := w.Update(c, values{"minMasterVersion": version}); !cloud.Refused(err, "INVALID_ARGUMENT") {
			t.Errorf("to %s: %v", version, err)
		}
	}
	if err := w.Update(c, values{"minMasterVersion": "1.33"}); err != nil {
		t.Error(err)
	}
	now := w.All(clusterType)[0]
	w.Want("version", strings.HasPrefix(now.Str("masterVersion"), "1.33."), true)
	w.Want("endpoint", now.Str("endpoint"), c.Str("endpoint"))
}

func TestAProtectedClusterIsNotDeleted(t *testing.T) {
	w := newClusterWorld(t)
	c := w.Have(clusterType, w.cluster(), values{"deletionProtection": nil}) // it is on unless it is switched off
	if err := w.Remove(c); !cloud.Refused(err, "OperationNotPermitted") {
		t.Errorf("got %v", err)
	}
}

func TestPodsTakeOnAnAccountOnlyWithACluster(t *testing.T) {
	w := newClusterWorld(t)
	member := func() values {
		return values{
			"serviceAccountId": w.account.Str("name"), "role": "roles/iam.workloadIdentityUser",
			"member": "serviceAccount:" + project + ".svc.id.goog[shop/front]",
		}
	}
	const typ = "gcp:serviceaccount/iAMMember:IAMMember"
	if _, err := w.Create(typ, member()); err == nil || !strings.Contains(err.Error(), "Identity Pool does not exist") {
		t.Errorf("without a cluster: %v", err)
	}
	w.Have(clusterType, w.cluster())
	w.Have(typ, member())
}

func TestMistakesOfTheProjectsPolicyAreRefused(t *testing.T) {
	given := values{
		"project": project, "role": "roles/datastore.user", "member": "serviceAccount:dev-nodes@" + project + ".iam.gserviceaccount.com",
		"condition": values{"title": "documents", "expression": `resource.name == "projects/p/databases/d"`},
	}
	w := newClusterWorld(t)
	w.Have(memberType, given)
	for want, change := range map[string]values{
		"has roles/datastore.user already": nil,
		"does not exist":                   {"member": "serviceAccount:nobody@" + project + ".iam.gserviceaccount.com"},
		"does not match":                   {"member": "allUsers"},
		"compares with nothing":            {"condition": values{"title": "a", "expression": `resource.name == ""`}},
		"logical operators":                {"condition": values{"title": "a", "expression": "a" + strings.Repeat(" && a", 13)}},
		"must be set":                      {"condition": values{"title": "a"}},
	} {
		if _, err := w.Create(memberType, given, change); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	for n := range 19 {
		w.Have(memberType, given, values{"condition": values{"title": fmt.Sprint("d", n), "expression": `resource.name == "a"`}})
	}
	if _, err := w.Create(memberType, given, values{"condition": values{"title": "one more", "expression": `resource.name == "a"`}}); !cloud.Refused(err, "LimitExceeded") {
		t.Errorf("a role under 21 conditions: %v", err)
	}
}
