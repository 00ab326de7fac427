package certificates

import (
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/custom"
	"platform/components/tags"
)

// Intermediate is an authority below the cluster's own, for a part of the cluster that signs by itself.
type Intermediate struct {
	Namespace string
	// Secret is where its certificate, its key and the certificate of the cluster's authority are kept, and the name of
	// the object that asks for them.
	Secret string
	Common string // the name in its certificate
	// Duration and RenewBefore are hours, as 2160h; every renewal makes a new key.
	Duration, RenewBefore string
	After                 []pulumi.Resource // the issuers, and the namespace
	Tags                  tags.Set
}

// NewIntermediate asks for the authority. Its key is made in the cluster, kept there, and never in the state.
func NewIntermediate(ctx *pulumi.Context, name string, args Intermediate, parent pulumi.Resource) (*custom.Resource, error) {
	return custom.New(ctx, name, custom.Args{
		APIVersion: apiVersion, Kind: kindCertified,
		Metadata: metav1.ObjectMetaArgs{
			Name: pulumi.String(args.Secret), Namespace: pulumi.String(args.Namespace), Labels: pulumi.ToStringMap(args.Tags),
		},
		Spec: certificateSpec{
			IsCA: true, CommonName: args.Common, SecretName: args.Secret, Duration: args.Duration, RenewBefore: args.RenewBefore,
			PrivateKey: privateKey{Algorithm: "ECDSA", Size: 256, RotationPolicy: "Always"},
			IssuerRef:  issuerRef{Group: "cert-manager.io", Kind: kindCluster, Name: Internal},
		},
	}, pulumi.Parent(parent), pulumi.DependsOn(args.After))
}
