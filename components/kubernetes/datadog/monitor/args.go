package monitor

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/alerting"
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/naming"
	"platform/components/tags"
)

// Args is what is watched, and who is told.
type Args struct {
	alerting.Watched
	Namespace pulumi.StringInput // where the operator looks
	Cluster   string             // as its agents call it
	Site      string             // of Datadog, a key of watch.Sites
	// Operator is who makes of objects what Datadog knows.
	Operator []pulumi.Resource
	Tags     tags.Set
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if !naming.IsKebab(a.Cluster) {
		faults = append(faults, fmt.Errorf("cluster: value %q: %s", a.Cluster, naming.Kebab))
	}
	if _, known := watch.Sites[a.Site]; !known {
		faults = append(faults, fmt.Errorf("site: value %q: one of %v is allowed", a.Site, slices.Sorted(maps.Keys(watch.Sites))))
	}
	if a.Namespace == nil {
		faults = append(faults, errors.New("namespace: none is given: a value is needed"))
	}
	if len(a.Operator) == 0 {
		faults = append(faults, errors.New("operator: none is given: it defines the kinds"))
	}
	for _, key := range a.Tags.Missing() {
		faults = append(faults, fmt.Errorf("tags.%s: value %q: a value is needed", key, a.Tags[key]))
	}
	return errors.Join(append(faults, a.Watched.Validate())...)
}
