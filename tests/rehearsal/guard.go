package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/stacks/config"
	"platform/stacks/lifecycle/guard"
)

// guard judges what a preview told, by the waivers of the copy of the environment's file.
func (e *Environment) guard(told []events.EngineEvent) error {
	var all []apitype.EngineEvent
	for _, event := range told {
		if event.Error != nil {
			return fmt.Errorf("guard: read the preview's events: %w", event.Error)
		}
		all = append(all, event.EngineEvent)
	}
	preview, err := guard.FromEvents(all)
	if err != nil {
		return fmt.Errorf("guard: %w", err)
	}
	var waivers []config.Waiver
	if e.options.StackFile != "" {
		if waivers, err = config.Waived(os.DirFS(filepath.Dir(e.StackFile())), e.options.Stack); err != nil {
			return fmt.Errorf("guard: %w", err)
		}
	}
	report := guard.Judge(preview, waivers, time.Now())
	if report.Err() != nil {
		return errors.New(report.Text())
	}
	fmt.Fprint(e.options.Out, report.Text())
	return nil
}

// Apply previews, and brings up what the guard lets pass.
func (e *Environment) Apply(ctx context.Context) (Changes, error) {
	if _, err := e.Preview(ctx); err != nil {
		return nil, err
	}
	return e.Up(ctx)
}
