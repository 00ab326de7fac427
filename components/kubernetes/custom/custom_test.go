package custom_test

import (
	"strings"
	"testing"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/kubernetes/custom"
)

func TestACustomResourceBearsTheTokenOfItsKind(t *testing.T) {
	type spec struct {
		CA struct {
			SecretName string `json:"secretName"`
		} `json:"ca"`
	}
	issuer := spec{}
	issuer.CA.SecretName = "authority"
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := custom.New(ctx, "r", custom.Args{
			APIVersion: "cert-manager.io/v1", Kind: "ClusterIssuer", Metadata: metav1.ObjectMetaArgs{Name: pulumi.String("internal")}, Spec: issuer,
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, resources, "kubernetes:cert-manager.io/v1:ClusterIssuer r", map[string]any{
		"apiVersion": "cert-manager.io/v1", "kind": "ClusterIssuer", "metadata": map[string]any{"name": "internal"},
		"spec": map[string]any{"ca": map[string]any{"secretName": "authority"}},
	})
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	err := custom.Args{APIVersion: "v1"}.Validate()
	for _, path := range []string{"apiVersion:", "kind:", "metadata.name:", "spec:"} {
		if err == nil || !strings.Contains("\n"+err.Error(), "\n"+path) {
			t.Errorf("%s is not named in\n%v", path, err)
		}
	}
}
