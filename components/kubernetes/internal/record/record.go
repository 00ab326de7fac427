// Package record lets tests see what a component registers, without an engine.
package record

import (
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Resources are the inputs of what was registered, by "<type> <name>".
type Resources map[string]resource.PropertyMap

type mocks struct {
	t  *testing.T
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
	return "id-" + args.Name, args.Inputs.Copy(), nil
}

func (m *mocks) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return resource.PropertyMap{}, nil
}

// Of runs the build and returns what it registered.
func Of(t *testing.T, build pulumi.RunFunc) (Resources, error) {
	t.Helper()
	m := &mocks{t: t, on: Resources{}}
	err := pulumi.RunErr(build, pulumi.WithMocks("platform", "dev", m))
	return m.on, err
}
