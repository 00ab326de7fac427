package azure_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/azure"
	"platform/tests/cloud/controller"
	"platform/tests/cloud/trial"
)

const (
	clusterType = "azure-native:containerservice:ManagedCluster"
	poolType    = "azure-native:containerservice:AgentPool"
	serviceType = "kubernetes:core/v1:Service"

	networkContributor = "4d97b98b-1d4f-4787-a291-c67834d212e7"
	reader             = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	contributor        = "b24988ac-6180-42a0-ab88-20f7382dd24c"
	keyCryptoUser      = "12338af0-0e69-4776-bea7-57ae8d297424"
)

// clusterWorld is the simulated Azure without an engine, with all that a cluster needs.
type clusterWorld struct {
	*world
	*trial.Cluster
	group   *cloud.Object
	subnet  *cloud.Object
	who     *cloud.Object // the cluster's identity
	set     *cloud.Object
	vault   *cloud.Object
	key     *cloud.Object
	control *cloud.Object
	joins   *cloud.Object // the role of the cluster on the subnet
}

// newGround makes what a cluster needs but for the cluster itself.
func newGround(t *testing.T) *clusterWorld {
	t.Helper()
	w := &clusterWorld{world: newWorld(t)}
	w.group = w.All(groupType)[0]
	w.Have(networkType, with(values{"virtualNetworkName": "net", "addressSpace": values{"addressPrefixes": []any{"10.0.0.0/16"}}}))
	address := w.Have(addressType, with(values{
		"publicIpAddressName": "out", "sku": values{"name": "Standard"}, "publicIPAllocationMethod": "Static",
	}))
	nat := w.Have(natType, with(values{
		"natGatewayName": "nat", "sku": values{"name": "Standard"}, "publicIpAddresses": []any{values{"id": address.ID}},
	}))
	w.subnet = w.Have(subnetType, values{
		"resourceGroupName": "env", "virtualNetworkName": "net", "subnetName": "nodes", "addressPrefix": "10.0.4.0/24", "natGateway": values{"id": nat.ID},
	})
	w.who = w.Have(identityType, with(values{"resourceName": "control"}))
	w.vault = w.Have(vaultType, vaultInputs("keys-of-tests", values{"enablePurgeProtection": true}))
	diskKey := w.Have(keyType, keyInputs("keys-of-tests", "disks"))
	w.key = w.Have(keyType, keyInputs("keys-of-tests", "secrets"))
	w.set = w.Have("azure-native:compute:DiskEncryptionSet", with(values{
		"diskEncryptionSetName": "disks", "activeKey": values{"keyUrl": diskKey.Str("keyUriWithVersion")}, "identity": values{"type": "SystemAssigned"},
	}))
	w.Have(assignmentType, assignment(w.set.Str("identity.principalId"), diskKey.ID, keyUser))
	w.joins = w.assign(w.who, w.subnet, networkContributor)
	w.assign(w.who, w.set, reader)
	w.assign(w.who, w.key, keyCryptoUser)
	return w
}

// cluster is what is asked for; a test changes it.
func (w *clusterWorld) cluster() values {
	return values{
		"resourceGroupName": "env", "resourceName": "dev", "location": "germanywestcentral", "dnsPrefix": "dev", "nodeResourceGroup": "dev-nodes",
		"kubernetesVersion": "1.32", "identity": values{"type": "UserAssigned", "userAssignedIdentities": []any{w.who.ID}},
		"aadProfile": values{"managed": true}, "disableLocalAccounts": true, "oidcIssuerProfile": values{"enabled": true},
		"apiServerAccessProfile": values{"enablePrivateCluster": true, "privateDNSZone": "system", "enablePrivateClusterPublicFQDN": false},
		"networkProfile": values{
			"networkPlugin": "azure", "networkPluginMode": "overlay", "networkDataplane": "cilium", "networkPolicy": "cilium",
			"outboundType": "userAssignedNATGateway",
		},
		"diskEncryptionSetID": w.set.ID,
		"securityProfile":     values{"azureKeyVaultKms": values{"enabled": true, "keyId": w.key.Str("keyUriWithVersion")}},
		"agentPoolProfiles":   []any{w.pool(values{"name": "system", "mode": "System", "nodeTaints": []any{"CriticalAddonsOnly=true:NoSchedule"}})},
		"tags":                values{"team": "platform"},
	}
}

func (w *clusterWorld) pool(more values) values {
	out := values{
		"mode": "User", "type": "VirtualMachineScaleSets", "vmSize": "Standard_D2s_v5", "osDiskSizeGB": 50.0, "count": 1.0, "minCount": 1.0,
		"maxCount": 4.0, "enableAutoScaling": true, "maxPods": 110.0, "vnetSubnetID": w.subnet.ID, "availabilityZones": []any{"1", "2", "3"},
		"tags": values{"team": "platform"},
	}
	maps.Copy(out, more)
	return out
}

func (w *clusterWorld) agentPool(more values) values {
	out := w.pool(values{"resourceGroupName": "env", "resourceName": "dev", "agentPoolName": "general"})
	maps.Copy(out, more)
	return out
}

// newCluster is a cluster with a system pool and one for services.
func newCluster(t *testing.T) *clusterWorld {
	t.Helper()
	w := newGround(t)
	w.control = w.Have(clusterType, w.cluster())
	w.Have(poolType, w.agentPool(nil))
	w.Cluster = w.Enter(azure.Controllers(), "https://"+w.control.Str("privateFQDN")+":443")
	return w
}

func service(name string, annotations values) values {
	return values{
		"metadata": values{"name": name, "namespace": "shop", "annotations": annotations},
		"spec":     values{"type": "LoadBalancer", "ports": []any{values{"port": 443.0}}},
	}
}

const annotation = "service.beta.kubernetes.io/azure-"

func TestMistakesOfAClusterAreRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(w *clusterWorld, c values)
		code   string
	}{
		{"ranges of a private API", func(_ *clusterWorld, c values) {
			c["apiServerAccessProfile"] = values{"enablePrivateCluster": true, "authorizedIPRanges": []any{"203.0.113.0/24"}}
		}, "BadRequest"},
		{"a public API that nodes do not reach", func(_ *clusterWorld, c values) {
			c["apiServerAccessProfile"] = values{"enablePrivateCluster": false, "authorizedIPRanges": []any{"203.0.113.0/24"}}
		}, "VMExtensionError_K8SAPIServerConnFail"},
		{"no local accounts, nor Entra ID", func(_ *clusterWorld, c values) { delete(c, "aadProfile") }, "BadRequest"},
		{"no way out", func(w *clusterWorld, c values) {
			w.subnet = w.Have(subnetType, values{
				"resourceGroupName": "env", "virtualNetworkName": "net", "subnetName": "closed", "addressPrefix": "10.0.5.0/24",
			})
			c["agentPoolProfiles"] = []any{w.pool(values{"name": "system", "mode": "System"})}
		}, "BadRequest"},
		{"a disk encryption set that it may not see", func(w *clusterWorld, _ values) { w.revoke(w.set.ID) }, "LinkedAuthorizationFailed"},
		{"a key that it may not use", func(w *clusterWorld, _ values) { w.revoke(w.key.ID) }, "AzureKeyVaultKmsValidatePermissionError"},
		{"a vault that is closed", func(w *clusterWorld, _ values) {
			properties := maps.Clone(w.vault.Inputs["properties"].(values))
			properties["publicNetworkAccess"] = "Disabled"
			if err := w.Update(w.vault, values{"properties": properties}); err != nil {
				w.T.Fatal(err)
			}
		}, "AzureKeyVaultKmsKeyVaultNotReachable"},
		{"a system pool with a taint of one's own", func(w *clusterWorld, c values) {
			c["agentPoolProfiles"] = []any{w.pool(values{"name": "system", "mode": "System", "nodeTaints": []any{"platform/system=true:NoSchedule"}})}
		}, "CanNotTaintAllAgentPools"},
		{"a system pool of spot machines", func(w *clusterWorld, c values) {
			c["agentPoolProfiles"] = []any{w.pool(values{"name": "system", "mode": "System", "scaleSetPriority": "Spot"})}
		}, "BadRequest"},
		{"a group for the nodes that is there", func(_ *clusterWorld, c values) { c["nodeResourceGroup"] = "env" }, "NodeResourceGroupAlreadyExists"},
	} {
		w := newGround(t)
		c := w.cluster()
		test.change(w, c)
		_, err := w.Create(clusterType, c)
		refused(w.T, test.name, err, test.code)
	}
	w := newGround(t)
	for property, value := range map[string]any{
		"resourceName": strings.Repeat("a", 64), "nodeResourceGroup": strings.Repeat("a", 81), "dnsPrefix": strings.Repeat("a", 55), "colour": "red",
	} {
		c := w.cluster()
		c[property] = value
		if _, err := w.Create(clusterType, c); err == nil || !strings.Contains(err.Error(), property) {
			t.Errorf("%s: got %v", property, err)
		}
	}
}

// revoke takes all roles at a scope.
func (w *clusterWorld) revoke(scope string) {
	for _, a := range w.All(assignmentType) {
		if a.Str("scope") == scope {
			if err := w.Remove(a); err != nil {
				w.T.Fatal(err)
			}
		}
	}
}

func TestMistakesOfAPoolAreRefused(t *testing.T) {
	w := newCluster(t)
	for _, test := range []struct {
		name string
		more values
		code string
	}{
		{"newer than the control plane", values{"orchestratorVersion": "1.33"}, "NodePoolMcVersionIncompatible"},
		{"the name of the control plane's own pool", values{"agentPoolName": "system"}, "AlreadyExists"},
		{"fewer nodes than the least", values{"count": 0.0}, "BadRequest"},
		{"surge of spot machines", values{"scaleSetPriority": "Spot", "upgradeSettings": values{"maxSurge": "33%"}}, "BadRequest"},
		{"a price without spot machines", values{"spotMaxPrice": -1.0}, "BadRequest"},
	} {
		more := values{"agentPoolName": "other"}
		maps.Copy(more, test.more)
		_, err := w.Create(poolType, w.agentPool(more))
		refused(w.T, test.name, err, test.code)
	}
	for property, value := range map[string]any{"agentPoolName": "thirteenchars", "osDiskSizeGB": 20.0, "maxPods": 300.0} {
		if _, err := w.Create(poolType, w.agentPool(values{property: value})); err == nil || !strings.Contains(err.Error(), property) {
			t.Errorf("%s: got %v", property, err)
		}
	}
	general := w.All(poolType)[0]
	refused(w.T, "another size of a pool that lives", w.Update(general, values{"vmSize": "Standard_D4s_v5"}), "PropertyChangeNotAllowed")
}

func TestAClusterChangesAsAKSLetsIt(t *testing.T) {
	w := newCluster(t)
	refused(w.T, "two minor versions up", w.Update(w.control, values{"kubernetesVersion": "1.34"}), "OperationNotAllowed")
	refused(w.T, "a pool that the cluster did not list", w.Update(w.control, values{"agentPoolProfiles": []any{
		w.pool(values{"name": "system", "mode": "System"}), w.pool(values{"name": "second", "mode": "System"}),
	}}), "BadRequest")
	refused(w.T, "from private to public", w.Update(w.control, values{"apiServerAccessProfile": values{"enablePrivateCluster": false}}), "PropertyChangeNotAllowed")
	if err := w.Update(w.control, values{"kubernetesVersion": "1.33", "tags": values{"team": "other"}}); err != nil {
		t.Fatal(err)
	}
	w.Want("tags of the nodes' group", w.All("resources:node-group")[0].Tags["team"], "other")
	general := w.All(poolType)[0]
	before := w.All("compute:instance")
	if err := w.Update(general, values{"orchestratorVersion": "1.33"}); err != nil {
		t.Fatal(err)
	}
	after := w.All("compute:instance")
	w.Want("machines", len(after), len(before))
	if after[len(after)-1].ID == before[len(before)-1].ID {
		t.Errorf("%s was not replaced", before[len(before)-1].ID)
	}
}

func TestWhatHoldsNodesCannotGo(t *testing.T) {
	w := newCluster(t)
	refused(w.T, "the subnet", w.Remove(w.subnet), "InUseSubnetCannotBeDeleted")
	refused(w.T, "the disk encryption set", w.Remove(w.set), "OperationNotAllowed")
	for _, o := range append(w.All(poolType), w.control) {
		if err := w.Remove(o); err != nil {
			t.Fatal(err)
		}
	}
	for _, typ := range []string{"resources:node-group", "compute:scale-set", "compute:instance", "compute:os-disk", "network:private-endpoint"} {
		w.Want("left of "+typ, len(w.All(typ)), 0)
	}
	for _, o := range []*cloud.Object{w.subnet, w.set} {
		if err := w.Remove(o); err != nil {
			t.Error(err)
		}
	}
}

func TestServicesShareTheLoadBalancersOfTheCluster(t *testing.T) {
	w := newCluster(t)
	internal := values{annotation + "load-balancer-internal": "true"}
	first, second := w.Inside(serviceType, service("front", internal)), w.Inside(serviceType, service("back", internal))
	public := w.Inside(serviceType, service("door", values{annotation + "pip-tags": "service=door, cost-centre=1"}))
	names := []string{}
	for _, lb := range w.All("network:load-balancer") {
		names = append(names, lb.Str("name"))
		w.Want("tags of "+lb.ID, lb.Tags, map[string]string{"team": "platform"})
	}
	w.Want("load balancers", names, []string{"kubernetes-internal", "kubernetes"})
	addresses := map[string]bool{}
	for _, s := range []*cloud.Object{first, second} {
		address := s.Str("status.loadBalancer.ingress.0.ip")
		addresses[address] = true
		if !strings.HasPrefix(address, "10.0.4.") {
			t.Errorf("%s has the address %s", s, address)
		}
	}
	w.Want("addresses", len(addresses), 2)
	address := w.All("network:public-address")[0]
	w.Want("the public one's tags", address.Tags, map[string]string{
		"cost-centre": "1", "k8s-azure-cluster-name": "kubernetes", "k8s-azure-service": "shop/door", "service": "door", "team": "platform",
	})
	w.Want("the rule that lets the internet in", w.All("network:security-rule")[0].Str("source"), "Internet")
	for _, s := range []*cloud.Object{first, public} {
		if err := w.Leave(s); err != nil {
			t.Fatal(err)
		}
	}
	w.Want("load balancers", len(w.All("network:load-balancer")), 1)
	w.Want("public addresses and rules", len(w.All("network:public-address"))+len(w.All("network:security-rule")), 0)
	if err := w.Leave(second); err != nil {
		t.Fatal(err)
	}
	w.Want("load balancers", len(w.All("network:load-balancer"))+len(w.All("network:frontend")), 0)
}

func TestAnAddressThatIsAskedForIsOfTheSubnetAndFree(t *testing.T) {
	w := newCluster(t)
	asks := func(name, address string) *cloud.Object {
		return w.Inside(serviceType, service(name, values{annotation + "load-balancer-internal": "true", annotation + "load-balancer-ipv4": address}))
	}
	made := asks("front", "10.0.4.254")
	w.Want("address", made.Str("status.loadBalancer.ingress.0.ip"), "10.0.4.254")
	for name, test := range map[string]struct{ address, reason string }{
		"taken": {"10.0.4.254", "PrivateIPAddressIsAllocated"}, "elsewhere": {"10.0.5.9", "PrivateIPAddressNotInSubnet"},
		"kept-first": {"10.0.4.3", "PrivateIPAddressInReservedRange"}, "kept-last": {"10.0.4.255", "PrivateIPAddressInReservedRange"},
		"no-address": {"front", "PrivateIPAddressNotInSubnet"},
	} {
		if got := asks(name, test.address).Str(controller.Waits); !strings.Contains(got, test.reason) {
			t.Errorf("%s waits for %q, want %s", name, got, test.reason)
		}
	}
	_, err := w.TryInside(serviceType, service("public", values{annotation + "load-balancer-ipv4": "20.0.0.9"}))
	refused(w.T, "a public address by itself", err, "UnknownAnnotation")
}

func TestAMisspeltAnnotationIsRefused(t *testing.T) {
	w := newCluster(t)
	_, err := w.TryInside(serviceType, service("front", values{annotation + "load-balancer-intrenal": "true"}))
	refused(w.T, "a misspelt annotation", err, "UnknownAnnotation")
}

func TestAServiceWaitsForTheClustersRole(t *testing.T) {
	w := newCluster(t)
	if err := w.Remove(w.joins); err != nil {
		t.Fatal(err)
	}
	made := w.Inside(serviceType, service("front", values{annotation + "load-balancer-internal": "true"}))
	if got := made.Str(controller.Waits); !strings.Contains(got, "subnets/join/action") {
		t.Errorf("it waits for %q", got)
	}
}

func (w *clusterWorld) database(parameters values) *cloud.Object {
	w.T.Helper()
	w.DefaultClass("disk.csi.azure.com", parameters)
	return w.Database()
}

func TestAClaimGetsATaggedDiskThatGoesWithIt(t *testing.T) {
	w := newCluster(t)
	set := w.database(values{"skuName": "Premium_LRS", "tags": "team=shop,service=db"})
	disks := w.All("compute:disk")
	if len(disks) != 1 {
		t.Fatalf("disks: %v", disks)
	}
	claims := w.All("kubernetes:core/v1:PersistentVolumeClaim")
	volume := "pvc-" + claims[0].Str("uid")
	w.Want("tags", disks[0].Tags, map[string]string{
		"k8s-azure-created-by": "kubernetes-azure-dd", "kubernetes.io-created-for-pv-name": volume, "kubernetes.io-created-for-pvc-name": "data-db-0",
		"kubernetes.io-created-for-pvc-namespace": "shop", "service": "db", "team": "shop",
	})
	w.Want("disk", []any{disks[0].Str("sku"), disks[0].Num("sizeGiB"), disks[0].Str("diskEncryptionSetID")}, []any{"Premium_LRS", 20, w.set.ID})
	if err := w.Leave(set); err != nil {
		t.Fatal(err)
	}
	w.Want("after the StatefulSet", len(w.All("compute:disk")), 1)
	if err := w.Leave(claims[0]); err != nil {
		t.Fatal(err)
	}
	w.Want("after the claim", len(w.All("compute:disk")), 0)
}

func TestADiskElsewhereOutlivesItsClusterAndHoldsTheGroup(t *testing.T) {
	w := newCluster(t)
	w.assign(w.who, w.group, contributor)
	w.database(values{"resourceGroup": "env"})
	for _, o := range append(w.All(poolType), w.control) {
		if err := w.Remove(o); err != nil {
			t.Fatal(err)
		}
	}
	left := w.All("compute:disk")
	w.Want("disks", len(left), 1)
	if err := w.Remove(w.group); err == nil || !strings.Contains(err.Error(), "compute:disk "+left[0].ID) {
		t.Errorf("got %v", err)
	}
}

func TestADiskThatCannotBeMadeIsWaitedFor(t *testing.T) {
	for want, parameters := range map[string]values{
		"invalid parameter colour":   {"colour": "red"},
		"is not supported sku":       {"skuName": "Fast"},
		"does not exist":             {"diskEncryptionSetID": "/subscriptions/none"},
		"Microsoft.Compute/disks/wr": {"resourceGroup": "env"},
	} {
		w := newCluster(t)
		w.database(parameters)
		if got := w.All("kubernetes:core/v1:PersistentVolumeClaim")[0].Str(controller.Waits); !strings.Contains(got, want) {
			t.Errorf("it waits for %q, want %q", got, want)
		}
	}
}

// AKS has as many nodes as pods need, without a chart.
func TestAKSScalesThePools(t *testing.T) {
	w := newCluster(t)
	big := w.Big(3, "5Gi")
	machines := slices.DeleteFunc(w.All("compute:instance"), func(m *cloud.Object) bool { return m.Str("pool") != "general" })
	w.Want("machines", len(machines), 3)
	for _, m := range machines {
		w.Want("tags of "+m.ID, m.Tags, map[string]string{"aks-managed-poolName": "general", "team": "platform"})
	}
	if err := w.Leave(big); err != nil {
		t.Fatal(err)
	}
	w.Want("machines without the pods", len(w.All("compute:instance")), 2)
}
