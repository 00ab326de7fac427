// Package alarms is the contract of who is told what: every team has one topic, and every database,
// queue and door has alarms that go to the team that owns it, when they begin and when they end.
package alarms
