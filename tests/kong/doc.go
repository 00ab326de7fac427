// Package kong judges configurations by the rules that Kong's own schemas set, since Kong itself does not run in a rehearsal.
package kong
