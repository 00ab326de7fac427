package aws

import (
	"strings"

	"platform/tests/cloud"
)

// Remove takes away what a controller made, when somebody calls for it who is not that controller. What needs it refuses.
func Remove(t *cloud.Tx, o *cloud.Object) error {
	switch o.Type {
	// Its root volume and its interface go with it: they are deleted on termination
	// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/preserving-volumes-on-termination.html).
	case machineType:
		for _, part := range attached(t, o) {
			t.Remove(part.Key())
		}
	case volumeType:
		if machine := o.Str("instance"); machine != "" && t.Get(machineType, machine) != nil {
			return cloud.Refuse("VolumeInUse", "Volume %s is currently attached to %s", o.ID, machine)
		}
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html: its listeners go, too.
	case madeBalancerType:
		for _, owned := range t.Owned(o.Key()) {
			t.Remove(owned.Key())
		}
		for _, l := range listenersOf(t, o) {
			t.Remove(l.Key())
		}
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html
	case madeTargetsType:
		if users := t.Find(madeListenerType, func(l *cloud.Object) bool { return l.Owner == o.Owner }); len(users) > 0 {
			return cloud.Refuse("ResourceInUse", "Target group '%s' is currently in use by a listener or a rule", o.ID)
		}
	}
	if err := t.Release(o.Key()); err != nil {
		return err
	}
	t.Remove(o.Key())
	return nil
}

func attached(t *cloud.Tx, machine *cloud.Object) []*cloud.Object {
	its := func(o *cloud.Object) bool { return o.Str("instance") == machine.ID }
	return append(t.Find(volumeType, its), t.Find(interfaceType, its)...)
}

func listenersOf(t *cloud.Tx, balancer *cloud.Object) []*cloud.Object {
	in := strings.Replace(balancer.ID, ":loadbalancer/", ":listener/", 1) + "/"
	return t.Find(madeListenerType, func(l *cloud.Object) bool { return strings.HasPrefix(l.ID, in) })
}
