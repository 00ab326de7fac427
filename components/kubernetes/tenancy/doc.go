// Package tenancy makes the place in a cluster where one service runs: its namespace, what it may use
// at most, and the account of its pods. It is the same on every cloud.
package tenancy
