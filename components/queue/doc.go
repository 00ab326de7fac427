// Package queue is the contract of messaging: one event has one topic, and every service that
// consumes it a queue of its own with a dead-letter queue. Only the publisher may publish, and only
// the consumer may receive.
package queue
