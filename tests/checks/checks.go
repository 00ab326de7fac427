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
	return append(out, Waiting(objects)...)
}

// sources are the files that decide about a type, by the service in its token.
var sources = map[string]string{
	"ec2": "components/aws/network.go, components/aws/cluster_pools.go", "eks": "components/aws/cluster.go",
	"sqs": "components/aws/queue.go", "sns": "components/aws/queue.go", "rds": "components/aws/database.go",
	"dynamodb": "components/aws/documents.go", "kms": "components/aws/key.go", "iam": "components/aws/identity.go",
	"secretsmanager": "components/aws/secret.go", "cloudwatch": "components/aws/alarms.go", "s3": "components/aws/gateway.go",
	"apigatewayv2": "components/aws/gateway.go", "lb": "components/aws/gateway.go", "kubernetes": "components/kubernetes",
}

// see is where to look for what decides about an object.
func see(o *cloud.Object) string {
	service := strings.TrimPrefix(o.Type, "aws:")
	service = service[:strings.IndexAny(service+"/:", "/:")]
	if file, ok := sources[service]; ok {
		return file
	}
	return "components/aws"
}
