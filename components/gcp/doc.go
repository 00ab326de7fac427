// Package gcp builds the platform's capabilities on Google Cloud: one file per capability, each a pure
// function from the contract's arguments to the SDK's, and a thin function that registers.
//
// Physical names are made only in names.go, sizes are mapped only in sizes.go. The foundation switches on the
// project's services, which everything waits for.
package gcp
