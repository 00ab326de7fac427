package keda

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

// Where it runs and who it is, by which the cloud's agent knows its pods.
const (
	Namespace      = workload.Scaler
	ServiceAccount = "keda-operator"
)

// Args configures KEDA.
type Args struct {
	// Replicas of each part: one works, the others take over when its node goes.
	Replicas int
	// Identity is who asks how deep the queues are.
	Identity identity.Outputs
	// Around is what is around it, with the ways to the queues or to who counts their messages.
	Around flows.Around
	// After is what its pods need: nodes, and their identity, which they get when they start or not at all.
	After []pulumi.Resource
	Tags  tags.Set
}

// maxReplicas is how many do anything: one works and one stands by
// (https://keda.sh/docs/2.20/operate/cluster/#high-availability).
const maxReplicas = 2

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if a.Replicas < 1 || a.Replicas > maxReplicas {
		faults = append(faults, fmt.Errorf("replicas: value %d: 1 to %d is allowed", a.Replicas, maxReplicas))
	}
	if a.Identity.Principal.OutputState == nil {
		faults = append(faults, errors.New("identity.principal: value \"\": an identity is needed: without one no queue answers"))
	}
	faults = append(faults, a.flows().Validate())
	for _, key := range a.Tags.Missing() {
		faults = append(faults, fmt.Errorf("tags.%s: value %q: a value is needed", key, a.Tags[key]))
	}
	return errors.Join(faults...)
}
