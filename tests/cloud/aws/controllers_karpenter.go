package aws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	provisionerChart = "karpenter"
	nodePoolType     = "kubernetes:karpenter.sh/v1:NodePool"
	nodeClassType    = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
	madeTemplateType = "ec2:launch-template"
	profileType      = "aws:iam/instanceProfile:InstanceProfile"
)

// The finalizers that Karpenter sets on what it looks after
// (https://github.com/aws/karpenter-provider-aws/blob/v1.14.1/pkg/apis/v1/labels.go,
// https://github.com/kubernetes-sigs/karpenter/blob/v1.14.0/pkg/apis/v1/labels.go).
const (
	classFinalizer = "karpenter.k8s.aws/termination"
	claimFinalizer = "karpenter.sh/termination"
)

// idle says why Karpenter makes and ends nothing; nil if it works.
func idle(t *cloud.Tx, c controller.Cluster) error {
	r := c.Release(provisionerChart)
	if r == nil {
		return controller.Pending("the chart " + provisionerChart + " is not installed")
	}
	if !running(t, c) {
		return controller.Pending("no node runs the pods of " + provisionerChart)
	}
	account, _ := r.Values["serviceAccount"].(map[string]any)
	name, _ := account["name"].(string)
	role := roleOf(t, c, r.Namespace, name)
	if role == nil {
		return controller.Pending(fmt.Sprintf("the account %s/%s of %s has no role: AccessDenied", r.Namespace, name, provisionerChart))
	}
	for _, action := range []string{"ec2:CreateFleet", "ec2:TerminateInstances"} {
		if !permits(t, role, action) {
			return controller.Pending(fmt.Sprintf("the role %s of %s may not %s: UnauthorizedOperation", role.ID, provisionerChart, action))
		}
	}
	return nil
}

// roleOf is the role that the pods of an account get from the agent; nil if there is none.
func roleOf(t *cloud.Tx, c controller.Cluster, namespace, account string) *cloud.Object {
	if t.Get(addonType, c.ID+":eks-pod-identity-agent") == nil {
		return nil
	}
	for _, a := range t.Find(associationType, func(a *cloud.Object) bool {
		return a.Str("clusterName") == c.ID && a.Str("namespace") == namespace && a.Str("serviceAccount") == account
	}) {
		return t.Lookup([]string{"aws:iam/role:Role"}, []string{"arn"}, a.Str("roleArn"))
	}
	return nil
}

// permits says whether a policy of the role's own names an action.
func permits(t *cloud.Tx, role *cloud.Object, action string) bool {
	return t.Count("aws:iam/rolePolicy:RolePolicy", func(p *cloud.Object) bool {
		return p.Str("role") == role.ID && strings.Contains(p.Str("policy"), `"`+action+`"`)
	}) > 0
}

func nodePools(t *cloud.Tx, c controller.Cluster) []*cloud.Object {
	return t.Find(nodePoolType, func(o *cloud.Object) bool { return strings.HasPrefix(o.ID, c.ID+"/") })
}

// classOf is what a pool's nodes are made of, or why none can be made yet
// (https://karpenter.sh/docs/concepts/nodeclasses/#status-conditions).
func classOf(t *cloud.Tx, c controller.Cluster, pool *cloud.Object) (*cloud.Object, error) {
	name := pool.Str("spec.template.spec.nodeClassRef.name")
	class := t.Get(nodeClassType, c.ID+"/"+name)
	switch {
	case class == nil || class.Bool("terminating"):
		return nil, controller.Pending("EC2NodeClass " + name + " is not there")
	case t.Lookup([]string{profileType}, []string{"name"}, class.Str("spec.instanceProfile")) == nil:
		return nil, controller.Pending("EC2NodeClass " + name + ": InstanceProfileNotFound: " + class.Str("spec.instanceProfile"))
	}
	for _, s := range selected(class, "spec.subnetSelectorTerms") {
		if t.Get(subnetType, s) == nil {
			return nil, controller.Pending("EC2NodeClass " + name + ": SubnetsNotFound: " + s)
		}
	}
	if len(selected(class, "spec.subnetSelectorTerms")) == 0 || len(selected(class, "spec.securityGroupSelectorTerms")) == 0 {
		return nil, controller.Pending("EC2NodeClass " + name + " selects no subnet or no security group")
	}
	return class, nil
}

// selected are the ids that selector terms name.
func selected(class *cloud.Object, path string) []string {
	var out []string
	terms, _ := class.Value(path).([]any)
	for _, term := range terms {
		m, _ := term.(map[string]any)
		if id, _ := m["id"].(string); id != "" {
			out = append(out, id)
		}
	}
	return out
}

// required are the values of a pool's requirement.
func required(pool *cloud.Object, key string) []string {
	requirements, _ := pool.Value("spec.template.spec.requirements").([]any)
	for _, r := range requirements {
		m, _ := r.(map[string]any)
		if m["key"] != key || m["operator"] != "In" {
			continue
		}
		var out []string
		values, _ := m["values"].([]any)
		for _, v := range values {
			out = append(out, fmt.Sprint(v))
		}
		return out
	}
	return nil
}

// provisionedPools are those whose nodes Karpenter makes, as many as its limit of cores allows.
func provisionedPools(t *cloud.Tx, c controller.Cluster) ([]controller.Pool, error) {
	var out []controller.Pool
	works := idle(t, c) == nil
	for _, o := range nodePools(t, c) {
		types := required(o, "node.kubernetes.io/instance-type")
		if len(types) == 0 {
			return nil, fmt.Errorf("%s names no instance type: %w", o, errNotModelled)
		}
		of, err := machineOf(types[0])
		if err != nil {
			return nil, err
		}
		most, err := strconv.Atoi(o.Str("spec.limits.cpu"))
		if err != nil {
			return nil, fmt.Errorf("%s: a limit of %q cores: %w", o, o.Str("spec.limits.cpu"), errNotModelled)
		}
		_, unready := classOf(t, c, o)
		pool := controller.Pool{
			Name: nodePoolName(o), Max: most / of.cpus, Size: len(machines(t, o)), Pods: of.pods, Labels: map[string]string{},
			Scales: works && unready == nil && !o.Bool("terminating"),
		}
		pool.MilliCPU, pool.MemoryMiB = of.free()
		labels, _ := o.Value("spec.template.metadata.labels").(map[string]any)
		for k, v := range labels {
			pool.Labels[k] = fmt.Sprint(v)
		}
		taints, _ := o.Value("spec.template.spec.taints").([]any)
		for _, e := range taints {
			taint, _ := e.(map[string]any)
			value, _ := taint["value"].(string)
			pool.Taints = append(pool.Taints, controller.Taint{Key: fmt.Sprint(taint["key"]), Value: value, Effect: fmt.Sprint(taint["effect"])})
		}
		out = append(out, pool)
	}
	return out, nil
}

func nodePoolName(o *cloud.Object) string { return o.ID[strings.LastIndex(o.ID, "/")+1:] }

// mintProvisioned makes a machine, its disk and its network interface, and once for each class the launch template. Each
// bears the tags of the class, and Karpenter's own (https://karpenter.sh/docs/concepts/nodeclasses/#spectags).
func mintProvisioned(t *cloud.Tx, c controller.Cluster, pool *cloud.Object, n int) error {
	class, err := classOf(t, c, pool)
	if err != nil {
		return err
	}
	tags := map[string]string{
		"karpenter.sh/nodepool": nodePoolName(pool), "karpenter.k8s.aws/ec2nodeclass": nodePoolName(class),
		"kubernetes.io/cluster/" + c.ID: "owned", "eks:eks-cluster-name": c.ID,
	}
	given, _ := class.Value("spec.tags").(map[string]any)
	for k, v := range given {
		tags[k] = fmt.Sprint(v)
	}
	if len(t.Owned(class.Key())) == 0 {
		t.Mint(cloud.Object{Type: madeTemplateType, ID: t.ID("lt"), Hidden: true, Owner: class.Key(), Tags: tags, Props: map[string]any{}})
	}
	subnets := selected(class, "spec.subnetSelectorTerms")
	subnet := subnets[n%len(subnets)]
	machine := t.Mint(cloud.Object{
		Type: machineType, ID: t.ID("i"), Hidden: true, Owner: pool.Key(), Tags: tags,
		Props: map[string]any{"nodepool": nodePoolName(pool), "subnetId": subnet},
	})
	t.Mint(cloud.Object{
		Type: volumeType, ID: t.ID("vol"), Hidden: true, Owner: pool.Key(), Tags: tags,
		Props: map[string]any{"instance": machine.ID, "encrypted": disksEncrypted(class)},
	})
	card := mintInterface(t, pool, "", subnet, selected(class, "spec.securityGroupSelectorTerms"), "interface", false)
	card.Tags, card.Props["instance"] = tags, machine.ID
	return nil
}

func disksEncrypted(class *cloud.Object) bool {
	mappings, _ := class.Value("spec.blockDeviceMappings").([]any)
	return len(mappings) > 0 && !slices.ContainsFunc(mappings, func(m any) bool {
		mapping, _ := m.(map[string]any)
		disk, _ := mapping["ebs"].(map[string]any)
		return disk["encrypted"] != true
	})
}

// Retire ends the machines of a pool that goes, which its deletion in the foreground waits for, and lets go of what they
// were made of once none is left. If Karpenter is gone nobody does: the machines stay
// (https://karpenter.sh/docs/concepts/disruption/#termination-controller).
func (controllers) Retire(t *cloud.Tx, c controller.Cluster, o *cloud.Object) error {
	switch o.Type {
	case nodePoolType:
		left := len(machines(t, o))
		if left == 0 {
			return nil
		}
		if why := idle(t, c); why != nil {
			return controller.Pending(fmt.Sprintf("foregroundDeletion: %d NodeClaims keep %s: %v", left, claimFinalizer, why))
		}
	case nodeClassType:
		if why := idle(t, c); why != nil {
			return controller.Pending(fmt.Sprintf("%s: %v", classFinalizer, why))
		}
		for _, pool := range nodePools(t, c) {
			if pool.Str("spec.template.spec.nodeClassRef.name") == nodePoolName(o) && len(machines(t, pool)) > 0 {
				return controller.Pending(fmt.Sprintf("%s: waiting on the termination of the NodeClaims of %s", classFinalizer, nodePoolName(pool)))
			}
		}
	default:
		return nil
	}
	for _, owned := range t.Owned(o.Key()) {
		t.Remove(owned.Key())
	}
	return nil
}
