//go:build !gcp && (aws || azure)

package inventory

// gcp is absent: the command is built for another cloud.
var gcp *offered
