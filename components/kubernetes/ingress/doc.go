// Package ingress is the one way into the cluster behind doors that are outside of it: a proxy of the mesh's own, which takes
// what comes through the doors by TLS, and leads it to the services of the catalogue's routes, as the identity that they know as
// the gateway.
package ingress
