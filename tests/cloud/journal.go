package cloud

import (
	"sync"
	"time"
)

// Clock turns modelled time into waiting.
type Clock struct {
	// Scale is how many modelled seconds pass in one real second; zero never waits.
	Scale float64
}

func (c Clock) wait(modelled time.Duration) time.Duration {
	if c.Scale <= 0 {
		return 0
	}
	return time.Duration(float64(modelled) / c.Scale)
}

// Call is one call that changed the cloud, or tried to.
type Call struct {
	Op, Type, URN, ID string
	Modelled          time.Duration
	Fault             string // what was injected; "" if nothing
	Err               error
}

// Journal remembers the calls of this process.
type Journal struct {
	mu    sync.Mutex
	calls []Call
}

func (j *Journal) add(c Call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = append(j.calls, c)
}

// Calls lists the calls since the last Reset.
func (j *Journal) Calls() []Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Call(nil), j.calls...)
}

// Reset forgets all calls.
func (j *Journal) Reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = nil
}

// Durations sums the modelled time by URN.
func (j *Journal) Durations() map[string]time.Duration {
	out := map[string]time.Duration{}
	for _, c := range j.Calls() {
		out[c.URN] += c.Modelled
	}
	return out
}
