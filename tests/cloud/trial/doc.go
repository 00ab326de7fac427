// Package trial calls a simulated cloud without an engine: tests of rules and hooks make, change and remove resources
// by hand in it, and objects inside a cluster. The clouds' own tests share it so that each of them says only what is
// particular to its cloud.
package trial
