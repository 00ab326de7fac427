package run

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// Site is where verbs act: the real accounts, or simulated ones.
type Site interface {
	// Open opens the stack of an environment, which must be there.
	Open(ctx context.Context, environment string) (*Stack, error)
}

// Local runs the program of a repository with the Pulumi command on the PATH, on real accounts.
type Local struct {
	Repository string // the folder of Pulumi.yaml
	Stacks     string // the folder of the environments
	Policies   []string
	Out        io.Writer // Pulumi's own progress
}

// Open opens a stack that was made by `pulumi stack init`, which says whose key its secrets have.
func (l Local) Open(ctx context.Context, environment string) (*Stack, error) {
	stack, err := auto.SelectStackLocalSource(ctx, environment, l.Repository)
	if err != nil {
		return nil, fmt.Errorf("open stack %s: %w", environment, err)
	}
	return &Stack{Auto: stack, Environment: environment, Files: os.DirFS(l.Stacks), Policies: l.Policies, Out: l.Out}, nil
}
