// Package ephemeral carries the verbs on environments that live for some hours: each is cast in one mould, has an address plan
// of its own out of a pool, and is gone when its time is over.
//
// What is known of one is in the backend of its state, as tags of its stack; a plan is claimed by a stack of a second project,
// which the backend lets be made once. So no server is needed, and what holds is what the backend promises
// (docs/decisions/ephemeral.md).
package ephemeral
