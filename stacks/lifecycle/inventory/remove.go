package inventory

import "context"

// Remover is an inventory that also deletes what it lists. One that is none has nothing that could be left: Azure deletes the group of
// a cluster's nodes, with all that is in it, together with the cluster (https://learn.microsoft.com/azure/aks/faq).
type Remover interface {
	// Removes says whether it can delete things of a type.
	Removes(kind string) bool
	// Remove deletes a thing, and returns when it is gone; that it is gone already is no error. What still needs the thing is one.
	Remove(ctx context.Context, item Item) error
}
