// Package engine evaluates the platform's rules as Prometheus does, by its own rule engine, over series that a test tells.
package engine
