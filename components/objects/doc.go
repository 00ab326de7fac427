// Package objects is the contract of object storage: a bucket for one user of the platform's own, who alone reads and
// writes there, encrypted with a key of its own. Objects are written once and deleted by their user; what is left behind
// goes after its days.
package objects
