// Package storage makes the storage class that volumes of a cluster get by default.
package storage
