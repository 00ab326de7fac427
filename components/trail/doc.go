// Package trail is the contract of an account's audit trail: who did what through the cloud's own API, kept where
// nobody can change it, and the threat detection that reads the same. An account has one.
package trail
