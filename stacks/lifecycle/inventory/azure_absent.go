//go:build !azure && (aws || gcp)

package inventory

// azure is absent: the command is built for another cloud.
var azure *offered
