package checks

import (
	"fmt"
	"slices"

	"platform/tests/cloud"
)

const anywhere = "0.0.0.0/0"

// Exposure finds what the internet can reach and must not.
func Exposure(objects []*cloud.Object) []Finding {
	var out []Finding
	guarded := map[string]bool{}
	for _, o := range objects {
		if o.Type == "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock" {
			closed := true
			for _, p := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
				closed = closed && o.Bool(p)
			}
			guarded[o.Str("bucket")] = closed
		}
	}
	for _, o := range objects {
		if o.Retained != "" {
			continue
		}
		add := func(want, got string) { out = append(out, Finding{"exposure", o.String(), want, got, see(o)}) }
		switch o.Type {
		case "aws:rds/instance:Instance":
			if o.Bool("publiclyAccessible") {
				add("a database without a public address", "publiclyAccessible")
			}
		case "aws:eks/cluster:Cluster":
			if o.Bool("vpcConfig.endpointPublicAccess") && (len(o.List("vpcConfig.publicAccessCidrs")) == 0 || slices.Contains(o.List("vpcConfig.publicAccessCidrs"), anywhere)) {
				add("an API that named ranges reach", "one that everyone reaches")
			}
		case "aws:lb/loadBalancer:LoadBalancer":
			if !o.Bool("internal") {
				add("an internal load balancer", "one with public addresses")
			}
		case "elb:load-balancer":
			if o.Str("scheme") != "internal" {
				add("an internal load balancer for "+o.Str("for"), "one with public addresses")
			}
		case "aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2":
			if !guarded[o.ID] {
				add("a complete public access block", "none")
			}
		case "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":
			rules, _ := o.Value("ingress").([]any)
			for _, r := range rules {
				rule, _ := r.(map[string]any)
				if slices.Contains(texts(rule["cidrBlocks"]), anywhere) {
					add("no way in from the internet", fmt.Sprintf("ports %v to %v open to %s", rule["fromPort"], rule["toPort"], anywhere))
				}
			}
		case "aws:ec2/securityGroupRule:SecurityGroupRule":
			if o.Str("type") == "ingress" && slices.Contains(o.List("cidrBlocks"), anywhere) {
				add("no way in from the internet", "a rule that is open to "+anywhere)
			}
		}
	}
	return out
}
