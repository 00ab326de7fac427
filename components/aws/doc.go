// Package aws builds the platform's capabilities on Amazon Web Services: one file per capability,
// each a pure function from the contract's arguments to the SDK's, and a thin function that registers.
//
// Physical names are made only in names.go, sizes are mapped only in sizes.go, policy documents
// only in policy.go.
package aws
