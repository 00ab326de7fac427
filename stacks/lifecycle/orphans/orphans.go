// Package orphans ends what the controllers in a cluster made in its cloud and left there when the cluster went without them: machines, disks
// and load balancers of one that did not answer while it was destroyed. They cost money, and hold the network that is to go.
package orphans

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/components/tags"
	"platform/stacks/config"
	"platform/stacks/lifecycle/inventory"
	"platform/stacks/lifecycle/run"
)

// clusters are the types of clusters in a state.
var clusters = []string{"aws:eks/cluster:Cluster", "azure-native:containerservice:ManagedCluster", "gcp:container/cluster:Cluster"}

// Sweep is for one environment.
type Sweep struct {
	Stack     *run.Stack
	Inventory inventory.Inventory
	// Settle is for how long the inventory may still list a cluster that was deleted, Every how often it is asked.
	Settle, Every time.Duration
	Say           func(format string, args ...any)
}

// Destroy destroys the environment, ends what its cluster left, and destroys what that held: the changes are those of the last time.
func (s Sweep) Destroy(ctx context.Context) (run.Changes, error) {
	changes, err := s.Stack.Destroy(ctx)
	switch {
	case ctx.Err() != nil:
		return changes, err
	case err != nil:
		return s.Again(ctx, err)
	}
	_, err = s.End(ctx)
	return changes, err
}

// Again ends what the cluster left after a destroy that failed, and destroys once more; if there was nothing, that destroy failed for another
// reason.
func (s Sweep) Again(ctx context.Context, failed error) (run.Changes, error) {
	n, err := s.End(ctx)
	if err != nil || n == 0 {
		return nil, errors.Join(failed, err)
	}
	s.Say("destroying once more what they held")
	return s.Stack.Destroy(ctx)
}

// End ends what a cluster that is in the state no longer left, and says how many things that were. Whoever is refused while something
// else needs him is tried again after that.
func (s Sweep) End(ctx context.Context) (int, error) {
	remover, ok := s.Inventory.(inventory.Remover)
	if !ok {
		return 0, nil
	}
	_, d, err := s.Stack.Deployment(ctx)
	if err != nil {
		return 0, err
	}
	if slices.ContainsFunc(d.Resources, func(r apitype.ResourceV3) bool { return slices.Contains(clusters, string(r.Type)) }) {
		return 0, nil // it can take away itself what it made
	}
	until, ended := time.Now().Add(s.Settle), map[string]bool{}
	for {
		items, _, err := s.Inventory.List(ctx)
		if err != nil {
			return len(ended), fmt.Errorf("ask the cloud what a cluster left: %w", err)
		}
		orphans, listed := Find(s.Stack.Environment, items, remover)
		// An inventory lists for a while what is gone.
		orphans = slices.DeleteFunc(orphans, func(i inventory.Item) bool { return ended[i.ID] })
		if len(orphans) == 0 {
			if listed == "" || !time.Now().Add(s.Every).Before(until) {
				return len(ended), nil
			}
			s.Say("%s is gone and still listed; asking again in %s", listed, s.Every)
			if err := inventory.Pause(ctx, s.Every); err != nil {
				return len(ended), err
			}
			continue
		}
		before, refused := len(ended), error(nil)
		for _, item := range orphans {
			if err := remover.Remove(ctx, item); err != nil {
				refused = errors.Join(refused, err)
				continue
			}
			ended[item.ID] = true
			s.Say("ended %s %s, which a cluster left", item.Type, item.ID)
		}
		if ctx.Err() != nil || len(ended) == before {
			return len(ended), errors.Join(ctx.Err(), refused)
		}
	}
}

// Find tells what controllers in a cluster of the environment made: the orphans, whose cluster is not listed; and a cluster that is listed and
// whose others are. It needs no state, which may have lost the cluster in an earlier run.
func Find(environment string, items []inventory.Item, by inventory.Remover) (orphans []inventory.Item, listed string) {
	there := map[string]string{} // clusters, by their names
	for _, item := range items {
		if name := by.Cluster(item); name != "" {
			there[name] = item.ID
		}
	}
	for _, item := range items {
		maker := by.Maker(item)
		its := item.Tags[tags.Environment] == environment && item.Tags[tags.Project] == config.Project
		switch {
		case maker.Cluster != "" && its && there[maker.Cluster] == "":
			orphans = append(orphans, item)
		case maker.Cluster != "" && its:
			listed = there[maker.Cluster]
		// What does not say in which cluster it was made is nobody's where there is none.
		case maker.Some && len(there) == 0:
			orphans = append(orphans, item)
		case maker.Some:
			listed = slices.Sorted(maps.Values(there))[0]
		}
	}
	return orphans, listed
}
