package aws_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/aws"
	"platform/tests/cloud/controller"
	"platform/tests/cloud/trial"
)

type values = map[string]any

const (
	clusterType = "aws:eks/cluster:Cluster"
	groupType   = "aws:eks/nodeGroup:NodeGroup"
	addonType   = "aws:eks/addon:Addon"
	serviceType = "kubernetes:core/v1:Service"
)

// clusterWorld is a cluster with a pool of two nodes in a network, and what is inside it.
type clusterWorld struct {
	*world
	*trial.Cluster
	vpc, control, nodes   *cloud.Object
	policy                *cloud.Object
	private, publicSubnet []string
}

func newClusterWorld(t *testing.T) *clusterWorld {
	t.Helper()
	w := &clusterWorld{world: newWorld(t)}
	w.vpc = w.Have("aws:ec2/vpc:Vpc", values{"cidrBlock": "10.0.0.0/16"})
	w.Have("aws:ec2/internetGateway:InternetGateway", values{"vpcId": w.vpc.ID})
	for n, zone := range []string{"eu-central-1a", "eu-central-1b"} {
		w.private = append(w.private, w.Have("aws:ec2/subnet:Subnet", values{
			"vpcId": w.vpc.ID, "cidrBlock": fmt.Sprintf("10.0.%d.0/24", n), "availabilityZone": zone,
			"tags": values{"kubernetes.io/role/internal-elb": "1"},
		}).ID)
		w.publicSubnet = append(w.publicSubnet, w.Have("aws:ec2/subnet:Subnet", values{
			"vpcId": w.vpc.ID, "cidrBlock": fmt.Sprintf("10.0.%d.0/24", 10+n), "availabilityZone": zone,
			"tags": values{"kubernetes.io/role/elb": "1"},
		}).ID)
	}
	role := w.role("control-plane", "eks.amazonaws.com")
	w.policy = w.Have("aws:iam/rolePolicyAttachment:RolePolicyAttachment", values{
		"role": role.ID, "policyArn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
	})
	w.control = w.Have(clusterType, values{
		"name": "dev", "roleArn": role.Str("arn"), "version": "1.33",
		"vpcConfig": values{"subnetIds": []any{w.private[0], w.private[1]}, "endpointPrivateAccess": true},
	})
	template := w.Have("aws:ec2/launchTemplate:LaunchTemplate", values{
		"name": "nodes", "metadataOptions": values{"httpPutResponseHopLimit": 2.0},
		"tagSpecifications": []any{values{"resourceType": "instance", "tags": values{"team": "platform"}}},
	})
	w.nodes = w.Have(groupType, values{
		"clusterName": "dev", "nodeGroupName": "general", "nodeRoleArn": w.role("nodes", "ec2.amazonaws.com").Str("arn"),
		"subnetIds": []any{w.private[0], w.private[1]}, "instanceTypes": []any{"m7i.large"},
		"scalingConfig":  values{"minSize": 2.0, "desiredSize": 2.0, "maxSize": 4.0},
		"launchTemplate": values{"id": template.ID, "version": "1"},
	})
	w.Have(addonType, values{"clusterName": "dev", "addonName": "eks-pod-identity-agent"})
	w.Cluster = w.Enter(aws.Controllers(), w.control.Str("endpoint"))
	return w
}

// controller installs AWS's load balancer controller with what it needs.
func (w *clusterWorld) controller() *cloud.Object {
	w.T.Helper()
	w.Have("aws:eks/podIdentityAssociation:PodIdentityAssociation", values{
		"clusterName": "dev", "namespace": "kube-system", "serviceAccount": "aws-load-balancer-controller",
		"roleArn": w.role("balancers", "pods.eks.amazonaws.com").Str("arn"),
	})
	return w.Inside("kubernetes:helm.sh/v3:Release", values{
		"name": "aws-load-balancer-controller", "chart": "aws-load-balancer-controller", "namespace": "kube-system", "version": "3.5.0",
		"values": values{"clusterName": "dev", "region": "eu-central-1", "vpcId": w.vpc.ID, "defaultTags": values{"team": "platform"}},
	})
}

func service(annotations values) values {
	return values{
		"metadata": values{"name": "front-door", "namespace": "shop", "annotations": annotations},
		"spec":     values{"type": "LoadBalancer", "ports": []any{values{"port": 443.0, "nodePort": 30443.0}}},
	}
}

// made lists what the cloud made by itself of a type for an object or what it owns, in order.
func (w *clusterWorld) hidden(typ string) (out []*cloud.Object) {
	for _, o := range w.All(typ) {
		if o.Hidden && !o.Bool("default") && o.Lingers == 0 {
			out = append(out, o)
		}
	}
	return out
}

// faces are the interfaces of a load balancer: their subnets and whether they are public.
func (w *clusterWorld) faces(lb *cloud.Object) (out []string) {
	for _, i := range w.All("ec2:network-interface") {
		if i.Owner == lb.Key() {
			out = append(out, fmt.Sprintf("%s public=%v", i.Str("subnetId"), i.Bool("public")))
		}
	}
	slices.Sort(out)
	return out
}

func TestTheLoadBalancerControllerMakesANetworkLoadBalancer(t *testing.T) {
	w := newClusterWorld(t)
	w.controller()
	made := w.Inside(serviceType, service(values{
		"service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags": "cost-centre=1000, service=shop",
	}))
	balancers := w.hidden("elb:load-balancer")
	if len(balancers) != 1 {
		t.Fatalf("load balancers: %v", balancers)
	}
	lb := balancers[0]
	if !strings.HasPrefix(lb.Str("name"), "k8s-shop-frontdoo-") || len(lb.Str("name")) != 28 {
		t.Errorf("its name is %q", lb.Str("name"))
	}
	w.Want("type and scheme", lb.Str("type")+" "+lb.Str("scheme"), "network internal")
	w.Want("tags", lb.Tags, map[string]string{
		"cost-centre": "1000", "elbv2.k8s.aws/cluster": "dev", "service": "shop", "service.k8s.aws/resource": "LoadBalancer",
		"service.k8s.aws/stack": "shop/front-door", "team": "platform",
	})
	internal := []string{w.private[0] + " public=false", w.private[1] + " public=false"}
	slices.Sort(internal)
	w.Want("interfaces", w.faces(lb), internal)
	w.Want("hostname", made.Str("status.loadBalancer.ingress.0.hostname"), lb.Str("dnsName"))
	w.Want("target group", w.hidden("elb:target-group")[0].Tags["service.k8s.aws/resource"], "shop/front-door:443")
	w.Want("listener", w.hidden("elb:listener")[0].Num("port"), 443)
	groups := map[string]string{}
	for _, g := range w.hidden("ec2:security-group") {
		groups[g.Tags["service.k8s.aws/resource"]+g.Tags["elbv2.k8s.aws/resource"]] = g.ID
	}
	rule := w.hidden("ec2:security-group-rule")[0]
	w.Want("rule", []any{rule.Str("securityGroupId"), rule.Str("sourceSecurityGroupId"), rule.Num("port"), rule.Str("description")},
		[]any{w.control.Str("vpcConfig.clusterSecurityGroupId"), groups["backend-sg"], 30443, "elbv2.k8s.aws/targetGroupBinding=shared"})
	if groups["ManagedLBSecurityGroup"] == "" {
		t.Errorf("groups: %v", groups)
	}
	if err := w.Leave(made); err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{"elb:load-balancer", "elb:target-group", "elb:listener", "ec2:security-group-rule"} {
		w.Want("left of "+typ, len(w.hidden(typ)), 0)
	}
	w.Want("groups that are left", len(w.hidden("ec2:security-group")), 1) // the cluster's own
}

func TestAPublicServiceIsInPublicSubnets(t *testing.T) {
	w := newClusterWorld(t)
	w.controller()
	w.Inside(serviceType, service(values{"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"}))
	want := []string{w.publicSubnet[0] + " public=true", w.publicSubnet[1] + " public=true"}
	slices.Sort(want)
	w.Want("interfaces", w.faces(w.hidden("elb:load-balancer")[0]), want)
}

func TestAnIngressGetsAnApplicationLoadBalancer(t *testing.T) {
	w := newClusterWorld(t)
	w.controller()
	w.Inside(serviceType, values{
		"metadata": values{"name": "web", "namespace": "shop"},
		"spec":     values{"type": "NodePort", "ports": []any{values{"port": 80.0, "nodePort": 30080.0}}},
	})
	ingress := func(name, class string) values {
		return values{
			"metadata": values{"name": name, "namespace": "shop"},
			"spec": values{"ingressClassName": class, "rules": []any{values{"http": values{"paths": []any{values{
				"path": "/", "pathType": "Prefix", "backend": values{"service": values{"name": "web", "port": values{"number": 80.0}}},
			}}}}}},
		}
	}
	w.Inside("kubernetes:networking.k8s.io/v1:Ingress", ingress("other", "nginx"))
	w.Want("of another class", len(w.hidden("elb:load-balancer")), 0)
	made := w.Inside("kubernetes:networking.k8s.io/v1:Ingress", ingress("web", "alb"))
	lb := w.hidden("elb:load-balancer")[0]
	w.Want("type, scheme, stack", []string{lb.Str("type"), lb.Str("scheme"), lb.Tags["ingress.k8s.aws/stack"]}, []string{"application", "internal", "shop/web"})
	w.Want("targets", w.hidden("elb:target-group")[0].Tags["ingress.k8s.aws/resource"], "shop/web-web:80")
	if err := w.Leave(made); err != nil {
		t.Fatal(err)
	}
	w.Want("left", len(w.hidden("elb:load-balancer"))+len(w.hidden("elb:target-group")), 0)
}

// Without AWS's controller EKS's own one answers: a classic load balancer, or a network one if asked,
// public unless told otherwise.
func TestEKSItselfExposesAService(t *testing.T) {
	w := newClusterWorld(t)
	made := w.Inside(serviceType, service(nil))
	lb := w.hidden("elb:load-balancer")[0]
	w.Want("type and scheme", lb.Str("type")+" "+lb.Str("scheme"), "classic internet-facing")
	w.Want("name", lb.Str("name"), "a"+made.Str("uid")[:31])
	w.Want("tags", lb.Tags, map[string]string{"kubernetes.io/cluster/dev": "owned", "kubernetes.io/service-name": "shop/front-door"})
	w.Want("its group", w.hidden("ec2:security-group")[1].Str("name"), "k8s-elb-"+lb.Str("name"))
	if err := w.Leave(made); err != nil {
		t.Fatal(err)
	}
	w.Inside(serviceType, service(values{
		"service.beta.kubernetes.io/aws-load-balancer-type": "nlb", "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
	}))
	lb = w.hidden("elb:load-balancer")[0]
	w.Want("type and scheme", lb.Str("type")+" "+lb.Str("scheme"), "network internal")
	w.Want("groups", len(w.hidden("ec2:security-group")), 1)
	w.Want("rule", w.hidden("ec2:security-group-rule")[0].Str("description"), "kubernetes.io/rule/nlb/client="+lb.Str("name"))
}

func TestAMisspeltAnnotationIsRefused(t *testing.T) {
	w := newClusterWorld(t)
	_, err := w.TryInside(serviceType, service(values{"service.beta.kubernetes.io/aws-load-balancer-shceme": "internal"}))
	if !cloud.Refused(err, "UnknownAnnotation") {
		t.Errorf("got %v", err)
	}
}

func TestAServiceWaitsForWhatItsControllerLacks(t *testing.T) {
	external := values{"service.beta.kubernetes.io/aws-load-balancer-type": "external"}
	for _, test := range []struct {
		name    string
		prepare func(w *clusterWorld)
		want    string
	}{
		{"no chart", func(*clusterWorld) {}, "the chart aws-load-balancer-controller is not installed"},
		{"no role", func(w *clusterWorld) {
			w.controller()
			for _, a := range w.All("aws:eks/podIdentityAssociation:PodIdentityAssociation") {
				_ = w.Remove(a)
			}
		}, "has no role"},
		{"no nodes", func(w *clusterWorld) {
			w.controller()
			_ = w.Remove(w.nodes)
		}, "no node runs the pods"},
	} {
		w := newClusterWorld(t)
		test.prepare(w)
		made := w.Inside(serviceType, service(maps.Clone(external)))
		if got := made.Str(controller.Waits); !strings.Contains(got, test.want) {
			t.Errorf("%s: it waits for %q, want %q", test.name, got, test.want)
		}
	}
}

// In the wrong order the load balancer stays, and holds what the network is made of.
func TestALoadBalancerOutlivesItsClusterAndHoldsTheNetwork(t *testing.T) {
	w := newClusterWorld(t)
	made := w.Inside(serviceType, service(nil))
	for _, o := range append([]*cloud.Object{w.nodes}, w.control) {
		if err := w.Remove(o); err != nil {
			t.Fatal(err)
		}
	}
	for _, o := range w.All(serviceType) {
		t.Errorf("%s outlives its cluster", o)
	}
	w.Want("load balancers", len(w.hidden("elb:load-balancer")), 1)
	w.Want("rules of the cluster's group", len(w.hidden("ec2:security-group-rule")), 0)
	for _, subnet := range w.publicSubnet {
		err := w.Remove(&cloud.Object{Type: "aws:ec2/subnet:Subnet", ID: subnet})
		if !cloud.Refused(err, "DependencyViolation") {
			t.Errorf("the subnet goes: %v", err)
		}
	}
	if err := w.Remove(w.vpc); !cloud.Refused(err, "DependencyViolation") {
		t.Errorf("the VPC goes: %v", err)
	}
	if err := w.Remove(w.All("aws:ec2/internetGateway:InternetGateway")[0]); !cloud.Refused(err, "DependencyViolation") {
		t.Errorf("the internet gateway goes: %v", err)
	}
	if owner := w.hidden("elb:load-balancer")[0].Owner; owner != made.Key() {
		t.Errorf("it was made for %s, want %s", owner, made)
	}
}

func TestTheControllerGoesBeforeItsService(t *testing.T) {
	w := newClusterWorld(t)
	release := w.controller()
	made := w.Inside(serviceType, service(nil))
	if err := w.Leave(release); err != nil {
		t.Fatal(err)
	}
	err := w.Leave(made)
	if !cloud.Refused(err, "Timeout") || !strings.Contains(err.Error(), "service.k8s.aws/resources") {
		t.Errorf("got %v", err)
	}
	w.Want("load balancers", len(w.hidden("elb:load-balancer")), 1)
}

func TestEKSLeavesItsInterfacesWhenItsRoleHasLostItsPolicy(t *testing.T) {
	w := newClusterWorld(t)
	for _, o := range []*cloud.Object{w.nodes, w.policy, w.control} {
		if err := w.Remove(o); err != nil {
			t.Fatal(err)
		}
	}
	err := w.Remove(&cloud.Object{Type: "aws:ec2/subnet:Subnet", ID: w.private[0]})
	if !cloud.Refused(err, "DependencyViolation") || !strings.Contains(err.Error(), "ec2:network-interface") {
		t.Errorf("got %v", err)
	}
}

func (w *clusterWorld) disks() (out []*cloud.Object) {
	for _, v := range w.hidden("ec2:volume") {
		if v.Str("claim") != "" {
			out = append(out, v)
		}
	}
	return out
}

func (w *clusterWorld) driver() {
	w.T.Helper()
	w.Have(addonType, values{
		"clusterName": "dev", "addonName": "aws-ebs-csi-driver", "podIdentityAssociations": []any{values{
			"roleArn": w.role("disks", "pods.eks.amazonaws.com").Str("arn"), "serviceAccount": "ebs-csi-controller-sa",
		}},
	})
}

func TestTheDiskDriverMakesATaggedVolume(t *testing.T) {
	w := newClusterWorld(t)
	w.driver()
	key := w.Have("aws:kms/key:Key", values{"description": "disks"}).Str("arn")
	w.DefaultClass("ebs.csi.aws.com", values{
		"type": "gp3", "encrypted": "true", "kmsKeyId": key, "tagSpecification_1": "team=shop", "tagSpecification_2": "claim={{ .PVCNamespace }}/{{ .PVCName }}",
	})
	made := w.Database()
	disks := w.disks()
	if len(disks) != 1 {
		t.Fatalf("volumes: %v", disks)
	}
	claims := w.All("kubernetes:core/v1:PersistentVolumeClaim")
	volume := "pvc-" + claims[0].Str("uid")
	w.Want("tags", disks[0].Tags, map[string]string{
		"CSIVolumeName": volume, "KubernetesCluster": "dev", "Name": "dev-dynamic-" + volume, "claim": "shop/data-db-0",
		"ebs.csi.aws.com/cluster": "true", "kubernetes.io/cluster/dev": "owned", "kubernetes.io/created-for/pv/name": volume,
		"kubernetes.io/created-for/pvc/name": "data-db-0", "kubernetes.io/created-for/pvc/namespace": "shop", "team": "shop",
	})
	w.Want("volume", []any{disks[0].Str("type"), disks[0].Bool("encrypted"), disks[0].Str("kmsKeyId"), disks[0].Num("sizeGiB")},
		[]any{"gp3", true, key, 20})
	if err := w.Leave(made); err != nil {
		t.Fatal(err)
	}
	w.Want("after the StatefulSet", len(w.disks()), 1)
	if err := w.Leave(claims[0]); err != nil {
		t.Fatal(err)
	}
	w.Want("after the claim", len(w.disks()), 0)
}

func TestAVolumeStaysWhenItsDriverOrItsClusterGoesFirst(t *testing.T) {
	for name, first := range map[string]func(w *clusterWorld) []*cloud.Object{
		"the driver": func(w *clusterWorld) []*cloud.Object {
			return slices.DeleteFunc(w.All(addonType), func(a *cloud.Object) bool { return a.Str("addonName") != "aws-ebs-csi-driver" })
		},
		"the nodes":   func(w *clusterWorld) []*cloud.Object { return []*cloud.Object{w.nodes} },
		"the cluster": func(w *clusterWorld) []*cloud.Object { return []*cloud.Object{w.nodes, w.control} },
	} {
		w := newClusterWorld(t)
		w.driver()
		w.DefaultClass("ebs.csi.aws.com", values{"type": "gp3"})
		w.Database()
		for _, o := range first(w) {
			if err := w.Remove(o); err != nil {
				t.Fatal(err)
			}
		}
		if space := w.All("kubernetes:core/v1:Namespace"); len(space) > 0 {
			if err := w.Leave(space[0]); err != nil {
				t.Fatal(err)
			}
		}
		w.Want("claims when "+name+" goes first", len(w.All("kubernetes:core/v1:PersistentVolumeClaim")), 0)
		w.Want("volumes when "+name+" goes first", len(w.disks()), 1)
	}
}

func TestAVolumeThatCannotBeMadeIsWaitedFor(t *testing.T) {
	for want, parameters := range map[string]values{
		"the add-on aws-ebs-csi-driver is missing": nil,
		"Invalid parameter key size":               {"size": "10"},
		"does not exist":                           {"encrypted": "true", "kmsKeyId": "arn:aws:kms:eu-central-1:111122223333:key/0"},
	} {
		w := newClusterWorld(t)
		if parameters != nil {
			w.driver()
		}
		w.DefaultClass("ebs.csi.aws.com", parameters)
		w.Database()
		if got := w.All("kubernetes:core/v1:PersistentVolumeClaim")[0].Str(controller.Waits); !strings.Contains(got, want) {
			t.Errorf("it waits for %q, want %q", got, want)
		}
	}
}

// karpenter installs Karpenter with what it needs, and makes a pool of at most three machines.
func (w *clusterWorld) karpenter() (release, class, pool *cloud.Object) {
	w.T.Helper()
	role, machines := w.role("karpenter", "pods.eks.amazonaws.com"), w.role("machines", "ec2.amazonaws.com")
	w.Have("aws:iam/rolePolicy:RolePolicy", values{
		"name": "karpenter", "role": role.ID,
		"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:CreateFleet","ec2:TerminateInstances"],"Resource":["*"]}]}`,
	})
	w.Have("aws:eks/podIdentityAssociation:PodIdentityAssociation", values{
		"clusterName": "dev", "namespace": "karpenter", "serviceAccount": "karpenter", "roleArn": role.Str("arn"),
	})
	w.Have("aws:iam/instanceProfile:InstanceProfile", values{"name": "machines", "role": machines.ID})
	w.Inside("kubernetes:core/v1:Namespace", values{"metadata": values{"name": "karpenter"}})
	w.Inside("kubernetes:helm.sh/v3:Release", values{
		"name": "karpenter-crd", "chart": "oci://public.ecr.aws/karpenter/karpenter-crd", "namespace": "karpenter", "version": "1.14.1",
		"values": values{"additionalAnnotations": values{"helm.sh/resource-policy": "keep"}},
	})
	release = w.Inside("kubernetes:helm.sh/v3:Release", values{
		"name": "karpenter", "chart": "oci://public.ecr.aws/karpenter/karpenter", "namespace": "karpenter", "version": "1.14.1",
		"values": values{"serviceAccount": values{"name": "karpenter"}, "settings": values{"clusterName": "dev"}},
	})
	class = w.Inside("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass", values{
		"metadata": values{"name": "services"},
		"spec": values{
			"instanceProfile": "machines", "amiSelectorTerms": []any{values{"alias": "al2023@v20250915"}},
			"subnetSelectorTerms":        []any{values{"id": w.private[0]}, values{"id": w.private[1]}},
			"securityGroupSelectorTerms": []any{values{"id": w.control.Str("vpcConfig.clusterSecurityGroupId")}},
			"blockDeviceMappings":        []any{values{"deviceName": "/dev/xvda", "ebs": values{"encrypted": true, "volumeSize": "50Gi"}}},
			"tags":                       values{"team": "shop"},
		},
	})
	pool = w.Inside("kubernetes:karpenter.sh/v1:NodePool", values{
		"metadata": values{"name": "services"},
		"spec": values{
			"limits": values{"cpu": "6"}, "disruption": values{"consolidateAfter": "5m"},
			"template": values{"spec": values{
				"nodeClassRef": values{"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "services"},
				"requirements": []any{values{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": []any{"m7i.large"}}},
			}},
		},
	})
	return release, class, pool
}

func TestKarpentersMachinesAreTaggedAndGoWithTheirPool(t *testing.T) {
	w := newClusterWorld(t)
	_, class, pool := w.karpenter()
	big := w.Big(4, "6Gi")
	machines := w.hidden("ec2:instance")
	w.Want("machines", len(machines), 4) // two of the group, where two pods fit
	for _, m := range machines[2:] {
		w.Want("tags of "+m.ID, m.Tags, map[string]string{
			"team": "shop", "karpenter.sh/nodepool": "services", "karpenter.k8s.aws/ec2nodeclass": "services",
			"kubernetes.io/cluster/dev": "owned", "eks:eks-cluster-name": "dev",
		})
	}
	w.Want("volumes", len(w.hidden("ec2:volume")), 4)
	w.Want("launch templates", len(w.hidden("ec2:launch-template")), 1)
	if err := w.Leave(big); err != nil {
		t.Fatal(err)
	}
	w.Want("machines without the pods", len(w.hidden("ec2:instance")), 2)
	for _, o := range []*cloud.Object{pool, class} {
		if err := w.Leave(o); err != nil {
			t.Fatal(err)
		}
	}
	w.Want("launch templates without the class", len(w.hidden("ec2:launch-template")), 0)
}

func TestAPoolEndsItsMachinesWhilePodsRun(t *testing.T) {
	w := newClusterWorld(t)
	_, class, pool := w.karpenter()
	big := w.Big(3, "6Gi")
	w.Want("machines", len(w.hidden("ec2:instance")), 3)
	if err := w.Leave(class); err == nil || !strings.Contains(err.Error(), "karpenter.k8s.aws/termination: waiting on the termination of the NodeClaims of services") {
		t.Errorf("what machines are made of goes before them: %v", err)
	}
	if err := w.Leave(pool); err != nil {
		t.Fatal(err)
	}
	w.Want("machines without the pool", len(w.hidden("ec2:instance")), 2)
	for _, o := range []*cloud.Object{class, big} {
		if err := w.Leave(o); err != nil {
			t.Fatal(err)
		}
	}
}

// TestMachinesOutliveKarpenterThatGoesFirst is the order of which its users complain.
func TestMachinesOutliveKarpenterThatGoesFirst(t *testing.T) {
	w := newClusterWorld(t)
	release, class, pool := w.karpenter()
	w.Big(3, "6Gi")
	if err := w.Leave(release); err != nil {
		t.Fatal(err)
	}
	if err := w.Leave(pool); err == nil || !strings.Contains(err.Error(), "1 NodeClaims keep karpenter.sh/termination: the chart karpenter is not installed") {
		t.Errorf("got %v, want the pool to wait for ever", err)
	}
	if err := w.Leave(class); err == nil || !strings.Contains(err.Error(), "karpenter.k8s.aws/termination") {
		t.Errorf("got %v, want what machines are made of to wait for ever", err)
	}
	for _, o := range []*cloud.Object{w.nodes, w.control} {
		if err := w.Remove(o); err != nil {
			t.Fatal(err)
		}
	}
	w.Want("machines without a cluster", len(w.hidden("ec2:instance")), 1)
	subnet := w.hidden("ec2:instance")[0].Str("subnetId")
	for _, o := range w.All("aws:ec2/subnet:Subnet") {
		if o.ID == subnet {
			if err := w.Remove(o); !cloud.Refused(err, "DependencyViolation") {
				t.Errorf("got %v, want the machine to hold its subnet", err)
			}
		}
	}
}

func TestKarpenterWithoutItsRightsMakesNothing(t *testing.T) {
	w := newClusterWorld(t)
	w.karpenter()
	for _, p := range w.All("aws:iam/rolePolicy:RolePolicy") {
		if err := w.Remove(p); err != nil {
			t.Fatal(err)
		}
	}
	big := w.Big(3, "6Gi")
	w.Want("machines", len(w.hidden("ec2:instance")), 2)
	for _, o := range w.All(big.Type) {
		if got := o.Str(controller.Waits); o.ID == big.ID && !strings.Contains(got, "nodes are available") {
			t.Errorf("it waits for %q", got)
		}
	}
}
