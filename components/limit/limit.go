// Package limit holds the ranges that a cloud sets for numbers, so that an environment's file and a
// component's arguments are judged by the same ones.
package limit

import "fmt"

// Range is from Least to Most, both allowed.
type Range struct{ Least, Most int }

// Holds tells whether the value is in the range.
func (r Range) Holds(value int) bool { return value >= r.Least && value <= r.Most }

// Allowed says what is, for messages.
func (r Range) Allowed() string { return fmt.Sprintf("%d to %d is allowed", r.Least, r.Most) }

// Fault is nil for a value in the range, and else names path, value and what is allowed.
func (r Range) Fault(path string, value int) error {
	if r.Holds(value) {
		return nil
	}
	return fmt.Errorf("%s: value %d: %s", path, value, r.Allowed())
}
