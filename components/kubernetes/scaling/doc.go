// Package scaling says how many pods of a service run: as many as its load asks for, never too few at once, and how
// many more a declared peak will ask for. It is the same on every cloud.
package scaling
