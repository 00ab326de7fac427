package aws

import (
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// balancerSubnets finds where a load balancer is to be: the subnets with the tag of their role or, without any,
// those that a route to the internet gateway makes public or its absence private; one in each zone, of
// several the first by id (https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/deploy/subnet_discovery.md).
func balancerSubnets(t *cloud.Tx, c controller.Cluster, internal bool) ([]*cloud.Object, error) {
	role := map[bool]string{true: "kubernetes.io/role/internal-elb", false: "kubernetes.io/role/elb"}[internal]
	var tagged, reached []*cloud.Object
	for _, subnet := range t.Find(subnetType, func(s *cloud.Object) bool { return s.Str("vpcId") == c.Str("vpcConfig.vpcId") }) {
		if foreign(subnet, c.ID) {
			continue
		}
		if v, ok := subnet.Tags[role]; ok && (v == "" || v == "1") {
			tagged = append(tagged, subnet)
		}
		if public(t, subnet) != internal {
			reached = append(reached, subnet)
		}
	}
	if len(tagged) == 0 {
		tagged = reached
	}
	slices.SortFunc(tagged, func(a, b *cloud.Object) int {
		return strings.Compare(a.Str("availabilityZone")+a.ID, b.Str("availabilityZone")+b.ID)
	})
	tagged = slices.CompactFunc(tagged, func(a, b *cloud.Object) bool { return a.Str("availabilityZone") == b.Str("availabilityZone") })
	if len(tagged) == 0 {
		return nil, controller.Pending("unable to resolve at least one subnet: none has the tag " + role)
	}
	return tagged, nil
}

// foreign says whether a subnet bears only the tags of other clusters.
func foreign(subnet *cloud.Object, control string) bool {
	const prefix = "kubernetes.io/cluster/"
	others := false
	for k := range subnet.Tags {
		if k == prefix+control {
			return false
		}
		others = others || strings.HasPrefix(k, prefix)
	}
	return others
}

func public(t *cloud.Tx, subnet *cloud.Object) bool {
	for _, a := range t.Find("aws:ec2/routeTableAssociation:RouteTableAssociation", func(a *cloud.Object) bool {
		return a.Str("subnetId") == subnet.ID
	}) {
		routes := t.Find("aws:ec2/route:Route", func(r *cloud.Object) bool {
			return r.Str("routeTableId") == a.Str("routeTableId") && strings.HasPrefix(r.Str("gatewayId"), "igw-")
		})
		if len(routes) > 0 {
			return true
		}
	}
	return false
}
