// Package zone is the contract of how what runs in a cluster writes records into the environment's zone of names. Nothing
// is built: the zone is there before, and who may write into it is said by grants.
package zone
