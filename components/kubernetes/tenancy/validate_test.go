package tenancy_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/kubernetes/tenancy"
	"platform/components/tags"
)

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	args := valid()
	args.Service, args.Pods, args.MilliCPU, args.MemoryMiB = "kube-payments", 0, -1, 0
	args.Group = "system:masters"
	args.Tags = owned.With(tags.Team, "").With(tags.CostCentre, "20 00")
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := tenancy.New(ctx, "tenancy-payments", args)
		return err
	})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`service: value "kube-payments": a name that Kubernetes does not keep for itself is allowed`,
		`pods: value "0": at least 1 is allowed`,
		`milliCPU: value "-1": at least 1 is allowed`,
		`memoryMiB: value "0": at least 1 is allowed`,
		`group: value "system:masters": a group that Kubernetes does not keep for itself is allowed`,
		`tags.team: value "": a value is needed`,
		`tags.cost-centre: value "20 00": at most 63 letters`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if len(resources) != 0 {
		t.Errorf("registered: %v", resources)
	}
}

func TestNamesOfServices(t *testing.T) {
	for name, allowed := range map[string]bool{
		"payments": true, "mobile-api": true, "kubernetes": true,
		"default": false, "kube-system": false, "Payments": false, "": false, strings.Repeat("a", 64): false,
	} {
		args := valid()
		args.Service = name
		if err := args.Validate(); (err == nil) != allowed {
			t.Errorf("%q: allowed should be %v, the error is %v", name, allowed, err)
		}
	}
}
