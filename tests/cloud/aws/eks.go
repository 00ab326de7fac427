package aws

import (
	"strings"
	"time"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	clusterType     = "aws:eks/cluster:Cluster"
	addonType       = "aws:eks/addon:Addon"
	associationType = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
)

var eksHooks = map[string]cloud.Hook{
	clusterType:     {Created: clusterCreated, Updated: clusterUpdated, Deleted: clusterDeleted},
	addonType:       {Created: addonCreated, Updated: addonUpdated},
	associationType: {Created: associationCreated},
}

// interfacesLinger is how long EKS takes to remove its network interfaces when the cluster is gone
// (https://docs.aws.amazon.com/eks/latest/userguide/delete-cluster.html).
const interfacesLinger = 2 * time.Minute

// clusterCreated makes the cluster's security group and the interfaces by which the control plane
// reaches the nodes (https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html,
// https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html).
func clusterCreated(t *cloud.Tx, o *cloud.Object) error {
	if !o.Bool("vpcConfig.endpointPrivateAccess") && !o.Bool("vpcConfig.endpointPublicAccess") {
		return cloud.Refuse("InvalidParameterException", "private and public access to the endpoint cannot both be off")
	}
	zones, vpc := map[string]string{}, ""
	for _, id := range o.List("vpcConfig.subnetIds") {
		subnet := t.Get(subnetType, id)
		zones[subnet.Str("availabilityZone")], vpc = id, subnet.Str("vpcId")
	}
	if len(zones) < 2 {
		return cloud.Refuse("InvalidParameterException", "subnets of at least two zones are needed, given are %v", o.List("vpcConfig.subnetIds"))
	}
	group := t.Mint(cloud.Object{
		Type: groupType, ID: t.ID("sg"), Hidden: true, Owner: o.Key(),
		Holds: []cloud.Key{{Type: vpcType, ID: vpc}},
		Props: map[string]any{"vpcId": vpc},
		// EKS does not pass the cluster's own tags on to it (https://github.com/aws/containers-roadmap/issues/977).
		Tags: map[string]string{
			"Name": "eks-cluster-sg-" + o.ID, "aws:eks:cluster-name": o.ID, "kubernetes.io/cluster/" + o.ID: "owned",
		},
	})
	config := o.Outputs["vpcConfig"].(map[string]any)
	config["clusterSecurityGroupId"], config["vpcId"] = group.ID, vpc
	for i, id := range o.List("vpcConfig.subnetIds") {
		if i < 2 { // two to four, in the given subnets
			mintInterface(t, o, "", id, []string{group.ID}, "eks", false)
		}
	}
	logGroup(t, o)
	return nil
}

// logGroup: where there is no log group for the control plane's logs, EKS makes one: without a key, an
// end and tags, and it stays when the cluster goes
// (https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html).
func logGroup(t *cloud.Tx, o *cloud.Object) {
	name := "/aws/eks/" + o.ID + "/cluster"
	there := t.Find("aws:cloudwatch/logGroup:LogGroup", func(g *cloud.Object) bool { return g.Str("name") == name })
	if len(o.List("enabledClusterLogTypes")) > 0 && len(there) == 0 && t.Get("logs:log-group", name) == nil {
		t.Mint(cloud.Object{
			Type: "logs:log-group", ID: name, Hidden: true, Account: o.Account, Region: o.Region, Props: map[string]any{"name": name},
		})
	}
}

// clusterUpdated: the version goes up by one minor version at a time, and never down
// (https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html).
func clusterUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	logGroup(t, o)
	from, to := controller.Minor(old.Str("version")), controller.Minor(o.Str("version"))
	if from != to && to != from+1 {
		return cloud.Refuse("InvalidParameterException", "unsupported Kubernetes minor version update from %s to %s", old.Str("version"), o.Str("version"))
	}
	return nil
}

func clusterDeleted(t *cloud.Tx, o *cloud.Object) error {
	if groups := t.Find(nodeGroupType, func(g *cloud.Object) bool { return g.Str("clusterName") == o.ID }); len(groups) > 0 {
		return cloud.Refuse("ResourceInUseException", "cluster %s has nodegroups attached: %s", o.ID, groups[0])
	}
	controller.End(t, o.Key())
	permitted := mayCleanUp(t, o)
	for _, owned := range t.Owned(o.Key()) {
		switch {
		case !permitted: // it stays
		case owned.Type == interfaceType:
			t.Linger(owned.Key(), interfacesLinger)
		default:
			t.Remove(owned.Key())
		}
	}
	// A rule goes with its group, whoever made it.
	for _, rule := range t.Find(madeRuleType, func(r *cloud.Object) bool {
		return r.Str("securityGroupId") == o.Str("vpcConfig.clusterSecurityGroupId")
	}) {
		t.Remove(rule.Key())
	}
	// What is configured of the cluster goes with it.
	for _, typ := range []string{
		"aws:eks/accessEntry:AccessEntry", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
		addonType, associationType,
	} {
		for _, inside := range t.Find(typ, func(i *cloud.Object) bool { return i.Str("clusterName") == o.ID }) {
			t.Remove(inside.Key())
		}
	}
	return nil
}

// mayCleanUp says whether the cluster's role still lets EKS remove what it made for the cluster
// (https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/eks_cluster: the role's
// policies must go after the cluster).
func mayCleanUp(t *cloud.Tx, o *cloud.Object) bool {
	role := t.Lookup([]string{"aws:iam/role:Role"}, []string{"arn"}, o.Str("roleArn"))
	return role != nil && t.Count("aws:iam/rolePolicyAttachment:RolePolicyAttachment", func(a *cloud.Object) bool {
		return a.Str("role") == role.ID && strings.HasSuffix(a.Str("policyArn"), ":policy/AmazonEKSClusterPolicy")
	}) > 0
}
