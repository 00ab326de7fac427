// Package system is what the platform's own parts in a cluster share: a namespace for each, closed but for what the part
// needs, and the place where their pods run.
package system
