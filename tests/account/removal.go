package account

import (
	"errors"
	"fmt"
	"sync"

	"platform/tests/cloud"
)

// errNone says that a thing is not there.
var errNone = errors.New("it is not there")

// removed takes away the thing of a cloud that fits, by the cloud's own rules.
func removed(c *cloud.Cloud, fits func(*cloud.Object) bool, remove func(*cloud.Tx, *cloud.Object) error) error {
	for _, o := range listed(c) {
		if o.Hidden && fits(o) {
			return c.Meddle(func(t *cloud.Tx) error { return remove(t, t.Get(o.Type, o.ID)) })
		}
	}
	return errNone
}

// deletions are those that were asked for, and how they went.
type deletions struct {
	mu   sync.Mutex
	went []error
}

// begin keeps how a deletion went, and names it.
func (d *deletions) begin(err error) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.went = append(d.went, err)
	return fmt.Sprintf("deletion-%d", len(d.went))
}

// of says whether a deletion is known, and how it went.
func (d *deletions) of(name string) (known bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var n int
	if _, wrong := fmt.Sscanf(name, "deletion-%d", &n); wrong != nil || n < 1 || n > len(d.went) {
		return false, nil
	}
	return true, d.went[n-1]
}
