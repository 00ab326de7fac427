// Package database is the contract of relational storage: one Postgres server per service, encrypted
// with a key of its own, reachable by the service's nodes only, and entered without a password. The
// connections that the service can open are counted before anything is built.
package database
