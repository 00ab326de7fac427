package certificates

import (
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/custom"
)

const (
	apiVersion    = "cert-manager.io/v1"
	kindIssuer    = "Issuer"
	kindCluster   = "ClusterIssuer"
	kindCertified = "Certificate"

	// seed signs the authority's own certificate and is of no use elsewhere, so it is of the namespace alone.
	seed = "seed"
	// authority is the cluster's own: its certificate and the secret with its key, which is made in the cluster, renewed
	// there, and never in the state.
	authority = "authority"
	// accountKey is the secret with the key by which the public authority knows us.
	accountKey = "public-account"
)

// The authority's certificate holds for ten years and is renewed, with a new key, a year before its end: whoever trusts
// it has that year to learn the new one (https://cert-manager.io/docs/configuration/selfsigned/#certificate-validity).
const (
	authorityLife  = "87600h"
	authorityRenew = "8760h"
)

// issuers makes who signs. Each is there before what names it, so that it goes after it.
func (a Args) issuers(ctx *pulumi.Context, name string, release, parent pulumi.Resource) ([]pulumi.Resource, error) {
	var made []pulumi.Resource
	last := release
	add := func(role, kind, object, namespace string, spec any) error {
		metadata := metav1.ObjectMetaArgs{Name: pulumi.String(object), Labels: pulumi.ToStringMap(a.Tags)}
		if namespace != "" {
			metadata.Namespace = pulumi.String(namespace)
		}
		resource, err := custom.New(ctx, name+"-"+role, custom.Args{APIVersion: apiVersion, Kind: kind, Metadata: metadata, Spec: spec},
			pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{release, last}))
		if err != nil {
			return err
		}
		made, last = append(made, resource), resource
		return nil
	}
	if err := add("seed", kindIssuer, seed, Namespace, map[string]any{"selfSigned": map[string]any{}}); err != nil {
		return nil, err
	}
	if err := add("authority", kindCertified, authority, Namespace, authoritySpec()); err != nil {
		return nil, err
	}
	if err := add(Internal, kindCluster, Internal, "", map[string]any{"ca": map[string]any{"secretName": authority}}); err != nil {
		return nil, err
	}
	if a.Public != nil {
		last = release
		if err := add(Public, kindCluster, Public, "", a.Public.spec()); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func authoritySpec() certificateSpec {
	return certificateSpec{
		IsCA: true, CommonName: "platform " + authority, SecretName: authority, Duration: authorityLife, RenewBefore: authorityRenew,
		PrivateKey: renewed, IssuerRef: signedBy(kindIssuer, seed),
	}
}

// acmeSpec is what is set of an authority that asks for proof
// (https://cert-manager.io/docs/reference/api-docs/#acme.cert-manager.io/v1.ACMEIssuer).
type acmeSpec struct {
	ACME struct {
		Server     string    `json:"server"`
		Email      string    `json:"email"`
		PrivateKey secretRef `json:"privateKeySecretRef"`
		Solvers    []solver  `json:"solvers"`
	} `json:"acme"`
}

type secretRef struct {
	Name string `json:"name"`
}

type solver struct {
	Selector struct {
		Zones []string `json:"dnsZones"`
	} `json:"selector"`
	DNS01 pulumi.Map `json:"dns01"`
}

// spec proves names by records alone: a challenge over HTTP would need a door from the internet for each name.
func (p Authority) spec() acmeSpec {
	var spec acmeSpec
	spec.ACME.Server, spec.ACME.Email, spec.ACME.PrivateKey.Name = p.Server, p.Email, accountKey
	one := solver{DNS01: p.Solver}
	one.Selector.Zones = []string{p.Domain}
	spec.ACME.Solvers = []solver{one}
	return spec
}
