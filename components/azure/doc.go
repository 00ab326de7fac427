// Package azure builds the platform's capabilities on Microsoft Azure: one file per capability, each a pure
// function from the contract's arguments to the SDK's, and a thin function that registers.
//
// Physical names are made only in names.go, sizes are mapped only in sizes.go. Everything lies in one
// resource group per environment, which the foundation makes.
package azure
