package review

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/stacks/lifecycle/modelled"
)

// Time is what an up would take at least, by modelled durations: what is built and changed first, and then what goes.
type Time struct {
	Build  modelled.Duration `json:"build"`
	Remove modelled.Duration `json:"remove"`
	// Longest is the chain that the time to build comes from, without what takes no time.
	Longest []Step `json:"longest,omitempty"`
}

// Step is one of the longest chain.
type Step struct {
	URN  string            `json:"urn"`
	Took modelled.Duration `json:"took"`
}

// costs is what an operation of the engine does on the cloud; a replacement is told by its two halves.
var costs = map[string]modelled.Operation{
	"create": modelled.Create, "create-replacement": modelled.Create, "update": modelled.Update,
	"delete": modelled.Delete, "delete-replaced": modelled.Delete,
}

// modelledTime reads the document of a preview, where alone it says what depends on what.
func modelledTime(digest []byte) (Time, error) {
	var file struct {
		Steps []struct {
			Op                 string
			URN                string
			OldState, NewState *apitype.ResourceV3
		}
	}
	if err := json.Unmarshal(digest, &file); err != nil {
		return Time{}, fmt.Errorf("not what `pulumi preview --json` prints: %w", err)
	}
	var after, before []apitype.ResourceV3
	build, remove := map[string]time.Duration{}, map[string]time.Duration{}
	for _, s := range file.Steps {
		if s.NewState != nil {
			after = append(after, *s.NewState)
		}
		if s.OldState != nil {
			before = append(before, *s.OldState)
		}
		operation, ok := costs[s.Op]
		switch {
		case !ok:
		case operation == modelled.Delete && s.OldState != nil:
			remove[s.URN] = modelled.Took(string(s.OldState.Type), operation)
		case s.NewState != nil:
			build[s.URN] = modelled.Took(string(s.NewState.Type), operation)
		}
	}
	path, took := modelled.CriticalPath(after, build)
	_, gone := modelled.CriticalPath(before, remove)
	out := Time{Build: modelled.Duration(took), Remove: modelled.Duration(gone)}
	for _, s := range path {
		if s.Took > 0 {
			out.Longest = append(out.Longest, Step{s.URN, modelled.Duration(s.Took)})
		}
	}
	return out, nil
}
