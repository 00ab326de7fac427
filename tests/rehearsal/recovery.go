package rehearsal

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// Recover mends what a run that died left behind, as the operator's command does who says that it is dead.
func (e *Environment) Recover(ctx context.Context) ([]string, error) {
	if err := e.stack.Cancel(ctx); err != nil {
		return nil, err
	}
	return e.stack.Recover(ctx, e.Finder())
}

// Finder finds what lost creates made by the URN that the simulated clouds know, which is what a person would take to be it.
func (e *Environment) Finder() Finder { return Finder{e} }

// Finder looks into a simulated cloud.
type Finder struct{ of *Environment }

// Find lists what the creates of a resource left.
func (f Finder) Find(_ context.Context, r apitype.ResourceV3) ([]string, error) {
	var ids []string
	for _, o := range f.of.Cloud.Found(string(r.URN)) {
		ids = append(ids, o.PublicID())
	}
	return ids, nil
}
