package run

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// Site is where verbs act: the real accounts, or simulated ones.
type Site interface {
	// Open opens the stack of an environment, which must be there.
	Open(ctx context.Context, environment string) (*Stack, error)
}

// Local runs the program of a repository with the Pulumi command on the PATH, on real accounts.
type Local struct {
	Repository string    // the folder of Pulumi.yaml
	Stacks     string    // the folder of the environments
	Policies   []string  // folders of packs of policies
	Out        io.Writer // Pulumi's own progress
}

// Open opens a stack that was made by `pulumi stack init`, which says whose key its secrets have.
func (l Local) Open(ctx context.Context, environment string) (*Stack, error) {
	stack, err := auto.SelectStackLocalSource(ctx, environment, l.Repository)
	if err != nil {
		return nil, fmt.Errorf("open stack %s: %w", environment, err)
	}
	// The engine starts a pack in the program's folder: only a whole path leads to it from there.
	packs := make([]string, len(l.Policies))
	for i, folder := range l.Policies {
		if packs[i], err = filepath.Abs(folder); err != nil {
			return nil, fmt.Errorf("open stack %s: policies %s: %w", environment, folder, err)
		}
	}
	return &Stack{Auto: stack, Environment: environment, Files: os.DirFS(l.Stacks), Policies: packs, Out: l.Out}, nil
}
