package gcp

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/naming"
)

// Kind is a kind of physical name.
type Kind string

// The kinds of physical name that the driver gives.
const (
	KindAddress        Kind = "address"
	KindAlert          Kind = "alert"      // alert policies and notification channels, as people see them
	KindAPIConfig      Kind = "api-config" // without what the provider completes it with
	KindBackend        Kind = "backend"    // what a load balancer is made of
	KindBucket         Kind = "bucket"
	KindCertificate    Kind = "certificate"
	KindCluster        Kind = "cluster"
	KindDatabase       Kind = "database"
	KindDoor           Kind = "door" // a door's address, API and key, without the engine's random text
	KindExclusion      Kind = "exclusion"
	KindFirestore      Kind = "firestore"
	KindFirewall       Kind = "firewall"
	KindGateway        Kind = "gateway"
	KindKey            Kind = "key"
	KindKeyRing        Kind = "key-ring"
	KindLogBucket      Kind = "log-bucket"
	KindMetric         Kind = "metric"
	KindNAT            Kind = "nat"
	KindNetwork        Kind = "network"
	KindNodePool       Kind = "node-pool"
	KindRoute          Kind = "route"
	KindRouter         Kind = "router"
	KindSecret         Kind = "secret"
	KindServiceAccount Kind = "service-account"
	KindSink           Kind = "sink"
	KindSubnet         Kind = "subnet"
	KindSubscription   Kind = "subscription"
	KindTopic          Kind = "topic"
	KindZone           Kind = "zone" // of names, in Cloud DNS
)

// rule is what Google Cloud says about one kind of name.
type rule struct {
	max int // characters
	// global names are shared by all projects of the world, so they carry the project.
	global bool
}

// kinds is the table of limits. Sources:
//   - Compute Engine's resources: https://cloud.google.com/compute/docs/naming-resources
//   - alerts: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies
//   - API configs: 63 (https://cloud.google.com/api-gateway/docs/creating-api-config), of which the provider takes 26
//     (https://pkg.go.dev/github.com/hashicorp/terraform-plugin-sdk/v2/helper/id) and we a hyphen
//   - buckets: https://cloud.google.com/storage/docs/buckets#naming
//   - clusters, pools: https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters
//   - databases: https://cloud.google.com/sql/docs/postgres/instance-settings (98 with the project's id, which has 30
//     and a colon; the engine's random text has eight)
//   - doors: 63 (https://cloud.google.com/api-gateway/docs/creating-api), of which the engine takes 8; the service behind
//     an API is a host name whose first part, at most 63 too, is the API's id and some 14 characters that Google makes up
//   - Firestore: https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases/create (63 with random text)
//   - gateways: https://cloud.google.com/api-gateway/docs/deploying-api
//   - keys: https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/create
//   - log buckets, sinks, exclusions: https://cloud.google.com/logging/quotas#log-limits
//   - secrets: https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create
//   - service accounts: https://cloud.google.com/iam/docs/service-accounts-create
//   - topics, subscriptions: https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names
//   - zones: https://cloud.google.com/dns/docs/reference/rest/v1/managedZones
var kinds = map[Kind]rule{
	KindAddress:        {max: 63},
	KindAlert:          {max: 512},
	KindAPIConfig:      {max: 36},
	KindBackend:        {max: 63},
	KindBucket:         {max: 63, global: true},
	KindCertificate:    {max: 63},
	KindCluster:        {max: 40},
	KindDatabase:       {max: 59},
	KindDoor:           {max: 41},
	KindExclusion:      {max: 100},
	KindFirestore:      {max: 55},
	KindFirewall:       {max: 63},
	KindGateway:        {max: 49},
	KindKey:            {max: 63},
	KindKeyRing:        {max: 63},
	KindLogBucket:      {max: 100},
	KindMetric:         {max: 100},
	KindNAT:            {max: 63},
	KindNetwork:        {max: 63},
	KindNodePool:       {max: 39},
	KindRoute:          {max: 63},
	KindRouter:         {max: 63},
	KindSecret:         {max: 255},
	KindServiceAccount: {max: 30},
	KindSink:           {max: 100},
	KindSubnet:         {max: 63},
	KindSubscription:   {max: 255},
	KindTopic:          {max: 255},
	KindZone:           {max: 63},
}

// physical is the name of a resource in Google Cloud: "<environment>-<parts>", cut to what the kind allows.
// Equal arguments give equal names, so a rebuilt environment has the names it had.
func (d *Driver) physical(kind Kind, parts ...string) string {
	r, ok := kinds[kind]
	if !ok {
		panic(fmt.Sprintf("gcp: no limits for names of kind %q: add it to the table in names.go", kind))
	}
	all := append([]string{d.s.Environment}, parts...)
	if r.global {
		all = append(all, d.s.Project)
	}
	return naming.Fit(r.max, all...)
}

// buildLength is the text by which the names of one build differ from those of all others: what the engine
// appends to the key ring's name.
const buildLength = 7

// unique is a physical name that no earlier build of the environment had: for what keeps its name for some time
// after it is deleted.
func (d *Driver) unique(kind Kind, parts ...string) pulumi.StringOutput {
	r, ok := kinds[kind]
	if !ok {
		panic(fmt.Sprintf("gcp: no limits for names of kind %q: add it to the table in names.go", kind))
	}
	base := naming.Fit(r.max-buildLength-1, append([]string{d.s.Environment}, parts...)...)
	return pulumi.Sprintf("%s-%s", base, d.ground.build)
}

// lastWord is what follows the last hyphen of a name.
func lastWord(name string) string { return name[strings.LastIndex(name, "-")+1:] }
