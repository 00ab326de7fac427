package aws

import (
	"cmp"
	"fmt"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	nodeGroupType = "aws:eks/nodeGroup:NodeGroup"
	templateType  = "aws:ec2/launchTemplate:LaunchTemplate"

	scalingType = "autoscaling:group"
	machineType = "ec2:instance"
	volumeType  = "ec2:volume"
)

// computeHooks are those of what runs pods, and of tags put on what AWS made by itself.
var computeHooks = map[string]cloud.Hook{
	nodeGroupType:             {Created: nodeGroupCreated, Updated: nodeGroupUpdated, Deleted: takesOwned},
	templateType:              {Updated: templateUpdated},
	"aws:autoscaling/tag:Tag": tagging([]string{scalingType}, "autoscalingGroupName", "tag.key", "tag.value"),
	"aws:ec2/tag:Tag":         tagging([]string{groupType, "aws:ec2/securityGroup:SecurityGroup"}, "resourceId", "key", "value"),
}

// nodeGroupCreated makes the scaling group and its nodes
// (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html). EKS tags the group for an
// autoscaler, and does not pass the node group's own tags on to it
// (https://github.com/aws/containers-roadmap/issues/608).
func nodeGroupCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := nodeGroupValid(t, o); err != nil {
		return err
	}
	control := o.Str("clusterName")
	holds := []cloud.Key{}
	for _, subnet := range o.List("subnetIds") {
		holds = append(holds, cloud.Key{Type: subnetType, ID: subnet})
	}
	if template := o.Str("launchTemplate.id"); template != "" {
		holds = append(holds, cloud.Key{Type: templateType, ID: template})
	}
	name := o.Str("resources.0.autoscalingGroups.0.name")
	t.Mint(cloud.Object{
		Type: scalingType, ID: name, Hidden: true, Owner: o.Key(), Holds: holds, Props: map[string]any{"name": name},
		Tags: map[string]string{
			"eks:cluster-name": control, "eks:nodegroup-name": o.Str("nodeGroupName"),
			"k8s.io/cluster-autoscaler/enabled": "true", "k8s.io/cluster-autoscaler/" + control: "owned",
			"kubernetes.io/cluster/" + control: "owned",
		},
	})
	mintNodes(t, o, int(o.Num("scalingConfig.desiredSize")))
	return nil
}

// nodeGroupUpdated replaces the nodes when they would be others, and else only counts them
// (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html).
func nodeGroupUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if err := nodeGroupValid(t, o); err != nil {
		return err
	}
	same := true
	for _, property := range []string{"version", "releaseVersion", "launchTemplate.version", "scalingConfig.desiredSize"} {
		same = same && old.Value(property) == o.Value(property)
	}
	if same {
		return nil
	}
	for _, owned := range t.Owned(o.Key()) {
		if owned.Type != scalingType {
			t.Remove(owned.Key())
		}
	}
	mintNodes(t, o, int(o.Num("scalingConfig.desiredSize")))
	return nil
}

func nodeGroupValid(t *cloud.Tx, o *cloud.Object) error {
	least, wanted, most := o.Num("scalingConfig.minSize"), o.Num("scalingConfig.desiredSize"), o.Num("scalingConfig.maxSize")
	if least > wanted || wanted > most {
		return cloud.Refuse("InvalidParameterException", "minSize %v, desiredSize %v and maxSize %v must be in this order", least, wanted, most)
	}
	control := t.Get(clusterType, o.Str("clusterName"))
	if version := cmp.Or(o.Str("version"), control.Str("version")); controller.Minor(version) > controller.Minor(control.Str("version")) {
		return cloud.Refuse("InvalidParameterException", "nodes of %s cannot be newer than the control plane's %s", version, control.Str("version"))
	}
	return nil
}

func mintNodes(t *cloud.Tx, o *cloud.Object, count int) {
	for n := range count {
		mintNode(t, o, n)
	}
}

// mintNode makes a machine, its disk and its network interface, tagged as the launch template says and
// not as the node group is. The nth node is in the nth subnet.
func mintNode(t *cloud.Tx, o *cloud.Object, n int) {
	template, control := t.Get(templateType, o.Str("launchTemplate.id")), t.Get(clusterType, o.Str("clusterName"))
	subnets := o.List("subnetIds")
	subnet := subnets[n%len(subnets)]
	machine := t.Mint(cloud.Object{
		Type: machineType, ID: t.ID("i"), Hidden: true, Owner: o.Key(), Tags: templateTags(template, "instance"),
		Props: map[string]any{"group": o.Str("resources.0.autoscalingGroups.0.name"), "subnetId": subnet},
	})
	t.Mint(cloud.Object{
		Type: volumeType, ID: t.ID("vol"), Hidden: true, Owner: o.Key(), Tags: templateTags(template, "volume"),
		Props: map[string]any{"instance": machine.ID, "encrypted": encrypted(template)},
	})
	face := mintInterface(t, o, "", subnet, []string{control.Str("vpcConfig.clusterSecurityGroupId")}, "interface", false)
	face.Tags = templateTags(template, "network-interface")
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

// tagging puts one tag on an object of one of the types, and takes it off again. A tag that is there
// already is overwritten (https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateOrUpdateTags.html,
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html).
func tagging(types []string, target, key, value string) cloud.Hook {
	put := func(t *cloud.Tx, o *cloud.Object) error {
		if on := t.Lookup(types, []string{"id"}, o.Str(target)); on != nil {
			on.Tags = with(on.Tags, map[string]string{o.Str(key): o.Str(value)})
		}
		return nil
	}
	return cloud.Hook{
		Created: put,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return put(t, o) },
		Deleted: func(t *cloud.Tx, o *cloud.Object) error {
			if on := t.Lookup(types, []string{"id"}, o.Str(target)); on != nil {
				on.Tags = with(on.Tags, nil)
				delete(on.Tags, o.Str(key))
			}
			return nil
		},
	}
}

func with(tags, more map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range []map[string]string{tags, more} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}
