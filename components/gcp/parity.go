package gcp

import (
	"slices"

	"platform/components/parity"
)

// Parity says how far Google Cloud gives what the platform promises.
func (d *Driver) Parity() []parity.Row {
	return slices.Concat(parityGround, parityCluster, parityData, parityDoors, []parity.Row{
		{ID: "A1", Level: parity.Same},
		{ID: "O2", Level: parity.Differs, How: "a second role lets each store see its bucket, which the role for objects does not"},
		{ID: "O1", Level: parity.Differs, How: "names are resolved by kube-dns, which tells of itself at a port of its own and in other words than CoreDNS"},
		{ID: "V1", Level: parity.Same},
		{ID: "O3", Level: parity.Same},
		{ID: "Z1", Level: parity.Same},
		{ID: "Z2", Level: parity.Same},
		{ID: "T1", Level: parity.Same},
		{ID: "T2", Level: parity.Same},
		{ID: "T3", Level: parity.Differs, How: "the teams' groups must be members of the company's group gke-security-groups, the only one whose groups a cluster knows"},
		{ID: "T4", Level: parity.Same},
		{ID: "S3", Level: parity.Differs, How: "what people and services did is kept in a locked log bucket; threat detection is Security Command Center's, which only the console or " +
			"whoever administers the organization switches on: the trail's output detection says so"},
		{ID: "C1", Level: parity.Differs, How: "tags are labels; networks, subnets, routes, firewall rules, grants and most parts of a load balancer cannot bear any"},
		{ID: "C3", Level: parity.Differs, How: "a project takes Google's own constraints, which refuse everywhere and cannot only tell; those of one's own are made at the organization"},
	})
}
