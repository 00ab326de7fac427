// Package kong makes the environment's doors in the cluster itself: a Kong Gateway for each audience, which knows the
// audience's routes and nobody else's. It is the same on every cloud; how a load balancer is asked for, the cloud's
// driver tells.
package kong
