package aws

import "platform/tests/cloud"

const (
	balancerType = "aws:lb/loadBalancer:LoadBalancer"
	targetsType  = "aws:lb/targetGroup:TargetGroup"
	listenerType = "aws:lb/listener:Listener"
)

var lbHooks = map[string]cloud.Hook{
	balancerType: {Created: balancerCreated, Deleted: balancerDeleted},
	listenerType: {Created: listenerCreated, Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return listenerCreated(t, o) }},
}

// balancerCreated makes an interface in each subnet, which are in zones of their own
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html).
func balancerCreated(t *cloud.Tx, o *cloud.Object) error {
	zones := map[string]string{}
	for _, id := range o.List("subnets") {
		zone := t.Get(subnetType, id).Str("availabilityZone")
		if other, taken := zones[zone]; taken {
			return cloud.Refuse("InvalidConfigurationRequest", "a load balancer cannot be attached to multiple subnets in the same zone: %s and %s", other, id)
		}
		zones[zone] = id
		mintInterface(t, o, "", id, o.List("securityGroups"), "network_load_balancer", !o.Bool("internal"))
	}
	return nil
}

// balancerDeleted: the listeners go with it
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html).
func balancerDeleted(t *cloud.Tx, o *cloud.Object) error {
	for _, l := range t.Find(listenerType, func(l *cloud.Object) bool { return l.Str("loadBalancerArn") == o.ID }) {
		t.Remove(l.Key())
	}
	return takesOwned(t, o)
}

// speaks are the protocols of target groups that a network load balancer's listener may forward to
// (https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html).
var speaks = map[string][]string{
	"TCP": {"TCP", "TCP_UDP"}, "TLS": {"TCP", "TLS"}, "UDP": {"UDP", "TCP_UDP"}, "TCP_UDP": {"TCP_UDP"},
}

func listenerCreated(t *cloud.Tx, o *cloud.Object) error {
	for _, other := range t.Find(listenerType, func(l *cloud.Object) bool {
		return l.ID != o.ID && l.Str("loadBalancerArn") == o.Str("loadBalancerArn") && l.Num("port") == o.Num("port")
	}) {
		return cloud.Refuse("DuplicateListener", "a listener already exists on this port for this load balancer: %s", other)
	}
	protocol := o.Str("protocol")
	if protocol == "TLS" {
		if o.Str("certificateArn") == "" {
			return cloud.Refuse("CertificateNotFound", "a certificate must be specified for TLS listeners")
		}
		if err := issued(t, o.Str("certificateArn"), ""); err != nil {
			return err
		}
	}
	targets := t.Get(targetsType, o.Str("defaultActions.0.targetGroupArn"))
	if targets == nil {
		return nil
	}
	for _, allowed := range speaks[protocol] {
		if targets.Str("protocol") == allowed {
			return nil
		}
	}
	return cloud.Refuse("InvalidConfigurationRequest", "a %s listener cannot forward to a target group of protocol %s", protocol, targets.Str("protocol"))
}
