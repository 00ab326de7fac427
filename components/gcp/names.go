package gcp

import (
	"fmt"

	"platform/components/naming"
)

// Kind is a kind of physical name.
type Kind string

// The kinds of physical name that the driver gives.
const (
	KindAddress        Kind = "address"
	KindAPI            Kind = "api"     // its configs and gateways too
	KindBackend        Kind = "backend" // services and network endpoint groups
	KindBucket         Kind = "bucket"
	KindCertificate    Kind = "certificate"
	KindCluster        Kind = "cluster"
	KindDatabase       Kind = "database"
	KindFirestore      Kind = "firestore"
	KindFirewall       Kind = "firewall"
	KindKey            Kind = "key"
	KindKeyRing        Kind = "key-ring"
	KindMetric         Kind = "metric"
	KindNetwork        Kind = "network"
	KindNodePool       Kind = "node-pool"
	KindRouter         Kind = "router"
	KindSecret         Kind = "secret"
	KindServiceAccount Kind = "service-account"
	KindSubnet         Kind = "subnet"
	KindSubscription   Kind = "subscription"
	KindTopic          Kind = "topic"
)

// rule is what Google Cloud says about one kind of name.
type rule struct {
	max int // characters
	// global names are shared by all projects of the world, so they carry the project.
	global bool
}

// kinds is the table of limits. Sources:
//   - Compute Engine's resources: https://cloud.google.com/compute/docs/naming-resources
//   - APIs: https://cloud.google.com/api-gateway/docs/reference/rest/v1/projects.locations.apis/create
//   - buckets: https://cloud.google.com/storage/docs/buckets#naming
//   - clusters, pools: https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters
//   - databases: https://cloud.google.com/sql/docs/postgres/instance-settings (98 with the project's id, which has 30
//     and a colon; the engine's random text has eight)
//   - Firestore: https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases/create (63 with random text)
//   - keys: https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/create
//   - secrets: https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create
//   - service accounts: https://cloud.google.com/iam/docs/service-accounts-create
//   - topics, subscriptions: https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names
var kinds = map[Kind]rule{
	KindAddress:        {max: 63},
	KindAPI:            {max: 63},
	KindBackend:        {max: 63},
	KindBucket:         {max: 63, global: true},
	KindCertificate:    {max: 63},
	KindCluster:        {max: 40},
	KindDatabase:       {max: 59},
	KindFirestore:      {max: 55},
	KindFirewall:       {max: 63},
	KindKey:            {max: 63},
	KindKeyRing:        {max: 63},
	KindMetric:         {max: 100},
	KindNetwork:        {max: 63},
	KindNodePool:       {max: 39},
	KindRouter:         {max: 63},
	KindSecret:         {max: 255},
	KindServiceAccount: {max: 30},
	KindSubnet:         {max: 63},
	KindSubscription:   {max: 255},
	KindTopic:          {max: 255},
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
