// Package rules is what an environment is allowed to be: tables of what must hold of which property of which type,
// and the functions that judge by them. It needs no engine and no cloud's SDK: a resource is its type, its name and
// the inputs that a program registers.
package rules
