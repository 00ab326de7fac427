package certificates

import (
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/custom"
	"platform/components/tags"
)

// certificateSpec is what is set of a certificate (https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.CertificateSpec).
type certificateSpec struct {
	IsCA        bool       `json:"isCA,omitempty"`
	CommonName  string     `json:"commonName,omitempty"`
	DNSNames    []string   `json:"dnsNames,omitempty"`
	SecretName  string     `json:"secretName"`
	Duration    string     `json:"duration,omitempty"`
	RenewBefore string     `json:"renewBefore,omitempty"`
	Usages      []string   `json:"usages,omitempty"`
	PrivateKey  privateKey `json:"privateKey"`
	IssuerRef   issuerRef  `json:"issuerRef"`
}

type privateKey struct {
	Algorithm      string `json:"algorithm"`
	Size           int    `json:"size"`
	RotationPolicy string `json:"rotationPolicy"`
}

type issuerRef struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
	Name  string `json:"name"`
}

// renewed is a key that is another with each certificate.
var renewed = privateKey{Algorithm: "ECDSA", Size: 256, RotationPolicy: "Always"}

func signedBy(kind, name string) issuerRef {
	return issuerRef{Group: "cert-manager.io", Kind: kind, Name: name}
}

// Certificate is one that is asked for. Its key is made in the cluster, kept there, and never in the state.
type Certificate struct {
	Name      string
	Namespace pulumi.StringInput
	Secret    string // where it is kept, with its key and its authority's certificate
	After     []pulumi.Resource
	Tags      tags.Set
}

func (c Certificate) new(ctx *pulumi.Context, name string, spec certificateSpec, parent pulumi.Resource) (*custom.Resource, error) {
	spec.SecretName, spec.PrivateKey = c.Secret, renewed
	return custom.New(ctx, name, custom.Args{
		APIVersion: apiVersion, Kind: kindCertified, Spec: spec,
		Metadata: metav1.ObjectMetaArgs{Name: pulumi.String(c.Name), Namespace: c.Namespace.ToStringOutput(), Labels: pulumi.ToStringMap(c.Tags)},
	}, pulumi.Parent(parent), pulumi.DependsOn(c.After))
}

// NewServing asks one of the cluster's issuers for the certificate of a server under some hosts.
func NewServing(ctx *pulumi.Context, name string, c Certificate, issuer string, hosts []string, parent pulumi.Resource) (*custom.Resource, error) {
	return c.new(ctx, name, certificateSpec{
		DNSNames: hosts, Usages: []string{"digital signature", "server auth"}, IssuerRef: signedBy(kindCluster, issuer),
	}, parent)
}

// Life is how long a certificate holds, and how long before its end it is another: hours, as 2160h.
type Life struct{ Duration, RenewBefore string }

// NewIntermediate asks the cluster's own authority for one below it, for a part of the cluster that signs by itself.
func NewIntermediate(ctx *pulumi.Context, name string, c Certificate, common string, life Life, parent pulumi.Resource) (*custom.Resource, error) {
	return c.new(ctx, name, certificateSpec{
		IsCA: true, CommonName: common, Duration: life.Duration, RenewBefore: life.RenewBefore, IssuerRef: signedBy(kindCluster, Internal),
	}, parent)
}
