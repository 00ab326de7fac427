package inventory

import "context"

// Remover is an inventory that also deletes what controllers in a cluster made. One that is none has nothing that could be left: Azure deletes
// the group of a cluster's nodes, with all that is in it, together with the cluster (https://learn.microsoft.com/azure/aks/faq).
type Remover interface {
	// Cluster is the name of the cluster that a thing is; empty if it is none.
	Cluster(item Item) string
	// Maker tells in which cluster a thing was made, if it is of a type that can be deleted.
	Maker(item Item) Maker
	// Remove deletes a thing, and returns when it is gone; that it is gone already is no error. What still needs the thing is one.
	Remove(ctx context.Context, item Item) error
}

// Maker is whose controllers made a thing: those of the cluster of a name, or of some cluster, which the thing does not tell. Else nobody's.
type Maker struct {
	Cluster string
	Some    bool
}
