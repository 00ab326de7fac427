package rehearsal

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Recover mends what a run that died left behind: it takes its lock away and settles each operation
// that was under way. A create that the cloud carried out before the engine heard of it is adopted;
// one that never happened is forgotten. It tells what it did, one line for each.
//
// The engine's own `refresh --import-pending-creates` is not enough: the command of version 3.257
// notes the import in the state, but no later run acts on the note.
func (e *Environment) Recover(ctx context.Context) ([]string, error) {
	if err := e.stack.Cancel(ctx); err != nil {
		return nil, err
	}
	state, deployment, err := e.stack.Deployment(ctx)
	if err != nil {
		return nil, err
	}
	if len(deployment.PendingOperations) == 0 {
		return nil, nil
	}
	told, err := e.settle(&deployment)
	if err != nil {
		return told, err
	}
	if state.Deployment, err = json.Marshal(deployment); err != nil {
		return told, err
	}
	if err := e.stack.Auto.Import(ctx, state); err != nil {
		return told, fmt.Errorf("write the settled state: %w", err)
	}
	// Reads what was adopted, and what an interrupted update or delete made of the rest.
	if _, err := e.Refresh(ctx); err != nil {
		return told, fmt.Errorf("compare the settled state with the cloud: %w", err)
	}
	return told, nil
}

// settle moves lost creates from the pending operations to the resources, and drops the rest.
func (e *Environment) settle(d *apitype.DeploymentV3) ([]string, error) {
	known := map[string]bool{}
	for _, r := range d.Resources {
		known[string(r.URN)+" "+string(r.ID)] = true
	}
	var told []string
	for _, op := range d.PendingOperations {
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
			adopt(d, op.Resource, id)
			told = append(told, fmt.Sprintf("%s was creating: the cloud had made %s; adopted", urn, id))
		}
	}
	d.PendingOperations = nil
	return told, nil
}

// adopt adds a resource to the state. What it replaces waits for its deletion, as the engine would
// have noted next. At the end of the list it follows all that it depends on.
func adopt(d *apitype.DeploymentV3, r apitype.ResourceV3, id string) {
	for i, old := range d.Resources {
		if old.URN == r.URN && !old.Delete {
			d.Resources[i].Delete = true
		}
	}
	r.ID = resource.ID(id)
	d.Resources = append(d.Resources, r)
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
