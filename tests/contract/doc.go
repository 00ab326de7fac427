// Package contract proves each capability on the simulated clouds through the real engine.
package contract
