package cloud

import (
	"fmt"
	"regexp"
	"sync"
	"time"
)

// FaultKind says what goes wrong.
type FaultKind string

// The kinds of fault.
const (
	Throttled FaultKind = "throttled" // the provider retries: it costs time, until it gives up
	Forbidden FaultKind = "refused"   // the cloud refuses the call
	Lost      FaultKind = "lost"      // the cloud does the work, the answer never arrives
	// DeadBefore and DeadAfter end the engine before the cloud does the work, or after it.
	DeadBefore FaultKind = "dead before the work"
	DeadAfter  FaultKind = "dead after the work"
)

// Fault goes wrong at one call.
type Fault struct {
	Kind  FaultKind
	Op    string         // Create, Update or Delete; empty is any
	Match *regexp.Regexp // of the URN; nil is any
	Nth   int            // which of the matching calls, from 1
	Times int            // throttled attempts in a row

	// Kill ends the engine.
	Kill func()

	seen int
	done bool
}

// Faults decides at each call whether something goes wrong.
type Faults struct {
	mu     sync.Mutex
	faults []*Fault
}

// Set replaces the planned faults.
func (f *Faults) Set(faults ...*Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = faults
}

// Pending counts the faults that have not happened.
func (f *Faults) Pending() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, fault := range f.faults {
		if !fault.done {
			n++
		}
	}
	return n
}

func (f *Faults) at(op, urn string) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var due *Fault
	for _, fault := range f.faults {
		if fault.done || fault.Op != "" && fault.Op != op || fault.Match != nil && !fault.Match.MatchString(urn) {
			continue
		}
		fault.seen++
		if fault.seen == fault.Nth && due == nil {
			fault.done, due = true, fault
		}
	}
	return due
}

// The provider retries a throttled call with growing pauses of at most 20 seconds, 25 times
// (https://www.pulumi.com/registry/packages/aws/api-docs/provider/#maxretries,
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).
const (
	maxRetries = 25
	maxPause   = 20 * time.Second
)

// before is what happens before the work: time that passes, or an error instead of the work.
func (f *Fault) before() (time.Duration, error) {
	if f == nil {
		return 0, nil
	}
	switch f.Kind {
	case Throttled:
		var waited time.Duration
		pause := time.Second
		for range min(f.Times, maxRetries) {
			waited += pause
			pause = min(2*pause, maxPause)
		}
		if f.Times > maxRetries {
			return waited, Refuse("Throttling", "rate exceeded: gave up after %d attempts", maxRetries)
		}
		return waited, nil
	case Forbidden:
		return 0, Refuse("AccessDenied", "not authorized to perform this operation")
	case DeadBefore:
		f.Kill()
		return 0, fmt.Errorf("the engine is gone")
	}
	return 0, nil
}

// after is what happens when the work is done.
func (f *Fault) after() error {
	if f == nil {
		return nil
	}
	switch f.Kind {
	case Lost:
		return Refuse("RequestTimeout", "no answer: the request may have been carried out")
	case DeadAfter:
		f.Kill()
		return fmt.Errorf("the engine is gone")
	}
	return nil
}

func (f *Fault) name() string {
	if f == nil {
		return ""
	}
	return string(f.Kind)
}
