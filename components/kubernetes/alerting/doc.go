// Package alerting tells the owners of services what is wrong with them: rules of Prometheus from what the catalogue promises,
// and who hears of which, from its teams. It is the same on every cloud.
package alerting
