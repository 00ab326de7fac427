package aws

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

//go:embed charts.yaml
var chartsFile []byte

// controllers are those of EKS and of AWS's charts.
type controllers struct{}

// Controllers is what AWS does for the clusters of EKS.
func Controllers() controller.Cloud { return controllers{} }

func (controllers) ClusterType() string { return clusterType }

func (controllers) Charts() []byte { return chartsFile }

func (controllers) Cluster(t *cloud.Tx, server string) *cloud.Object {
	return t.Lookup([]string{clusterType}, []string{"endpoint"}, server)
}

// machine is what an instance type has.
type machine struct{ cpus, memoryGiB, pods int }

// machineOf reads an instance type of the general, compute and memory families of the fifth to eighth
// generation: the size says how many CPUs, the family how much memory each has
// (https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-specs.html), and both together how
// many pods have an address
// (https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/eni-max-pods.txt).
func machineOf(typ string) (machine, error) {
	family, size, _ := strings.Cut(typ, ".")
	perCPU := map[byte]int{'c': 2, 'm': 4, 'r': 8}[family[0]]
	of, ok := map[string]machine{
		"large": {cpus: 2, pods: 29}, "xlarge": {cpus: 4, pods: 58}, "2xlarge": {cpus: 8, pods: 58},
		"4xlarge": {cpus: 16, pods: 110}, "8xlarge": {cpus: 32, pods: 110},
	}[size]
	if perCPU == 0 || !ok {
		return machine{}, fmt.Errorf("instance type %q is not known: add it to tests/cloud/aws/controllers.go", typ)
	}
	of.memoryGiB = of.cpus * perCPU
	return of, nil
}

// free is what EKS leaves to pods of a node: it keeps a part of the memory for each pod that a node may
// have and for evictions, and a part of each core that shrinks with their number
// (https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go).
func (m machine) free() (milliCPU, memoryMiB int) {
	const perPod, fixed, eviction = 11, 255, 100
	kept := 0.0
	for core := range m.cpus {
		switch {
		case core == 0:
			kept += 60
		case core == 1:
			kept += 10
		case core < 4:
			kept += 5
		default:
			kept += 2.5
		}
	}
	return m.cpus*1000 - int(kept), m.memoryGiB<<10 - perPod*m.pods - fixed - eviction
}

var taintEffects = map[string]string{"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute"}

// Pools are the node groups.
func (controllers) Pools(t *cloud.Tx, c controller.Cluster) ([]controller.Pool, error) {
	var out []controller.Pool
	for _, group := range nodeGroups(t, c) {
		types := group.List("instanceTypes")
		if len(types) == 0 {
			return nil, fmt.Errorf("%s names no instance type", group)
		}
		of, err := machineOf(types[0])
		if err != nil {
			return nil, err
		}
		pool := controller.Pool{
			Name: group.Str("nodeGroupName"), Min: int(group.Num("scalingConfig.minSize")), Max: int(group.Num("scalingConfig.maxSize")),
			Size: len(machines(t, group)), Pods: of.pods, Labels: map[string]string{},
		}
		pool.MilliCPU, pool.MemoryMiB = of.free()
		labels, _ := group.Inputs["labels"].(map[string]any)
		for k, v := range labels {
			pool.Labels[k] = fmt.Sprint(v)
		}
		taints, _ := group.Inputs["taints"].([]any)
		for _, e := range taints {
			taint, _ := e.(map[string]any)
			if effect, keeps := taintEffects[fmt.Sprint(taint["effect"])]; keeps {
				value, _ := taint["value"].(string)
				pool.Taints = append(pool.Taints, controller.Taint{Key: fmt.Sprint(taint["key"]), Value: value, Effect: effect})
			}
		}
		out = append(out, pool)
	}
	slices.SortFunc(out, func(a, b controller.Pool) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func nodeGroups(t *cloud.Tx, c controller.Cluster) []*cloud.Object {
	return t.Find(nodeGroupType, func(g *cloud.Object) bool { return g.Str("clusterName") == c.ID })
}

func machines(t *cloud.Tx, group *cloud.Object) []*cloud.Object {
	return slices.DeleteFunc(t.Owned(group.Key()), func(o *cloud.Object) bool { return o.Type != machineType })
}

// Scale starts machines or ends the youngest, with what was made for them. The group's desired size, as the
// program set it, is left alone: programs ignore its changes.
func (controllers) Scale(t *cloud.Tx, c controller.Cluster, pool string, size int) error {
	for _, group := range nodeGroups(t, c) {
		if group.Str("nodeGroupName") != pool {
			continue
		}
		there := machines(t, group)
		for n := len(there); n < size; n++ {
			mintNode(t, group, n)
		}
		for n := len(there); n > size; n-- {
			for _, part := range t.Owned(group.Key()) {
				if part.Seq >= there[n-1].Seq {
					t.Remove(part.Key())
				}
			}
		}
	}
	return nil
}

func running(t *cloud.Tx, c controller.Cluster) bool {
	return slices.ContainsFunc(nodeGroups(t, c), func(g *cloud.Object) bool { return len(machines(t, g)) > 0 })
}

// identified says whether pods with a service account have a role: by an association and the agent that
// hands it out, or by an annotation of the account
// (https://docs.aws.amazon.com/eks/latest/userguide/service-accounts.html).
func identified(t *cloud.Tx, c controller.Cluster, namespace, account string, annotations map[string]any) bool {
	if annotations["eks.amazonaws.com/role-arn"] != nil {
		return true
	}
	agent := t.Get(addonType, c.ID+":eks-pod-identity-agent") != nil
	return agent && len(t.Find(associationType, func(a *cloud.Object) bool {
		return a.Str("clusterName") == c.ID && a.Str("namespace") == namespace && a.Str("serviceAccount") == account
	})) > 0
}

// Finalizes says which controllers live: that of EKS itself runs beside the API server and needs no
// nodes, AWS's own load balancer controller runs on them.
func (controllers) Finalizes(t *cloud.Tx, c controller.Cluster, finalizer string) bool {
	switch finalizer {
	case inTreeFinalizer:
		return true
	case serviceFinalizer, ingressFinalizer:
		return absent(t, c) == nil
	}
	return false
}

// Expose lets the controller work whose turn it is.
func (controllers) Expose(t *cloud.Tx, c controller.Cluster, e controller.Exposed) (controller.Exposure, error) {
	if err := knownAnnotations(e); err != nil {
		return controller.Exposure{}, err
	}
	b, err := balancerOf(t, c, e)
	if err != nil {
		return controller.Exposure{}, err
	}
	return b.mint()
}

// Withdraw removes a load balancer and all that belongs to it.
func (controllers) Withdraw(t *cloud.Tx, c controller.Cluster, e controller.Exposed) error {
	for _, owned := range t.Owned(e.Key) {
		if err := takesOwned(t, owned); err != nil {
			return err
		}
		t.Remove(owned.Key())
	}
	return releaseBackendGroup(t, c)
}

// Provision makes the volume of a claim.
func (controllers) Provision(t *cloud.Tx, c controller.Cluster, claim controller.Claim) (cloud.Key, error) {
	if claim.Provisioner != diskProvisioner {
		return cloud.Key{}, controller.ErrNotMine
	}
	if err := diskDriver(t, c); err != nil {
		return cloud.Key{}, err
	}
	return mintVolume(t, c, claim)
}

// Reclaim removes a volume.
func (controllers) Reclaim(t *cloud.Tx, c controller.Cluster, provisioner string, disk cloud.Key) error {
	if provisioner != diskProvisioner {
		return controller.Pending("its driver " + provisioner + " is gone")
	}
	if err := diskDriver(t, c); err != nil {
		return err
	}
	t.Remove(disk)
	return nil
}

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

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0 // a port that an Ingress calls by name
	}
	return n
}

var errNotModelled = errors.New("the simulated AWS does not know it: add it in tests/cloud/aws")
