// Package parity says how far the clouds are alike: which capability is the same, which differs and how,
// and which a cloud cannot give and why.
package parity

// Level is how a cloud serves a capability.
type Level string

// The levels. What is the same needs no words; what differs or cannot be says how or why.
const (
	Same       Level = "same"
	Differs    Level = "differs"
	Impossible Level = "impossible"
)

// Row is one capability on one cloud.
type Row struct {
	ID    string // as the mission names it: N1, K2, ...
	Level Level
	How   string
}
