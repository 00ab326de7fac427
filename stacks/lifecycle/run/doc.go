// Package run carries the verbs that change an environment: it runs Pulumi's engine on the environment's stack, tells
// how far it is, and sums up at the end. It knows no difference between a real account and a simulated cloud: what
// differs is the Site.
package run
