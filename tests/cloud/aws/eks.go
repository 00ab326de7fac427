package aws

import (
	"cmp"
	"fmt"
	"time"

	"platform/tests/cloud"
)

const (
	clusterType   = "aws:eks/cluster:Cluster"
	nodeGroupType = "aws:eks/nodeGroup:NodeGroup"
	templateType  = "aws:ec2/launchTemplate:LaunchTemplate"

	scalingType = "autoscaling:group"
	machineType = "ec2:instance"
	volumeType  = "ec2:volume"
)

var eksHooks = map[string]cloud.Hook{
	clusterType:           {Created: clusterCreated, Deleted: clusterDeleted},
	nodeGroupType:         {Created: nodeGroupCreated, Deleted: takesOwned},
	"aws:eks/addon:Addon": {Created: addonCreated, Updated: addonUpdated},
	templateType:          {Updated: templateUpdated},
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
		// EKS tags the group by itself, and passes the cluster's own tags on to it.
		Tags: with(o.Tags, map[string]string{
			"Name": "eks-cluster-sg-" + o.ID, "aws:eks:cluster-name": o.ID, "kubernetes.io/cluster/" + o.ID: "owned",
		}),
	})
	config := o.Outputs["vpcConfig"].(map[string]any)
	config["clusterSecurityGroupId"], config["vpcId"] = group.ID, vpc
	for i, id := range o.List("vpcConfig.subnetIds") {
		if i < 2 { // two to four, in the given subnets
			mintInterface(t, o, "", id, []string{group.ID}, "eks", false)
		}
	}
	return nil
}

func clusterDeleted(t *cloud.Tx, o *cloud.Object) error {
	if groups := t.Find(nodeGroupType, func(g *cloud.Object) bool { return g.Str("clusterName") == o.ID }); len(groups) > 0 {
		return cloud.Refuse("ResourceInUseException", "cluster %s has nodegroups attached: %s", o.ID, groups[0])
	}
	for _, owned := range t.Owned(o.Key()) {
		switch owned.Type {
		case interfaceType:
			t.Linger(owned.Key(), interfacesLinger)
		default:
			t.Remove(owned.Key())
		}
	}
	// What lives inside the cluster goes with it.
	for _, typ := range []string{
		"aws:eks/accessEntry:AccessEntry", "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
		"aws:eks/addon:Addon", "aws:eks/podIdentityAssociation:PodIdentityAssociation",
	} {
		for _, inside := range t.Find(typ, func(i *cloud.Object) bool { return i.Str("clusterName") == o.ID }) {
			t.Remove(inside.Key())
		}
	}
	return nil
}

// nodeGroupCreated makes the scaling group, and for each node a machine, its disk and its network
// interface, tagged as the launch template says and not as the node group is
// (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html).
func nodeGroupCreated(t *cloud.Tx, o *cloud.Object) error {
	scaling := []float64{o.Num("scalingConfig.minSize"), o.Num("scalingConfig.desiredSize"), o.Num("scalingConfig.maxSize")}
	if scaling[0] > scaling[1] || scaling[1] > scaling[2] {
		return cloud.Refuse("InvalidParameterException", "minSize %v, desiredSize %v and maxSize %v must be in this order", scaling[0], scaling[1], scaling[2])
	}
	control := t.Get(clusterType, o.Str("clusterName"))
	if version := cmp.Or(o.Str("version"), control.Str("version")); version > control.Str("version") {
		return cloud.Refuse("InvalidParameterException", "nodes of %s cannot be newer than the control plane's %s", version, control.Str("version"))
	}
	template := t.Get(templateType, o.Str("launchTemplate.id"))
	name := o.Value("resources").([]any)[0].(map[string]any)["autoscalingGroups"].([]any)[0].(map[string]any)["name"].(string)
	group := t.Mint(cloud.Object{
		Type: scalingType, ID: name, Hidden: true, Owner: o.Key(), Props: map[string]any{"name": name},
		Tags: map[string]string{
			"eks:cluster-name": control.ID, "eks:nodegroup-name": o.Str("nodeGroupName"),
			"k8s.io/cluster-autoscaler/enabled": "true", "k8s.io/cluster-autoscaler/" + control.ID: "owned",
			"kubernetes.io/cluster/" + control.ID: "owned",
		},
	})
	subnets := o.List("subnetIds")
	for i := range int(scaling[1]) {
		machine := t.Mint(cloud.Object{
			Type: machineType, ID: t.ID("i"), Hidden: true, Owner: o.Key(), Tags: templateTags(template, "instance"),
			Props: map[string]any{"group": group.ID, "subnetId": subnets[i%len(subnets)]},
		})
		t.Mint(cloud.Object{
			Type: volumeType, ID: t.ID("vol"), Hidden: true, Owner: o.Key(), Tags: templateTags(template, "volume"),
			Props: map[string]any{"instance": machine.ID, "encrypted": encrypted(template)},
		})
		face := mintInterface(t, o, "", subnets[i%len(subnets)], []string{control.Str("vpcConfig.clusterSecurityGroupId")}, "interface", false)
		face.Tags = templateTags(template, "network-interface")
	}
	return nil
}

// templateTags are what a launch template puts on one kind of thing; nothing without a specification.
func templateTags(template *cloud.Object, kind string) map[string]string {
	out := map[string]string{}
	if template == nil {
		return out
	}
	specifications, _ := template.Value("tagSpecifications").([]any)
	for _, s := range specifications {
		specification, _ := s.(map[string]any)
		if specification["resourceType"] != kind {
			continue
		}
		tags, _ := specification["tags"].(map[string]any)
		for k, v := range tags {
			out[k] = fmt.Sprint(v)
		}
	}
	return out
}

func encrypted(template *cloud.Object) bool {
	if template == nil {
		return false
	}
	mappings, _ := template.Value("blockDeviceMappings").([]any)
	for _, m := range mappings {
		mapping, _ := m.(map[string]any)
		if disk, _ := mapping["ebs"].(map[string]any); disk["encrypted"] != "true" {
			return false
		}
	}
	return len(mappings) > 0
}

func templateUpdated(_ *cloud.Tx, old, o *cloud.Object) error {
	o.Outputs["latestVersion"] = old.Num("latestVersion") + 1
	return nil
}

// known are the add-ons that EKS offers and that the program may use, with what one needs: a node to
// become healthy on (https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html).
var known = map[string]struct{ needsNodes bool }{
	"vpc-cni": {}, "kube-proxy": {}, "eks-pod-identity-agent": {},
	"coredns": {needsNodes: true}, "aws-ebs-csi-driver": {needsNodes: true},
}

func addonCreated(t *cloud.Tx, o *cloud.Object) error {
	offered, ok := known[o.Str("addonName")]
	if !ok {
		return cloud.Refuse("InvalidParameterException", "addon %s is not supported", o.Str("addonName"))
	}
	nodes := t.Find(nodeGroupType, func(g *cloud.Object) bool { return g.Str("clusterName") == o.Str("clusterName") })
	if offered.needsNodes && len(nodes) == 0 {
		return cloud.Refuse("ResourceNotReady", "unexpected state 'DEGRADED' of addon %s: InsufficientNumberOfReplicas: there are no nodes",
			o.Str("addonName"))
	}
	return nil
}

func addonUpdated(t *cloud.Tx, _, o *cloud.Object) error { return addonCreated(t, o) }

func with(tags, more map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range []map[string]string{tags, more} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}
