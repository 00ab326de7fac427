// Package record lets tests see what a component registers, without an engine.
package record

import (
	"maps"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Resources are the inputs of what was registered, by "<type> <name>".
type Resources map[string]resource.PropertyMap

// Made are outputs that a cloud makes up, by the type of a resource, or answers, by the token of a function.
type Made map[string]resource.PropertyMap

// Option says what the mocks do beside repeating inputs.
type Option func(*mocks)

// Each makes up outputs for every resource; those of its type come on top.
func Each(outputs func(pulumi.MockResourceArgs) resource.PropertyMap) Option {
	return func(m *mocks) { m.each = outputs }
}

// Outputs makes up outputs by type; of two for one type the later replaces the earlier.
func Outputs(outputs Made) Option {
	return func(m *mocks) { maps.Copy(m.outputs, outputs) }
}

// Answers makes up what functions of the provider answer.
func Answers(answers Made) Option {
	return func(m *mocks) { maps.Copy(m.answers, answers) }
}

type mocks struct {
	t                *testing.T
	each             func(pulumi.MockResourceArgs) resource.PropertyMap
	outputs, answers Made

	mu sync.Mutex
	on Resources
}

func (m *mocks) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := args.TypeToken + " " + args.Name
	if _, taken := m.on[key]; taken {
		m.t.Errorf("%s is registered twice", key) // the engine refuses it, plain mocks let it pass
	}
	m.on[key] = args.Inputs
	out := args.Inputs.Copy()
	if m.each != nil {
		maps.Copy(out, m.each(args))
	}
	maps.Copy(out, m.outputs[args.TypeToken])
	return "id-" + args.Name, out, nil
}

// Call repeats what was asked, as providers do, beside the answer.
func (m *mocks) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	out := args.Args.Copy()
	maps.Copy(out, m.answers[args.Token])
	return out, nil
}

// Of runs the build in a stack of this name and returns what it registered.
func Of(t *testing.T, stack string, build pulumi.RunFunc, opts ...Option) (Resources, error) {
	t.Helper()
	m := &mocks{t: t, outputs: Made{}, answers: Made{}, on: Resources{}}
	for _, apply := range opts {
		apply(m)
	}
	err := pulumi.RunErr(build, pulumi.WithMocks("platform", stack, m))
	return m.on, err
}
