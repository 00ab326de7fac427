package storage_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/kubernetes/storage"
	"platform/components/tags"
)

func TestTheDefaultClassIsTheDriversAndWaitsForThePod(t *testing.T) {
	owned := tags.Set{
		tags.Team: "platform", tags.Project: "platform", tags.Service: "cluster", tags.Environment: "dev",
		tags.CostCentre: "1000", tags.DataClass: "internal",
	}
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := storage.New(ctx, "storage", storage.Args{Tags: owned, Class: cluster.StorageClass{
			Name: "encrypted", Provisioner: "csi.example.com",
			Parameters: pulumi.StringMap{"encrypted": pulumi.String("true"), "key": pulumi.String("k").ToStringOutput()},
		}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]any{}
	for key, value := range owned {
		labels[key] = value
	}
	record.Exactly(t, resources, "kubernetes:storage.k8s.io/v1:StorageClass storage-class", map[string]any{
		"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
		"metadata": map[string]any{
			"name": "encrypted", "labels": labels,
			"annotations": map[string]any{"storageclass.kubernetes.io/is-default-class": "true"},
		},
		"provisioner": "csi.example.com", "parameters": map[string]any{"encrypted": "true", "key": "k"},
		"volumeBindingMode": "WaitForFirstConsumer", "reclaimPolicy": "Delete", "allowVolumeExpansion": true,
	})
	if len(resources) != 2 {
		t.Errorf("%d resources, want the component and the class", len(resources))
	}
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := storage.New(ctx, "storage", storage.Args{Class: cluster.StorageClass{Name: "Fast Disks"}})
		return err
	})
	for _, path := range []string{"class.name:", "class.provisioner:", "tags.team:", "tags.data-class:"} {
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s is not named in\n%v", path, err)
		}
	}
	if len(resources) != 0 {
		t.Errorf("registered: %v", resources)
	}
}
