package limit

// Replicas is how many of a controller of the platform's own there can be in a cluster: one works and the others take over,
// so that more than a few are of no use.
var Replicas = Range{Least: 1, Most: 5}
