package gcp

import (
	"fmt"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/serviceaccount"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
)

// What only this driver reads of an identity.
const (
	detailEmail   = "email"   // the address of its account
	detailCluster = "cluster" // the name of the cluster whose pods take it on
)

// CreateIdentity builds the account of a service and lets the service's pods take it on.
func (d *Driver) CreateIdentity(
	ctx *pulumi.Context, name string, args identity.Args, parent pulumi.Resource,
) (identity.Outputs, error) {
	pool, ok := args.Cluster.Details[detailWorkloadPool]
	if !ok {
		return identity.Outputs{}, fmt.Errorf("the cluster names no workload pool, whose identities pods have: was it built by this driver?")
	}
	account, err := serviceaccount.NewAccount(ctx, name+"-account", d.accountArgs(args), d.under(parent))
	if err != nil {
		return identity.Outputs{}, fmt.Errorf("service account: %w", err)
	}
	// The member is the pods' own account alone, and is known only once the cluster has a pool of identities
	// (https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity#kubernetes-sa-to-iam).
	if _, err := serviceaccount.NewIAMMember(ctx, name+"-workload-identity", &serviceaccount.IAMMemberArgs{
		ServiceAccountId: account.Name, Role: pulumi.String("roles/iam.workloadIdentityUser"),
		Member: pulumi.Sprintf("serviceAccount:%s[%s/%s]", pool, args.Namespace, args.ServiceAccount),
	}, d.under(parent)); err != nil {
		return identity.Outputs{}, fmt.Errorf("workload identity: %w", err)
	}
	return identity.Outputs{
		Principal: account.Member, Name: account.Name,
		Annotations: pulumi.StringMap{"iam.gke.io/gcp-service-account": account.Email},
		Details:     map[string]pulumi.StringOutput{detailEmail: account.Email, detailCluster: args.Cluster.Name},
	}, nil
}

// accountArgs: accounts bear no labels
// (https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts).
func (d *Driver) accountArgs(args identity.Args) *serviceaccount.AccountArgs {
	return &serviceaccount.AccountArgs{
		AccountId: pulumi.String(d.physical(KindServiceAccount, args.Service)), Project: pulumi.String(d.s.Project),
		DisplayName: pulumi.String("Service " + args.Service),
	}
}

var _ identity.Driver = (*Driver)(nil)
