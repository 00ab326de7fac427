package aws

import (
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// inTreeFinalizer is set by EKS's own controller
// (https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/#garbage-collecting-load-balancers).
const inTreeFinalizer = "service.kubernetes.io/load-balancer-cleanup"

// inTree makes a load balancer that is named after the uid. A network one has no security group, so the
// nodes let in its callers; a classic one has a group of its own
// (https://github.com/kubernetes/cloud-provider-aws/blob/master/docs/service_controller.md,
// https://github.com/kubernetes/website/blob/release-1.24/content/en/docs/concepts/services-networking/service.md#aws-nlb-support).
func (b *balancer) inTree() (controller.Exposure, error) {
	name := ("a" + strings.ReplaceAll(b.e.UID, "-", ""))
	name = name[:min(32, len(name))]
	tags := with(b.own, map[string]string{
		"kubernetes.io/cluster/" + b.c.ID: "owned", "kubernetes.io/service-name": b.e.Namespace + "/" + b.e.Name,
	})
	var groups []string
	if b.kind == "classic" {
		vpc := b.c.Str("vpcConfig.vpcId")
		own := b.made(cloud.Object{
			Type: groupType, ID: b.t.ID("sg"), Holds: []cloud.Key{{Type: vpcType, ID: vpc}},
			Tags: with(b.own, map[string]string{"kubernetes.io/cluster/" + b.c.ID: "owned"}),
			Props: map[string]any{
				"name": "k8s-elb-" + name, "description": "Security group for Kubernetes ELB " + name + " (" + b.e.Namespace + "/" + b.e.Name + ")",
				"vpcId": vpc, "ports": numbers(b.listeners()),
			},
		}, name[1:])
		groups = append(groups, own.ID)
		b.rule(own.ID, 0, "")
	}
	lb := b.balancer(name, name[1:], tags, groups)
	for _, p := range b.e.Ports {
		if b.kind == "network" {
			b.targets("k8s-"+name[:min(28, len(name))], name[1:28], p, tags)
			b.rule("", p.NodePort, "kubernetes.io/rule/nlb/client="+name)
			b.rule("", p.NodePort, "kubernetes.io/rule/nlb/health="+name)
		}
		b.listener(lb, number(p.Port), nil)
	}
	return controller.Exposure{Finalizer: inTreeFinalizer, Hostname: lb.Str("dnsName")}, nil
}
