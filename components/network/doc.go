// Package network is the contract of an environment's network: public, private and data subnets in
// three zones, a declared way out, cloud services reached without the internet, and flow logs.
package network
