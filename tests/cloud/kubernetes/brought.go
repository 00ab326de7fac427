package kubernetes

import (
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// brought lets those controllers act that charts run and that make objects by themselves: what fetches secrets, what signs
// certificates, what controls the mesh, Argo CD, and Datadog's operator. It says whether something came, went or changed on which others act.
func (w *world) brought(typ string) (changed bool, err error) {
	for _, act := range []func() (bool, error){w.fetch, w.sign, w.tellRoot, w.deliver, w.observe} {
		acted, err := act()
		if err != nil {
			return false, err
		}
		changed = changed || acted
	}
	return changed || slices.Contains(configuring, typ) && w.unconfiguredWait(), nil
}

// lives says whether a chart is released, not on its way out, and runs.
func (w *world) lives(chart string) bool { return w.releaseOf(chart) != nil }

// releaseOf is the release of a chart that lives, or nil.
func (w *world) releaseOf(chart string) *cloud.Object {
	all := w.t.Find(releaseType, func(o *cloud.Object) bool {
		name, _ := chartOf(o.Inputs)
		return name == chart && w.mine(o) && !o.Bool("terminating") && o.Str(controller.Waits) == ""
	})
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// mine says whether an object is in this cluster.
func (w *world) mine(o *cloud.Object) bool { return strings.HasPrefix(o.ID, w.c.ID+"/") }

// any says whether the cluster has an object of a type.
func (w *world) any(typ string) bool { return w.t.Count(typ, w.mine) > 0 }
