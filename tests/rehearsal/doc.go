// Package rehearsal drives the real Pulumi engine over an environment on the simulated clouds.
package rehearsal
