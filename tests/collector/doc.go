// Package collector lets the collector's own code judge what the platform tells it. It is a module of its own: the collector's
// libraries would move those of the root's.
package collector
