package database

import (
	"errors"
	"fmt"
	"strings"

	"platform/components/cluster"
)

// directPercent is the share of a server's connections that services may plan with; the rest is for
// administration, failover and the pods that are starting while old ones still end.
const directPercent = 80

// Plan counts the connections that the service's most pods can open against what its size allows on
// this cloud. It tells whether a pooler is needed, or, when not even a pooler would do, what would.
func (a Args) Plan(sizer Sizer) (pooled bool, err error) {
	var faults []error
	if a.MaxPods < 1 {
		faults = append(faults, fmt.Errorf("maxPods: value %d: at least 1 is allowed", a.MaxPods))
	}
	if a.ConnectionsPerPod < 1 {
		faults = append(faults, fmt.Errorf("connectionsPerPod: value %d: at least 1 is allowed", a.ConnectionsPerPod))
	}
	limits, err := sizer.DatabaseLimits(a.Size)
	if err != nil {
		faults = append(faults, fmt.Errorf("size: value %q: %w", a.Size, err))
	}
	if len(faults) > 0 {
		return false, errors.Join(faults...)
	}
	need := a.MaxPods * a.ConnectionsPerPod
	switch {
	case need <= limits.Direct*directPercent/100:
		return false, nil
	case need <= limits.Pooled:
		return true, nil
	}
	pooler := "there is no pooler"
	if limits.Pooled > 0 {
		pooler = fmt.Sprintf("%d with a pooler", limits.Pooled)
	}
	return false, fmt.Errorf(
		"size: value %q: %d pods with %d connections each need %d connections, and %d are allowed (%s): %s",
		a.Size, a.MaxPods, a.ConnectionsPerPod, need, limits.Direct*directPercent/100, pooler, remedy(sizer, need))
}

// remedy names the sizes that would do.
func remedy(sizer Sizer, need int) string {
	var fit []string
	for _, size := range cluster.Sizes {
		if limits, err := sizer.DatabaseLimits(size); err == nil && need <= max(limits.Direct*directPercent/100, limits.Pooled) {
			fit = append(fit, string(size))
		}
	}
	if len(fit) == 0 {
		return "no size would do, so fewer pods or fewer connections for each are needed"
	}
	return "size " + strings.Join(fit, " or ") + " would do"
}
