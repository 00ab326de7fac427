//go:build !azure && (aws || gcp)

package account

var serveAzure server
