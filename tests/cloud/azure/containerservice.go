package azure

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	clusterType = "azure-native:containerservice:ManagedCluster"
	poolType    = "azure-native:containerservice:AgentPool"

	// What AKS makes by itself, in the resource group of the nodes.
	nodeGroupType    = "resources:node-group"
	nodeSecurityType = "network:security-group"
	madeIdentityType = "managedidentity:identity"
	apiEndpointType  = "network:private-endpoint"
	apiZoneType      = "network:private-zone"
)

var containerserviceHooks = map[string]cloud.Hook{
	clusterType: {Created: clusterCreated, Updated: clusterUpdated, Deleted: clusterDeleted},
	poolType:    {Created: poolCreated, Updated: poolUpdated, Deleted: poolDeleted},
}

var containerserviceFunctions = map[string]cloud.Function{
	"azure-native:containerservice:listManagedClusterUserCredentials": userCredentials,
}

// userCredentials is AKS's own kubeconfig, in which a plugin asks for a token
// (https://learn.microsoft.com/rest/api/aks/managed-clusters/list-cluster-user-credentials).
func userCredentials(t *cloud.Tx, _ cloud.Config, args map[string]any) (map[string]any, error) {
	name, _ := args["resourceName"].(string)
	o := t.Lookup([]string{clusterType}, []string{"resourceName"}, name)
	if o == nil || o.Str("resourceGroupName") != args["resourceGroupName"] {
		return nil, cloud.Refuse("ResourceNotFound", "the cluster %v in resource group %v was not found", name, args["resourceGroupName"])
	}
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters:
- name: %s
  cluster:
    certificate-authority-data: %s
    server: https://%s:443
`, name, o.Str("authority"), apiHost(o))
	return map[string]any{"kubeconfigs": []any{
		map[string]any{"name": "clusterUser", "value": base64.StdEncoding.EncodeToString([]byte(text))},
	}}, nil
}

// apiHost is the name of a cluster's API.
func apiHost(o *cloud.Object) string {
	if private(o) {
		return o.Str("privateFQDN")
	}
	return o.Str("fqdn")
}

func private(o *cloud.Object) bool { return o.Bool("apiServerAccessProfile.enablePrivateCluster") }

// nodeGroup is the id of the resource group of a cluster's nodes.
func nodeGroup(o *cloud.Object) string {
	return "/subscriptions/" + o.Account + "/resourceGroups/" + o.Str("nodeResourceGroup")
}

// clusterCreated makes the resource group of the nodes and what every cluster has in it. All bear the cluster's
// tags (https://learn.microsoft.com/azure/aks/use-tags#azure-tags-and-aks-clusters).
func clusterCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := clusterValid(t, o); err != nil {
		return err
	}
	hideNames(o)
	group := nodeGroup(o)
	if t.Get(groupType, group) != nil || t.Get(nodeGroupType, group) != nil {
		return cloud.Refuse("NodeResourceGroupAlreadyExists", "the node resource group %s exists already", o.Str("nodeResourceGroup"))
	}
	made := func(typ, id string, holds ...cloud.Key) *cloud.Object {
		return t.Mint(cloud.Object{
			Type: typ, ID: id, Hidden: true, Owner: o.Key(), Tags: clone(o.Tags), Holds: holds, Props: map[string]any{"group": group},
		})
	}
	made(nodeGroupType, group)
	made(nodeSecurityType, group+"/providers/Microsoft.Network/networkSecurityGroups/aks-agentpool-"+o.Str("nodeSuffix")+"-nsg")
	kubelet := made(madeIdentityType, group+"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"+o.Str("resourceName")+"-agentpool")
	kubelet.Props["principalId"] = o.Str("identityProfile.kubeletidentity.objectId")
	if private(o) {
		made(apiEndpointType, group+"/providers/Microsoft.Network/privateEndpoints/kube-apiserver", cloud.Key{Type: subnetType, ID: firstSubnet(o)})
		made(apiZoneType, group+"/providers/Microsoft.Network/privateDnsZones/"+o.Str("zone")+".privatelink."+o.Str("location")+".azmk8s.io")
	}
	for _, p := range inline(o) {
		if err := p.valid(t, o); err != nil {
			return err
		}
		p.make(t, o)
	}
	return nil
}

// hideNames: a cluster has the one name of its API that its users resolve.
func hideNames(o *cloud.Object) {
	if private(o) && !o.Bool("apiServerAccessProfile.enablePrivateClusterPublicFQDN") {
		delete(o.Outputs, "fqdn")
	}
	if !private(o) {
		delete(o.Outputs, "privateFQDN")
	}
}

// firstSubnet is that of the first pool, in which the API has its address too.
func firstSubnet(o *cloud.Object) string { return o.Str("agentPoolProfiles.0.vnetSubnetID") }

// clusterValid holds what properties together must be.
func clusterValid(t *cloud.Tx, o *cloud.Object) error {
	if private(o) && len(o.List("apiServerAccessProfile.authorizedIPRanges")) > 0 {
		return cloud.Refuse("BadRequest", "authorized IP ranges are not supported by private clusters (https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges#limitations)")
	}
	if o.Bool("disableLocalAccounts") && !o.Bool("aadProfile.managed") {
		return cloud.Refuse("BadRequest", "local accounts can be disabled only where Entra ID is enabled (https://learn.microsoft.com/azure/aks/manage-local-accounts-managed-azure-ad)")
	}
	if o.Bool("securityProfile.workloadIdentity.enabled") && !o.Bool("oidcIssuerProfile.enabled") {
		return cloud.Refuse("BadRequest", "workload identity needs the OIDC issuer (https://learn.microsoft.com/azure/aks/workload-identity-deploy-cluster)")
	}
	if o.Str("networkProfile.networkPolicy") == "cilium" && o.Str("networkProfile.networkDataplane") != "cilium" {
		return cloud.Refuse("BadRequest", "network policy cilium needs the data plane cilium (https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium)")
	}
	for _, check := range []func(*cloud.Tx, *cloud.Object) error{identityValid, wayOutValid, diskSetValid, etcdKeyValid} {
		if err := check(t, o); err != nil {
			return err
		}
	}
	return nil
}

// identityValid: with a network of one's own the cluster must be somebody before it is
// (https://learn.microsoft.com/azure/aks/use-managed-identity).
func identityValid(_ *cloud.Tx, o *cloud.Object) error {
	named := len(o.List("identity.userAssignedIdentities"))
	if (o.Str("identity.type") == "UserAssigned") != (named == 1) {
		return cloud.Refuse("BadRequest", "identity of type %s with %d user-assigned identities", o.Str("identity.type"), named)
	}
	if o.Str("identity.type") != "UserAssigned" && o.Str("apiServerAccessProfile.privateDNSZone") != "" && o.Str("apiServerAccessProfile.privateDNSZone") != "system" {
		return cloud.Refuse("BadRequest", "a private DNS zone of one's own needs a user-assigned identity (https://learn.microsoft.com/azure/aks/private-clusters)")
	}
	return nil
}

// wayOutValid: nodes reach Azure by the way out that the cluster names
// (https://learn.microsoft.com/azure/aks/egress-outboundtype), also the API if it is public
// (https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges).
func wayOutValid(t *cloud.Tx, o *cloud.Object) error {
	subnet := t.Get(subnetType, firstSubnet(o))
	switch kind := o.Str("networkProfile.outboundType"); kind {
	case "userAssignedNATGateway":
		if subnet == nil || subnet.Str("natGateway.id") == "" {
			return cloud.Refuse("BadRequest", "outbound type %s: the subnet of the nodes has no NAT gateway", kind)
		}
	case "userDefinedRouting":
		if subnet == nil || subnet.Str("routeTable.id") == "" {
			return cloud.Refuse("ExistingRouteTableNotAssociatedWithSubnet", "outbound type %s: the subnet of the nodes has no route table", kind)
		}
	case "managedNATGateway":
		if subnet != nil {
			return cloud.Refuse("BadRequest", "outbound type %s: it is incompatible with a virtual network of one's own", kind)
		}
	case "loadBalancer", "":
		return fmt.Errorf("outbound type loadBalancer: %w", errNotModelled)
	}
	ranges := o.List("apiServerAccessProfile.authorizedIPRanges")
	if len(ranges) == 0 || subnet == nil {
		return nil
	}
	for _, address := range egress(t, subnet) {
		if !within(ranges, address) {
			return cloud.Refuse("VMExtensionError_K8SAPIServerConnFail", "nodes come from %s, which the authorized ranges %v leave out", address, ranges)
		}
	}
	return nil
}

// egress lists the addresses from which a subnet's machines reach the internet.
func egress(t *cloud.Tx, subnet *cloud.Object) []string {
	gateway := t.Get(natType, subnet.Str("natGateway.id"))
	if gateway == nil {
		return nil
	}
	var out []string
	for _, id := range addresses(gateway) {
		if address := t.Get(addressType, id); address != nil {
			out = append(out, address.Str("ipAddress"))
		}
	}
	return out
}

// principal is who a cluster is.
func principal(t *cloud.Tx, o *cloud.Object) string {
	for _, id := range o.List("identity.userAssignedIdentities") {
		if identity := t.Get(identityType, id); identity != nil {
			return identity.Str("principalId")
		}
	}
	return ""
}

// diskSetValid: nodes do not start while their disks cannot be encrypted, and the cluster must see the set
// (https://learn.microsoft.com/azure/aks/azure-disk-customer-managed-keys).
func diskSetValid(t *cloud.Tx, o *cloud.Object) error {
	set := t.Get(diskSetType, o.Str("diskEncryptionSetID"))
	if set == nil {
		return nil
	}
	if !may(t, principal(t, o), set.ID, readerRole, contributorRole, ownerRole) {
		return cloud.Refuse("LinkedAuthorizationFailed", "the cluster's identity may not read %s", set)
	}
	return diskSetWorks(t, set)
}

// diskSetWorks says why disks cannot be encrypted with a set.
func diskSetWorks(t *cloud.Tx, set *cloud.Object) error {
	key := t.Lookup([]string{keyType}, []string{"keyUriWithVersion"}, set.Str("activeKey.keyUrl"))
	return keyWraps(t, set, key, t.Lookup(servicePrincipals, []string{"principalId"}, set.Str("identity.principalId")))
}

// etcdKeyValid: AKS looks itself whether it may use the key
// (https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption).
func etcdKeyValid(t *cloud.Tx, o *cloud.Object) error {
	if !o.Bool("securityProfile.azureKeyVaultKms.enabled") {
		return nil
	}
	if o.Str("securityProfile.azureKeyVaultKms.keyVaultNetworkAccess") == "Private" {
		return cloud.Refuse("BadRequest", "a private key vault needs a cluster whose API is in the virtual network, which this API version cannot ask for")
	}
	key := t.Lookup([]string{keyType}, []string{"keyUriWithVersion"}, o.Str("securityProfile.azureKeyVaultKms.keyId"))
	if key == nil {
		return cloud.Refuse("AzureKeyVaultKmsGetKeyError", "the key %q does not exist", o.Str("securityProfile.azureKeyVaultKms.keyId"))
	}
	vault := vaultOf(t, key)
	if vault == nil || vault.Str("properties.publicNetworkAccess") == "Disabled" || vault.Str("properties.networkAcls.defaultAction") == "Deny" {
		return cloud.Refuse("AzureKeyVaultKmsKeyVaultNotReachable", "the vault of %s is closed to the control plane", key)
	}
	if !may(t, principal(t, o), key.ID, keyCryptoUserRole, keyCryptoOfficerRole, keyAdministratorRole) {
		return cloud.Refuse("AzureKeyVaultKmsValidatePermissionError", "the cluster's identity may not encrypt and decrypt with %s", key)
	}
	return nil
}

// clusterUpdated: some things are as they were made, versions go up one minor version at a time, and no pool is
// added in this way (https://github.com/pulumi/pulumi-azure-native/issues/2719).
func clusterUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if err := clusterValid(t, o); err != nil {
		return err
	}
	hideNames(o)
	if from, to := controller.Minor(old.Str("kubernetesVersion")), controller.Minor(o.Str("kubernetesVersion")); from != to && to != from+1 {
		return cloud.Refuse("OperationNotAllowed", "upgrade from %s to %s: minor versions cannot be skipped, nor gone back", old.Str("kubernetesVersion"), o.Str("kubernetesVersion"))
	}
	if private(old) != private(o) {
		return cloud.Refuse("PropertyChangeNotAllowed", "changing property apiServerAccessProfile.enablePrivateCluster is not allowed")
	}
	before := map[string]nodePool{}
	for _, p := range inline(old) {
		before[p.name] = p
	}
	for _, p := range inline(o) {
		was, known := before[p.name]
		if !known {
			return cloud.Refuse("BadRequest", "a new agent pool was introduced (%s): adding agent pools to an existing cluster is not allowed through managed cluster operations", p.name)
		}
		if err := p.change(t, was, o); err != nil {
			return err
		}
	}
	for _, owned := range t.Owned(o.Key()) {
		if owned.Str("pool") == "" {
			owned.Tags = clone(o.Tags)
		}
	}
	return nil
}

// clusterDeleted takes along the resource group of the nodes with all that is in it, whoever made it: load
// balancers, addresses and disks too. What its controllers made elsewhere stays
// (https://learn.microsoft.com/azure/aks/faq#why-are-two-resource-groups-created-with-aks).
func clusterDeleted(t *cloud.Tx, o *cloud.Object) error {
	group := nodeGroup(o)
	for _, inside := range groupContent(t, group) {
		for _, h := range t.Holders(inside.Key()) {
			if h.Str("group") != group && h.Key() != o.Key() {
				return cloud.Refuse("ResourceGroupDeletionBlocked", "the node resource group %s cannot be deleted: %s depends on %s in it", group, h, inside)
			}
		}
	}
	for _, p := range agentPools(t, o) {
		t.Remove(p.of.Key())
	}
	for _, inside := range groupContent(t, group) {
		t.Remove(inside.Key())
	}
	controller.End(t, o.Key())
	return nil
}

// madeTypes are those of all that AKS and the controllers make.
var madeTypes = []string{
	nodeGroupType, nodeSecurityType, madeIdentityType, apiEndpointType, apiZoneType, scaleSetType, machineType, machineDiskType,
	balancerType, frontendType, balancingRuleType, securityRuleType, madeAddressType, volumeType,
}

func groupContent(t *cloud.Tx, group string) []*cloud.Object {
	var out []*cloud.Object
	for _, typ := range madeTypes {
		out = append(out, t.Find(typ, func(o *cloud.Object) bool { return o.Str("group") == group })...)
	}
	return out
}

func clone(tags map[string]string) map[string]string { return with(tags, nil) }

func with(tags, more map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range []map[string]string{tags, more} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

// within says whether one of the ranges holds an address.
func within(ranges []string, address string) bool {
	ip, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(ranges, func(text string) bool {
		block, err := netip.ParsePrefix(text)
		return err == nil && block.Contains(ip)
	})
}
