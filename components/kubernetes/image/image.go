// Package image says where the images of the platform's own parts come from: the registries of those who make them, or
// one that has copies of all, for clusters that reach no other.
package image

import "regexp"

// Registry has a copy of each image under its whole name: quay.io/argoproj/argocd is <registry>/quay.io/argoproj/argocd
// there. The zero value stands for nobody: every image comes from whoever makes it.
type Registry string

// Allowed is what the address of a registry may be.
const Allowed = "a host, a port if it has one of its own, and a path are allowed, as registry.example.com/mirror"

var address = regexp.MustCompile(`^[a-z0-9]+([.-][a-z0-9]+)*\.[a-z0-9-]+(:[0-9]{1,5})?(/[a-z0-9]+([._-][a-z0-9]+)*)*$`)

// Valid says whether it is an address, or nobody's
// (https://github.com/distribution/reference/blob/v0.6.0/regexp.go).
func (r Registry) Valid() bool { return r == "" || address.MatchString(string(r)) }

// Of is where an image comes from, or what images begin with; its name has its maker's registry.
func (r Registry) Of(name string) string {
	if r == "" {
		return name
	}
	return string(r) + "/" + name
}
