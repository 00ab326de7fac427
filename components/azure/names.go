package azure

import (
	"fmt"
	"strings"

	"platform/components/naming"
)

// Kind is a kind of physical name.
type Kind string

// The kinds of physical name that the driver gives.
const (
	KindActionGroup    Kind = "action-group"
	KindAlert          Kind = "alert"
	KindAPIService     Kind = "api-service"
	KindAssignment     Kind = "assignment" // of a policy
	KindCluster        Kind = "cluster"
	KindCosmos         Kind = "cosmos"
	KindDatabase       Kind = "database"
	KindDiagnostic     Kind = "diagnostic" // setting of a whole subscription, which environments may share
	KindDNSPrefix      Kind = "dns-prefix" // of a cluster
	KindDNSLabel       Kind = "dns-label"  // of a public address
	KindEncryptionSet  Kind = "encryption-set"
	KindEndpoint       Kind = "endpoint"
	KindFederation     Kind = "federation"
	KindFlowLog        Kind = "flow-log"
	KindIdentity       Kind = "identity"
	KindKey            Kind = "key"
	KindNamespace      Kind = "namespace" // of Service Bus
	KindNAT            Kind = "nat"
	KindNetwork        Kind = "network"
	KindNodeGroup      Kind = "node-group" // resource group of a cluster's nodes
	KindNodePool       Kind = "node-pool"
	KindPublicAddress  Kind = "public-address"
	KindQueue          Kind = "queue"
	KindResourceGroup  Kind = "resource-group"
	KindSecurityGroup  Kind = "security-group"
	KindSecret         Kind = "secret"
	KindStorageAccount Kind = "storage-account"
	KindSubnet         Kind = "subnet"
	KindSubscription   Kind = "subscription" // of a topic of Service Bus
	KindTopic          Kind = "topic"
	KindVault          Kind = "vault"
	KindWorkspace      Kind = "workspace"
)

// rule is what Azure says about one kind of name.
type rule struct {
	max int // characters
	// global names are shared by all tenants of the world, so they carry a hash of the subscription.
	global bool
	// plain names take no hyphens.
	plain bool
	// local names are unique within their parent, which bears the environment's name; they have no room for it.
	local bool
}

// kinds is the table of limits
// (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules).
var kinds = map[Kind]rule{
	KindActionGroup: {max: 260},
	KindAlert:       {max: 260},
	KindAPIService:  {max: 50, global: true},
	KindAssignment:  {max: 64},
	KindCluster:     {max: 63},
	KindCosmos:      {max: 44, global: true},
	KindDatabase:    {max: 63, global: true},
	// https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses#domain-name-label
	KindDNSLabel:       {max: 63, global: true},
	KindDiagnostic:     {max: 260},
	KindDNSPrefix:      {max: 54},
	KindEncryptionSet:  {max: 80},
	KindEndpoint:       {max: 64},
	KindFederation:     {max: 120},
	KindFlowLog:        {max: 80},
	KindIdentity:       {max: 128},
	KindKey:            {max: 127},
	KindNamespace:      {max: 50, global: true},
	KindNAT:            {max: 80},
	KindNetwork:        {max: 64},
	KindNodeGroup:      {max: 80},
	KindNodePool:       {max: 12, plain: true, local: true},
	KindPublicAddress:  {max: 80},
	KindQueue:          {max: 260},
	KindResourceGroup:  {max: 90},
	KindSecurityGroup:  {max: 80},
	KindSecret:         {max: 127},
	KindStorageAccount: {max: 24, global: true, plain: true},
	KindSubnet:         {max: 80},
	KindSubscription:   {max: 50},
	KindTopic:          {max: 260},
	KindVault:          {max: 24, global: true},
	KindWorkspace:      {max: 63},
}

// physical is the name of a resource in Azure: "<environment>-<parts>", cut to what the kind allows. Equal
// arguments give equal names, so a rebuilt environment has the names it had.
func (d *Driver) physical(kind Kind, parts ...string) string {
	r, ok := kinds[kind]
	if !ok {
		panic(fmt.Sprintf("azure: no limits for names of kind %q: add it to the table in names.go", kind))
	}
	var all []string
	if !r.local {
		all = append(all, d.s.Environment)
	}
	all = append(all, parts...)
	if r.global {
		all = append(all, naming.Hash(d.s.Subscription))
	}
	if r.plain {
		return plain(r.max, all)
	}
	return naming.Fit(r.max, all...)
}

// plain fits names that take no hyphens. One word stays as it is; of more, as much stays as there is room for, and a
// hash keeps apart what would be one name without the hyphens.
func plain(max int, parts []string) string {
	whole := strings.Join(parts, "-")
	if !strings.Contains(whole, "-") && naming.Fit(max, whole) == whole {
		return whole
	}
	letters, hash := strings.ReplaceAll(naming.Fit(max+naming.Shortest, whole), "-", ""), naming.Hash(whole)
	return letters[:min(len(letters), max-len(hash))] + hash
}
