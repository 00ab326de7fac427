// Package notify says who is told of which alert, when and how: a pure function from the teams of the catalogue to what
// Alertmanager reads (https://prometheus.io/docs/alerting/latest/configuration/). Keys and addresses that are secret stay
// out of it: they come into the cluster from the cloud's store, into a template.
package notify
