// Package flows says who may talk to whom: nobody, but for what the catalogue says of a service. It is the same on
// every cloud; where databases and the cloud's own services answer, the cloud's driver tells.
package flows
