package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// Recover mends what a run that died left behind: it takes its lock away and settles each operation
// that was under way. A create that the cloud carried out before the engine heard of it is adopted;
// one that never happened is forgotten. It tells what it did, one line for each.
func (e *Environment) Recover(ctx context.Context) ([]string, error) {
	if err := e.cancel(ctx); err != nil {
		return nil, err
	}
	pending, known, err := e.pending(ctx)
	if err != nil || len(pending) == 0 {
		return nil, err
	}
	options := []optrefresh.Option{optrefresh.ProgressStreams(e.options.Out)}
	var told []string
	var adopt []optrefresh.PendingCreate
	for _, op := range pending {
		urn := string(op.Resource.URN)
		if op.Type != apitype.OperationTypeCreating {
			told = append(told, fmt.Sprintf("%s was %s: compared with the cloud", urn, op.Type))
			continue
		}
		id, err := e.lost(urn, known)
		switch {
		case err != nil:
			return told, err
		case id == "":
			told = append(told, urn+" was creating: the cloud has nothing of it; forgotten")
		default:
			told = append(told, fmt.Sprintf("%s was creating: the cloud had made %s; adopted", urn, id))
			adopt = append(adopt, optrefresh.PendingCreate{URN: urn, ID: id})
		}
	}
	if len(adopt) > 0 {
		options = append(options, optrefresh.ImportPendingCreates(adopt))
	}
	// After the imports: whatever is still pending never came to be.
	options = append(options, optrefresh.ClearPendingCreates())
	if _, err := e.stack.Refresh(ctx, options...); err != nil {
		return told, fmt.Errorf("settle what the dead run left: %w", err)
	}
	return told, nil
}

// lost finds the object of a create whose answer never arrived. More than one would be a double.
func (e *Environment) lost(urn string, known map[string]bool) (string, error) {
	id := ""
	for _, o := range e.Cloud.Found(urn) {
		if known[urn+" "+o.PublicID()] {
			continue // the state has it: it is being replaced
		}
		if id != "" {
			return "", fmt.Errorf("%s exists twice in the cloud: %s and %s", urn, id, o.PublicID())
		}
		id = o.PublicID()
	}
	return id, nil
}

// pending reads the operations that were under way, and the objects that the state knows.
func (e *Environment) pending(ctx context.Context) ([]apitype.OperationV2, map[string]bool, error) {
	state, err := e.State(ctx)
	if err != nil {
		return nil, nil, err
	}
	var deployment apitype.DeploymentV3
	if err := json.Unmarshal(state.Deployment, &deployment); err != nil {
		return nil, nil, fmt.Errorf("read the state of %s: %w", e.options.Stack, err)
	}
	known := map[string]bool{}
	for _, r := range deployment.Resources {
		known[string(r.URN)+" "+string(r.ID)] = true
	}
	return deployment.PendingOperations, known, nil
}
