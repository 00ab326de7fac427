// Package cloud simulates clouds for the real Pulumi engine: resource providers over gRPC whose rules
// are tables, a store on disk that outlives the run, and an inventory of everything that lives in it,
// the hidden objects that clouds make behind one's back included, and what the controllers of a cluster
// make: the packages kubernetes and controller.
//
// It is strict and fails closed: a type without rules, a property that the rules do not know, a
// reference to nothing and a delete in the wrong order are errors. It stands in for providers only;
// what the clouds themselves would do beyond the rules is not proven by it.
package cloud
