//go:build !aws && (azure || gcp)

package inventory

// aws is absent: the command is built for another cloud.
var aws *offered
