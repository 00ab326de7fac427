package gcp

import "platform/tests/cloud"

// needed are the types that may need a thing of a type: a load balancer's parts go from its front to its back
// (https://cloud.google.com/load-balancing/docs/deleting-load-balancer).
var needed = map[string][]string{
	backendType: {ruleType}, poolTargetType: {ruleType}, endpointsType: {backendType}, healthType: {backendType, poolTargetType},
}

// Remove takes away what a controller made, when somebody calls for it who is not that controller. What needs it refuses.
func Remove(t *cloud.Tx, o *cloud.Object) error {
	for _, typ := range needed[o.Type] {
		for _, user := range t.Find(typ, func(u *cloud.Object) bool { return u.Hidden && uses(u, o) }) {
			return cloud.Refuse("resourceInUseByAnotherResource", "The %s resource '%s' is already being used by '%s'", o.Type, o.ID, user.ID)
		}
	}
	if err := t.Release(o.Key()); err != nil {
		return err
	}
	t.Remove(o.Key())
	return nil
}

// uses says whether one part of a load balancer, of a type that may, uses another: what all Services of the cluster share, or else what was made
// for the same Service.
func uses(user, o *cloud.Object) bool {
	if o.Str("sharedBy") != "" {
		return user.Str("for") != ""
	}
	return user.Owner == o.Owner
}
