package rehearsal

import (
	"context"
	"fmt"

	"platform/stacks/lifecycle/run"
)

// Site is where the operator's verbs find rehearsed environments in the place of real ones.
type Site []*Environment

// Open is the stack of an environment.
func (s Site) Open(_ context.Context, environment string) (*run.Stack, error) {
	for _, e := range s {
		if e.options.Stack == environment {
			return e.stack, nil
		}
	}
	return nil, fmt.Errorf("no environment %s is rehearsed", environment)
}
