// Package checks judges what exists in the simulated clouds. Each check is a pure function, so that a
// test can show that it finds the mistake it is for.
package checks

import (
	"fmt"
	"strings"

	"platform/tests/cloud"
)

// Finding is something that is not as it must be.
type Finding struct {
	Check, Object, Want, Got string
	See                      string // the file to look at
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: expected %s, found %s; look at %s", f.Check, f.Object, f.Want, f.Got, f.See)
}

// All runs every check of what was built.
func All(objects []*cloud.Object, taggable func(typ string) bool) []Finding {
	var out []Finding
	out = append(out, Tags(objects, taggable)...)
	out = append(out, Admission(objects)...)
	out = append(out, Exposure(objects)...)
	out = append(out, Encryption(objects)...)
	out = append(out, DeadLetters(objects)...)
	out = append(out, Scaling(objects)...)
	out = append(out, Mesh(objects)...)
	out = append(out, Doors(objects)...)
	return append(out, Waiting(objects)...)
}

// sources are the files that decide about a type, by the cloud and the service in its token.
var sources = map[string]string{
	"aws:ec2": "network.go, cluster_pools.go", "aws:eks": "cluster.go", "aws:sqs": "queue.go", "aws:sns": "queue.go", "aws:rds": "database.go",
	"aws:dynamodb": "documents.go", "aws:kms": "key.go", "aws:iam": "identity.go", "aws:secretsmanager": "secret.go",
	"aws:cloudwatch": "alarms.go", "aws:s3": "gateway_domain.go, trail_bucket.go, objects.go", "aws:cloudtrail": "trail.go", "aws:guardduty": "trail.go", "aws:apigatewayv2": "gateway.go", "aws:lb": "gateway_ingress.go",

	"azure-native:network": "network.go, network_rules.go", "azure-native:containerservice": "cluster.go", "azure-native:compute": "cluster_disks.go",
	"azure-native:servicebus": "queue.go", "azure-native:dbforpostgresql": "database.go", "azure-native:documentdb": "documents.go",
	"azure-native:keyvault": "vault.go, secret.go", "azure-native:storage": "network_flowlogs.go, trail_store.go, objects.go", "azure-native:security": "trail.go", "azure-native:authorization": "role.go",
	"azure-native:managedidentity": "identity.go", "azure-native:apimanagement": "gateway.go", "azure-native:insights": "alarms.go",
	"azure-native:resources": "foundation.go", "azure-native:operationalinsights": "foundation.go",

	"gcp:compute": "network.go, gateway_balancer.go", "gcp:container": "cluster.go", "gcp:pubsub": "queue.go", "gcp:sql": "database.go",
	"gcp:firestore": "documents.go", "gcp:secretmanager": "secret.go", "gcp:kms": "key.go", "gcp:projects": "identity_grants.go",
	"gcp:serviceaccount": "identity.go", "gcp:apigateway": "gateway.go", "gcp:certificatemanager": "gateway_domain.go",
	"gcp:monitoring": "alarms.go", "gcp:logging": "network_flowlogs.go, cluster_logs.go, trail.go", "gcp:dns": "gateway_domain.go",
	"gcp:storage": "objects.go",
}

// folders are those of the drivers, by the package in a token. What a cloud makes by itself has none.
var folders = map[string]string{
	"aws": "components/aws", "azure-native": "components/azure", "gcp": "components/gcp", "kubernetes": "components/kubernetes",
	"ec2": "components/aws/cluster_pools.go", "elb": "components/aws",
}

// see is where to look for what decides about an object.
func see(o *cloud.Object) string {
	name, rest, _ := strings.Cut(o.Type, ":")
	folder, ok := folders[name]
	if !ok {
		return "the component that it was made for"
	}
	service, _, _ := strings.Cut(strings.NewReplacer(":", "/").Replace(rest), "/")
	var files []string
	for _, file := range strings.Split(sources[name+":"+service], ", ") {
		files = append(files, strings.TrimSuffix(folder+"/"+file, "/"))
	}
	return strings.Join(files, ", ")
}
