// Package bridge tells a service what was made for it in the cloud: addresses and names as a ConfigMap, and secrets as
// Secrets that the cluster's controller of secrets fetches as the service. It is the same on every cloud; how a store
// is opened, the cloud's driver tells.
package bridge
