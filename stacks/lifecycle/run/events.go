package run

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
)

// listener collects what the engine tells.
type listener struct {
	stream chan events.EngineEvent
	closed chan struct{}

	mu     sync.Mutex
	all    []apitype.EngineEvent
	broken error
}

// listen begins to collect, and passes each event on.
func listen(watch func(apitype.EngineEvent)) *listener {
	l := &listener{stream: make(chan events.EngineEvent), closed: make(chan struct{})}
	go func() {
		defer close(l.closed)
		for event := range l.stream {
			l.mu.Lock()
			if event.Error != nil {
				l.broken = event.Error
			} else {
				l.all = append(l.all, event.EngineEvent)
			}
			l.mu.Unlock()
			if watch != nil && event.Error == nil {
				watch(event.EngineEvent)
			}
		}
	}()
	return l
}

// patience is how long the last events of a command that failed are waited for. One that never began closes nothing.
const patience = time.Second

// end is all that was told, and the operation's own error with what the engine said of it.
func (l *listener) end(err error) ([]apitype.EngineEvent, error) {
	if err == nil {
		<-l.closed
	} else {
		select {
		case <-l.closed:
		case <-time.After(patience):
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		return l.all, told(l.all, err)
	}
	if l.broken != nil {
		return l.all, fmt.Errorf("read what the engine told: %w", l.broken)
	}
	return l.all, nil
}

// Fault is an operation that failed. Its message is what the engine said; what the command printed beside it is behind.
type Fault struct {
	Messages []string
	Err      error
}

func (f Fault) Error() string {
	if len(f.Messages) == 0 {
		return f.Err.Error()
	}
	// The command's output is in its error, and says the same again, at length.
	first, _, _ := strings.Cut(f.Err.Error(), "\n")
	return first + "\n  " + strings.Join(f.Messages, "\n  ")
}

func (f Fault) Unwrap() error { return f.Err }

// told joins an error with the engine's own diagnostics, and with what the policies refused.
func told(all []apitype.EngineEvent, err error) error {
	if lock := locked(err); errors.As(lock, new(Locked)) {
		return lock
	}
	f := Fault{Err: err}
	for _, event := range all {
		urn, message := "", ""
		switch d, v := event.DiagnosticEvent, event.PolicyEvent; {
		case d != nil && (d.Severity == "error" || d.Severity == "info#err"):
			urn, message = d.URN, d.Message
		case v != nil && v.EnforcementLevel == string(apitype.Mandatory):
			urn, message = v.ResourceURN, fmt.Sprintf("%s: %s", v.PolicyName, v.Message)
		}
		if message = strings.TrimSpace(colors.Never.Colorize(message)); message == "" {
			continue
		}
		if urn != "" {
			message = urn + ": " + message
		}
		f.Messages = append(f.Messages, message)
	}
	return f
}
