// Package rules proves the platform's alerts: each fires when it should, and is silent when it should be.
package rules
