// Package inventory asks a cloud itself what is in an account, so that an empty state is not taken for an empty account.
package inventory

import (
	"context"
	"fmt"

	"platform/stacks/config"
)

// Item is a thing in an account.
type Item struct {
	ID       string            `json:"id"`   // the cloud's own name for it, unique in all accounts
	Type     string            `json:"type"` // as the cloud calls it
	Location string            `json:"location,omitempty"`
	Tags     map[string]string `json:"tags,omitempty"`
	Owner    string            `json:"owner,omitempty"` // the id of what it was made for or is in, where the cloud says so
}

// Inventory lists what is in an account.
type Inventory interface {
	// List lists all that the cloud's service knows, and says what it cannot know here.
	List(ctx context.Context) (items []Item, bounds []string, err error)
}

// Of is the inventory of the account that an environment is in, asked with the credentials of whoever asks.
func Of(ctx context.Context, s config.Settings) (Inventory, error) {
	open, ok := services[s.Cloud]
	if !ok {
		return nil, fmt.Errorf("this command was built without cloud %s", s.Cloud)
	}
	return open(ctx, s)
}

// service opens the inventory of one cloud.
type service func(ctx context.Context, s config.Settings) (Inventory, error)
