// Package foundation is the contract of what an environment stands on before it has a network: on some
// clouds everything lies in a group, writes to one workspace, takes its keys from one vault, or needs
// the cloud's services to be switched on first.
package foundation
