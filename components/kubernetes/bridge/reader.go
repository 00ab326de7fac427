package bridge

import (
	"fmt"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// Reader is an account as which secrets are fetched for a part of the platform. Its identity may read these, and no pod runs under it.
type Reader struct {
	Name      string
	Namespace pulumi.StringInput
	// Annotations are those of its identity, where the cloud knows an account by some.
	Annotations pulumi.StringMap
	Tags        tags.Set
}

// NewReader registers the account.
func NewReader(ctx *pulumi.Context, name string, r Reader, parent pulumi.Resource, after []pulumi.Resource) (pulumi.Resource, error) {
	metadata := metav1.ObjectMetaArgs{Name: pulumi.String(r.Name), Namespace: r.Namespace, Labels: pulumi.ToStringMap(r.Tags)}
	if len(r.Annotations) > 0 {
		metadata.Annotations = r.Annotations
	}
	account, err := corev1.NewServiceAccount(ctx, name+"-account", &corev1.ServiceAccountArgs{
		Metadata: metadata, AutomountServiceAccountToken: pulumi.Bool(false),
	}, pulumi.Parent(parent), pulumi.DependsOn(after))
	if err != nil {
		return nil, fmt.Errorf("account %s: %w", r.Name, err)
	}
	return account, nil
}
