// Package secret is the contract of secrets: one container per service and name, encrypted with a key
// of its own, that only the service's identity is let in to read. Its value is never plain text in the
// program or its state, or is not there at all: then an operator fills it.
package secret
