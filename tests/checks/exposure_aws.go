package checks

import (
	"fmt"
	"slices"

	"platform/tests/cloud"
)

var exposuresOnAWS = map[string]judgement{
	"aws:rds/instance:Instance": unless(func(o *cloud.Object) bool { return !o.Bool("publiclyAccessible") },
		"a database without a public address", "publiclyAccessible"),
	"aws:eks/cluster:Cluster": unless(func(o *cloud.Object) bool {
		return !o.Bool("vpcConfig.endpointPublicAccess") || named(o.List("vpcConfig.publicAccessCidrs"))
	}, "an API that named ranges reach", "one that everyone reaches"),
	"aws:lb/loadBalancer:LoadBalancer": unless(func(o *cloud.Object) bool { return o.Bool("internal") },
		"an internal load balancer", "one with public addresses"),
	"elb:load-balancer": unless(func(o *cloud.Object) bool { return o.Str("scheme") == "internal" || ofDoor(o) },
		"an internal load balancer for the Service or Ingress, or one of a door", "one with public addresses"),
	"aws:s3/bucket:Bucket":                              guarded,
	"aws:s3/bucketV2:BucketV2":                          guarded,
	"aws:ec2/securityGroup:SecurityGroup":               closedGroup,
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": closedGroup,
	"aws:ec2/securityGroupRule:SecurityGroupRule": unless(func(o *cloud.Object) bool {
		return o.Str("type") != "ingress" || !slices.Contains(o.List("cidrBlocks"), anywhere)
	}, "no way in from the internet", "a rule that is open to "+anywhere),
}

// guarded wants a bucket to have a block of all that could make it public.
func guarded(bucket *cloud.Object, all world) (want, got string) {
	for _, block := range all.of("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock") {
		if block.Str("bucket") != bucket.ID {
			continue
		}
		closed := true
		for _, p := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
			closed = closed && block.Bool(p)
		}
		if closed {
			return "", ""
		}
	}
	return "a complete public access block", "none"
}

func closedGroup(o *cloud.Object, _ world) (want, got string) {
	for _, rule := range objects(o.Value("ingress")) {
		if slices.Contains(texts(rule["cidrBlocks"]), anywhere) {
			return "no way in from the internet", fmt.Sprintf("ports %v to %v open to %s", rule["fromPort"], rule["toPort"], anywhere)
		}
	}
	return "", ""
}
