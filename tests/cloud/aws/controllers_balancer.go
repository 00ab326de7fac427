package aws

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	madeBalancerType = "elb:load-balancer"
	madeTargetsType  = "elb:target-group"
	madeListenerType = "elb:listener"
	madeRuleType     = "ec2:security-group-rule"

	// https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/controllers/service/service_controller.go,
	// https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/pkg/networking/backend_sg_provider.go
	serviceFinalizer = "service.k8s.aws/resources"
	ingressFinalizer = "ingress.k8s.aws/resources"
)

// chartName is the chart of AWS's load balancer controller.
const chartName = "aws-load-balancer-controller"

// absent says why AWS's load balancer controller cannot work: it runs on nodes, needs a role, and must be
// told region and VPC where pods do not reach the instance's metadata, which is more than one hop away
// (https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/deploy/installation.md).
func absent(t *cloud.Tx, c controller.Cluster) error {
	r := c.Release(chartName)
	if r == nil {
		return controller.Pending("the chart " + chartName + " is not installed")
	}
	if !running(t, c) {
		return controller.Pending("no node runs the pods of " + chartName)
	}
	account, _ := r.Values["serviceAccount"].(map[string]any)
	name, _ := account["name"].(string)
	annotations, _ := account["annotations"].(map[string]any)
	if !identified(t, c, r.Namespace, cmp.Or(name, chartName), annotations) {
		return controller.Pending(fmt.Sprintf("the account %s/%s of %s has no role: AccessDenied", r.Namespace, cmp.Or(name, chartName), chartName))
	}
	for _, needed := range []string{"region", "vpcId"} {
		if r.Values[needed] == nil && !metadataReached(t, c) {
			return controller.Pending(chartName + " does not reach the instance metadata and is not told its " + needed)
		}
	}
	return nil
}

func metadataReached(t *cloud.Tx, c controller.Cluster) bool {
	for _, group := range nodeGroups(t, c) {
		template := t.Get(templateType, group.Str("launchTemplate.id"))
		if template == nil || template.Num("metadataOptions.httpPutResponseHopLimit") < 2 {
			return false
		}
	}
	return true
}

// balancer is a load balancer that is about to be made.
type balancer struct {
	t        *cloud.Tx
	c        controller.Cluster
	e        controller.Exposed
	kind     string // network, application or classic
	internal bool
	own      map[string]string // tags that its maker asks for
	subnets  []*cloud.Object
	mint     func() (controller.Exposure, error)
}

// balancerOf finds the controller whose turn it is. A Service is AWS's controller's if its class says so,
// its type is external, or the controller is installed, since its webhook then sets the class; all others
// are EKS's own controller's
// (https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/guide/service/nlb.md).
func balancerOf(t *cloud.Tx, c controller.Cluster, e controller.Exposed) (*balancer, error) {
	b := &balancer{t: t, c: c, e: e}
	var values map[string]any
	if r := c.Release(chartName); r != nil {
		values = r.Values
	}
	own := true
	switch {
	case e.Kind == "Ingress":
		class, _ := values["ingressClass"].(string)
		if cmp.Or(e.Class, e.Annotations["kubernetes.io/ingress.class"]) != cmp.Or(class, "alb") {
			return nil, controller.ErrNotMine
		}
	case e.Class == "service.k8s.aws/nlb":
	case e.Class != "":
		return nil, controller.ErrNotMine
	case e.Annotations[serviceAnnotation+"type"] == "external" || e.Annotations[serviceAnnotation+"type"] == "nlb-ip":
	case values != nil && values["enableServiceMutatorWebhook"] != false:
	default:
		own = false
	}
	b.own = additionalTags(e.Annotations[serviceAnnotation+"additional-resource-tags"])
	if !own {
		b.kind, b.mint = "classic", b.inTree
		if e.Annotations[serviceAnnotation+"type"] == "nlb" {
			b.kind = "network"
		}
		b.internal = e.Annotations[serviceAnnotation+"internal"] == "true"
	} else if err := b.ofController(values); err != nil {
		return nil, err
	}
	var err error
	b.subnets, err = balancerSubnets(t, c, b.internal)
	if err == nil && b.kind == "application" && len(b.subnets) < 2 {
		err = controller.Pending("subnets count less than minimal required count: 1 < 2")
	}
	return b, err
}

// ofController is what AWS's controller makes: internal unless told otherwise.
func (b *balancer) ofController(values map[string]any) error {
	if err := absent(b.t, b.c); err != nil {
		return err
	}
	var scheme string
	switch b.e.Kind {
	case "Ingress":
		b.kind, scheme = "application", b.e.Annotations[ingressAnnotation+"scheme"]
		b.own = additionalTags(b.e.Annotations[ingressAnnotation+"tags"])
	default:
		b.kind, scheme = "network", b.e.Annotations[serviceAnnotation+"scheme"]
		if scheme == "" && b.e.Annotations[serviceAnnotation+"internal"] == "false" {
			scheme = "internet-facing"
		}
	}
	fallback, _ := values["defaultLoadBalancerScheme"].(string)
	switch cmp.Or(scheme, fallback, "internal") {
	case "internal":
		b.internal = true
	case "internet-facing":
	default:
		return controller.Pending(fmt.Sprintf("unknown scheme: %s", scheme))
	}
	defaults, _ := values["defaultTags"].(map[string]any)
	for k, v := range defaults {
		if _, taken := b.own[k]; !taken {
			b.own[k] = fmt.Sprint(v)
		}
	}
	b.mint = b.byController
	return nil
}

func (b *balancer) scheme() string {
	if b.internal {
		return "internal"
	}
	return "internet-facing"
}

var noName = regexp.MustCompile(`[^A-Za-z0-9]`)

// name is as the controller writes names: parts of namespace and name, and of a hash
// (https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/pkg/service/model_build_load_balancer.go).
func (b *balancer) name(of ...string) (name, hash string) {
	sum := sha256.Sum256([]byte(b.c.ID + strings.Join(of, "")))
	hash = hex.EncodeToString(sum[:])[:10]
	return fmt.Sprintf("k8s-%.8s-%.8s-%s", noName.ReplaceAllString(b.e.Namespace, ""), noName.ReplaceAllString(b.e.Name, ""), hash), hash
}

// tags track what belongs to which object
// (https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/pkg/deploy/tracking/provider.go).
func (b *balancer) tags(resource string) map[string]string {
	prefix := strings.ToLower(b.e.Kind) + ".k8s.aws/"
	return with(b.own, map[string]string{
		"elbv2.k8s.aws/cluster": b.c.ID, prefix + "stack": b.e.Namespace + "/" + b.e.Name, prefix + "resource": resource,
	})
}

// made fills in what all things have that belong to the object.
func (b *balancer) made(o cloud.Object, hash string) *cloud.Object {
	o.Hidden, o.Owner, o.Account, o.Region = true, b.e.Key, b.c.Account, b.c.Region
	if hash != "" {
		o.Random = append(o.Random, hash)
	}
	return b.t.Mint(o)
}

// byController makes the load balancer with a security group of its own, one that all share and that
// nodes let in, and for each port a target group and a listener.
func (b *balancer) byController() (controller.Exposure, error) {
	if b.e.Annotations[ingressAnnotation+"group.name"] != "" {
		return controller.Exposure{}, fmt.Errorf("annotation %sgroup.name: %w", ingressAnnotation, errNotModelled)
	}
	vpc := b.c.Str("vpcConfig.vpcId")
	finalizer, listeners := serviceFinalizer, b.listeners()
	of := []string{b.e.UID, b.scheme()}
	if b.e.Kind == "Ingress" {
		finalizer, of = ingressFinalizer, []string{b.e.Namespace + "/" + b.e.Name, b.scheme()}
	}
	groupName, groupHash := b.name(b.e.Name, b.e.Namespace, b.e.UID)
	sources := b.e.SourceRanges
	if len(sources) == 0 {
		sources = []string{"0.0.0.0/0"}
	}
	own := b.made(cloud.Object{
		Type: groupType, ID: b.t.ID("sg"), Holds: []cloud.Key{{Type: vpcType, ID: vpc}}, Tags: b.tags("ManagedLBSecurityGroup"),
		Props: map[string]any{
			"name": groupName, "description": "[k8s] Managed SecurityGroup for LoadBalancer", "vpcId": vpc, "ports": numbers(listeners),
			"cidrBlocks": anyList(sources),
		},
	}, groupHash)
	shared := b.backendGroup(vpc)
	name, hash := b.name(of...)
	lb := b.balancer(cmp.Or(b.e.Annotations[serviceAnnotation+"name"], b.e.Annotations[ingressAnnotation+"load-balancer-name"], name), hash,
		b.tags("LoadBalancer"), []string{own.ID, shared.ID})
	for _, p := range b.e.Ports {
		targets, hash := b.name(b.e.UID, p.Service, p.Port, strconv.Itoa(p.NodePort), "instance", p.Protocol)
		resource := b.e.Namespace + "/" + b.e.Name + ":" + p.Port
		if b.e.Kind == "Ingress" {
			resource = b.e.Namespace + "/" + b.e.Name + "-" + p.Service + ":" + p.Port
		}
		b.targets(targets, hash, p, b.tags(resource))
		b.rule(shared.ID, p.NodePort, "elbv2.k8s.aws/targetGroupBinding=shared")
	}
	for _, port := range listeners {
		b.listener(lb, port, b.tags(strconv.Itoa(port)))
	}
	return controller.Exposure{Finalizer: finalizer, Hostname: lb.Str("dnsName")}, nil
}

// listeners are the ports that callers reach: those of a Service; of an Ingress 80 or, with a
// certificate, 443
// (https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/guide/ingress/annotations.md#listen-ports).
func (b *balancer) listeners() []int {
	if b.e.Kind == "Ingress" {
		if b.e.TLS || b.e.Annotations[ingressAnnotation+"certificate-arn"] != "" {
			return []int{443}
		}
		return []int{80}
	}
	var out []int
	for _, p := range b.e.Ports {
		out = append(out, number(p.Port))
	}
	return out
}

// balancer makes the load balancer and an interface in each subnet, to which it passes on no tags.
func (b *balancer) balancer(name, hash string, tags map[string]string, groups []string) *cloud.Object {
	short := map[string]string{"network": "net/", "application": "app/", "classic": ""}[b.kind]
	random := b.t.Random(16)
	dns := fmt.Sprintf("%s-%s.elb.%s.amazonaws.com", name, random, b.c.Region)
	if b.kind != "network" {
		dns = fmt.Sprintf("%s-%s.%s.elb.amazonaws.com", name, random, b.c.Region)
		if b.internal {
			dns = "internal-" + dns
		}
	}
	id := fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:loadbalancer/%s%s", b.c.Region, b.c.Account, short, name)
	if b.kind != "classic" {
		id += "/" + random
	}
	lb := b.made(cloud.Object{
		Type: madeBalancerType, ID: id, Tags: tags, Random: []string{random},
		Props: map[string]any{
			"name": name, "type": b.kind, "scheme": b.scheme(), "vpcId": b.c.Str("vpcConfig.vpcId"), "dnsName": dns,
			"for": b.e.Kind + " " + b.e.Namespace + "/" + b.e.Name,
		},
	}, hash)
	for _, subnet := range b.subnets {
		mintInterface(b.t, lb, "", subnet.ID, groups, b.kind+"_load_balancer", !b.internal)
	}
	return lb
}

func (b *balancer) targets(name, hash string, p controller.Port, tags map[string]string) {
	random := b.t.Random(16)
	b.made(cloud.Object{
		Type: madeTargetsType, Tags: tags, Random: []string{random},
		ID:    fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:targetgroup/%s/%s", b.c.Region, b.c.Account, name, random),
		Props: map[string]any{"name": name, "port": p.NodePort, "protocol": p.Protocol, "vpcId": b.c.Str("vpcConfig.vpcId")},
	}, hash)
}

func (b *balancer) listener(lb *cloud.Object, port int, tags map[string]string) {
	if b.kind == "classic" {
		return // a part of the load balancer
	}
	b.made(cloud.Object{
		Type: madeListenerType, ID: fmt.Sprintf("%s/%d", strings.Replace(lb.ID, ":loadbalancer/", ":listener/", 1), port), Tags: tags,
		Random: lb.Random, Props: map[string]any{"port": port},
	}, "")
}

// rule lets a load balancer in to the nodes' ports: one rule for each, where the controllers merge ranges.
func (b *balancer) rule(from string, port int, description string) {
	o := cloud.Object{
		Type: madeRuleType, ID: b.t.ID("sgr"),
		Props: map[string]any{"securityGroupId": b.c.Str("vpcConfig.clusterSecurityGroupId"), "port": port, "description": description},
	}
	if from != "" {
		o.Holds = []cloud.Key{{Type: groupType, ID: from}}
		o.Props["sourceSecurityGroupId"] = from
	}
	b.made(o, "")
}

// backendGroup is the group that all load balancers of the controller share: made with the first, and
// gone with the last (https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/pkg/networking/backend_sg_provider.go).
func (b *balancer) backendGroup(vpc string) *cloud.Object {
	if there := backendGroup(b.t, b.c); there != nil {
		return there
	}
	sum := sha256.Sum256([]byte(b.c.ID))
	defaults, _ := b.c.Release(chartName).Values["defaultTags"].(map[string]any)
	tags := map[string]string{}
	for k, v := range defaults {
		tags[k] = fmt.Sprint(v)
	}
	return b.t.Mint(cloud.Object{
		Type: groupType, ID: b.t.ID("sg"), Hidden: true, Account: b.c.Account, Region: b.c.Region,
		Holds: []cloud.Key{{Type: vpcType, ID: vpc}},
		Tags:  with(tags, map[string]string{"elbv2.k8s.aws/cluster": b.c.ID, "elbv2.k8s.aws/resource": "backend-sg"}),
		Props: map[string]any{
			"name":        fmt.Sprintf("k8s-traffic-%.232s-%.10s", noName.ReplaceAllString(b.c.ID, ""), hex.EncodeToString(sum[:])),
			"description": "[k8s] Shared Backend SecurityGroup for LoadBalancer", "vpcId": vpc,
		},
	})
}

func backendGroup(t *cloud.Tx, c controller.Cluster) *cloud.Object {
	for _, g := range t.Find(groupType, func(g *cloud.Object) bool {
		return g.Tags["elbv2.k8s.aws/resource"] == "backend-sg" && g.Tags["elbv2.k8s.aws/cluster"] == c.ID
	}) {
		return g
	}
	return nil
}

func releaseBackendGroup(t *cloud.Tx, c controller.Cluster) error {
	if shared := backendGroup(t, c); shared != nil && len(t.Holders(shared.Key())) == 0 {
		t.Remove(shared.Key())
	}
	return nil
}

func numbers(ports []int) []any {
	out := []any{}
	for _, p := range ports {
		out = append(out, float64(p))
	}
	return out
}

func anyList(texts []string) []any {
	out := []any{}
	for _, s := range texts {
		out = append(out, s)
	}
	return out
}
