package checks

import (
	"platform/tests/cloud"
	"platform/tests/cloud/gcp"
)

// DeadLetters finds queues that give up messages which then reach nobody. Only one cloud accepts such a queue.
func DeadLetters(objects []*cloud.Object) []Finding {
	var out []Finding
	for _, lost := range gcp.Unforwarded(objects) {
		out = append(out, Finding{"dead letters", lost.Subscription.String(), "dead letters that arrive", lost.Lack, see(lost.Subscription)})
	}
	return out
}
