// Package status holds what the command's exit status means, so that a pipeline can tell one end from another.
package status

import (
	"context"
	"errors"
)

// The exit statuses. Zero is a verb that did what it was asked, and found nothing.
const (
	Failed  = 1 // something went wrong; what was done is said
	Refused = 2 // nothing was begun, and no cloud was called
	Found   = 3 // it was done, and somebody must look at what was found
	Grave   = 4 // and soon
	Urgent  = 5 // and now
	// Interrupted is what a shell reports of a command that an interrupt ended
	// (https://www.gnu.org/software/bash/manual/html_node/Exit-Status.html).
	Interrupted = 130
)

// Error is an end that has a status of its own.
type Error struct {
	Code int
	Err  error
}

func (e Error) Error() string { return e.Err.Error() }
func (e Error) Unwrap() error { return e.Err }

// Status is the command's exit status.
func (e Error) Status() int { return e.Code }

// Refuse says that nothing was begun; nil stays nil.
func Refuse(err error) error {
	if err == nil {
		return nil
	}
	return Error{Refused, err}
}

// Of is the exit status of an end.
func Of(err error) int {
	var status interface{ Status() int }
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return status.Status()
	case errors.Is(err, context.Canceled):
		return Interrupted
	}
	return Failed
}
