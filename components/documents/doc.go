// Package documents is the contract of document storage: one table per service that asks, for
// read-heavy work, encrypted with a key of its own and restorable to any point in time.
package documents
