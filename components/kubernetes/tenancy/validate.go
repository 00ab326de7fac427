package tenancy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"platform/components/naming"
)

// maxName is the length of a namespace's name
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names).
const maxName = 63

// label is what the value of a label may be
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set).
var label = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`)

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	fault := func(path string, value any, allowed string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), fmt.Sprintf(allowed, args...)))
	}
	switch {
	case !naming.IsKebab(a.Service):
		fault("service", a.Service, naming.Kebab)
	case len(a.Service) > maxName:
		fault("service", a.Service, "at most %d characters are allowed", maxName)
	case a.Service == "default" || strings.HasPrefix(a.Service, "kube-"):
		// https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
		fault("service", a.Service, "a name that Kubernetes does not keep for itself is allowed")
	}
	for _, n := range []struct {
		path  string
		value int
	}{{"pods", a.Pods}, {"milliCPU", a.MilliCPU}, {"memoryMiB", a.MemoryMiB}} {
		if n.value < 1 {
			fault(n.path, n.value, "at least 1 is allowed")
		}
	}
	if strings.HasPrefix(a.Group, "system:") {
		// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects
		fault("group", a.Group, "a group that Kubernetes does not keep for itself is allowed")
	}
	missing := a.Tags.Missing()
	for _, key := range missing {
		fault("tags."+key, a.Tags[key], "a value is needed")
	}
	for _, key := range a.Tags.Keys() {
		if !slices.Contains(missing, key) && !label.MatchString(a.Tags[key]) {
			fault("tags."+key, a.Tags[key], "at most 63 letters, digits, hyphens, underscores and dots, the first and last no sign, are allowed in a label")
		}
	}
	return errors.Join(faults...)
}
