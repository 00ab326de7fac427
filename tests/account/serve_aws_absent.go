//go:build !aws && (azure || gcp)

package account

var serveAWS server
