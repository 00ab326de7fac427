package network

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// Way is where something outside the cluster answers, as policies in the cluster can name it: by addresses and
// ports. Drivers tell it, since each cloud has its own.
type Way struct {
	// Ranges are in CIDR form. Where nobody can say which of the internet's addresses answer, Internet stands for
	// all of them.
	Ranges   pulumi.StringArrayOutput
	Internet bool
	Ports    []int // of TCP
}

// At is the way to some ranges.
func At(ports []int, ranges ...string) Way {
	return Way{Ranges: pulumi.ToStringArray(ranges).ToStringArrayOutput(), Ports: ports}
}

// OverInternet is the way to an address of the internet that nobody knows beforehand.
func OverInternet(ports ...int) Way { return Way{Internet: true, Ports: ports} }

// TLSPort is where the clouds' own services answer.
const TLSPort = 443
