package contract

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-azure-native-sdk/authorization/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure"
	"platform/components/cluster"
	"platform/components/kubernetes/storage"
	"platform/components/network"
	"platform/components/tags"
	"platform/tests/checks"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

// azureShop is a program with a cluster of AKS and what is inside it; a test says in which order.
type azureShop struct {
	shop
	d *azure.Driver
}

func (s *azureShop) buildNetwork() error {
	n, err := network.New(s.ctx, "network", s.d, azureNetworkArgs(network.NATSingle), s.opts...)
	if err == nil {
		s.network = n.Outputs
	}
	return err
}

func (s *azureShop) buildCluster(opts ...pulumi.ResourceOption) error {
	c, err := cluster.New(s.ctx, "cluster", s.d, azureClusterArgs(s.network), append(s.opts, opts...)...)
	if err == nil {
		s.cluster = c.Outputs
	}
	return err
}

// whole is what most tests begin with.
func (s *azureShop) whole() error {
	for _, step := range []func() error{
		s.buildNetwork, func() error { return s.buildCluster() }, func() error { return s.enter(s.cluster.Kubeconfig) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func openAzureShop(t *testing.T, build func(s *azureShop) error) *rehearsal.Environment {
	t.Helper()
	return onAzure(t, func(ctx *pulumi.Context, d *azure.Driver, opts ...pulumi.ResourceOption) error {
		return build(&azureShop{shop: shop{ctx: ctx, opts: opts}, d: d})
	})
}

const azureAnnotation = "service.beta.kubernetes.io/azure-"

var azureInternal = map[string]string{azureAnnotation + "load-balancer-internal": "true"}

func TestWhatAKSMakesComesAndGoesWithTheProgram(t *testing.T) {
	t.Parallel()
	e := openAzureShop(t, func(s *azureShop) error {
		if err := s.whole(); err != nil {
			return err
		}
		class, err := storage.New(s.ctx, "storage", storage.Args{Class: s.cluster.StorageClass, Tags: owned}, pulumi.Providers(s.inside))
		if err != nil {
			return err
		}
		if _, err := s.service(azureInternal); err != nil {
			return err
		}
		return s.database(class)
	})
	built := lifecycle(t, e)
	for typ, want := range map[string]int{
		"network:load-balancer": 1, "network:frontend": 1, "network:balancing-rule": 1, "network:public-address": 0, "network:security-rule": 0,
		"kubernetes:core/v1:PersistentVolumeClaim": 2, "kubernetes:core/v1:PersistentVolume": 2, "compute:disk": 2,
	} {
		if got := count(built, typ); got != want {
			t.Errorf("%s: %d exist, want %d", typ, got, want)
		}
	}
	for _, o := range built {
		if missing := tags.Set(o.Tags).Missing(); (o.Type == "network:load-balancer" || o.Type == "compute:disk") && len(missing) > 0 {
			t.Errorf("%s lacks the tags %v", o, missing)
		}
		if o.Type == "compute:disk" && !strings.HasSuffix(o.Str("diskEncryptionSetID"), "/diskEncryptionSets/dev-azure-cluster") {
			t.Errorf("%s is encrypted with %q", o, o.Str("diskEncryptionSetID"))
		}
	}
	for _, f := range checks.All(built, e.Cloud.Taggable) {
		t.Error(f)
	}
}

// goesFirst makes the cluster go before its Service: it turns the dependency between the two around, in the
// second of two runs, since none can make the cluster after what is in it.
func goesFirst(t *testing.T, annotations map[string]string, prepare func(s *azureShop) ([]pulumi.Resource, error)) *rehearsal.Environment {
	t.Helper()
	kubeconfig := ""
	e := openAzureShop(t, func(s *azureShop) error {
		if err := s.buildNetwork(); err != nil {
			return err
		}
		if kubeconfig != "" {
			if err := s.enter(pulumi.ToSecret(pulumi.String(kubeconfig)).(pulumi.StringOutput)); err != nil {
				return err
			}
			service, err := s.service(annotations)
			if err != nil {
				return err
			}
			if err := s.buildCluster(pulumi.Transformations([]pulumi.ResourceTransformation{
				func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
					if args.Type != "azure-native:containerservice:ManagedCluster" {
						return nil
					}
					return &pulumi.ResourceTransformationResult{
						Props: args.Props, Opts: append(args.Opts, pulumi.DependsOn([]pulumi.Resource{service})),
					}
				},
			})); err != nil {
				return err
			}
			_, err = prepare(s)
			return err
		}
		if err := s.buildCluster(); err != nil {
			return err
		}
		s.cluster.Kubeconfig.ApplyT(func(text string) string {
			kubeconfig = text
			return text
		})
		before, err := prepare(s)
		if err != nil {
			return err
		}
		if err := s.enter(s.cluster.Kubeconfig); err != nil {
			return err
		}
		_, err = s.service(annotations, before...)
		return err
	})
	for range 2 {
		if _, err := e.Up(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func nothing(*azureShop) ([]pulumi.Resource, error) { return nil, nil }

// The resource group of the nodes goes with the cluster, and with it the load balancer.
func TestAnAKSClusterThatGoesBeforeItsServiceLeavesNothing(t *testing.T) {
	t.Parallel()
	e := goesFirst(t, azureInternal, nothing)
	if got := count(e.Cloud.Inventory(), "network:frontend"); got != 1 {
		t.Fatalf("%d frontends, want 1", got)
	}
	if _, err := e.Destroy(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, o := range cloud.Left(e.Cloud.Inventory()) {
		t.Errorf("left: %s", o)
	}
}

// An address that a Service asked for in another resource group is not the cluster's to take along.
func TestAnAKSClusterThatGoesBeforeItsServiceLeavesAnAddressElsewhere(t *testing.T) {
	t.Parallel()
	elsewhere := map[string]string{azureAnnotation + "load-balancer-resource-group": "dev-azure"}
	e := goesFirst(t, elsewhere, func(s *azureShop) ([]pulumi.Resource, error) {
		group := "/subscriptions/" + subscription + "/resourceGroups/dev-azure"
		made, err := authorization.NewRoleAssignment(s.ctx, "addresses", &authorization.RoleAssignmentArgs{
			RoleAssignmentName: pulumi.String("aaaaaaaa-0000-4000-a000-000000000009"), Scope: pulumi.String(group),
			PrincipalId: s.cluster.Details[azure.DetailPrincipal], PrincipalType: pulumi.String("ServicePrincipal"),
			RoleDefinitionId: pulumi.String("/subscriptions/" + subscription +
				"/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7"),
		}, s.opts...)
		return []pulumi.Resource{made}, err
	})
	_, err := e.Destroy(context.Background())
	for _, text := range []string{"azure-native:resources:ResourceGroup", "network:public-address"} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not say %q:\n%.3000v", text, err)
		}
	}
	var left []string
	for _, o := range cloud.Left(e.Cloud.Inventory()) {
		if o.Type == "network:public-address" && o.Str("for") == "Service shop/front" {
			left = append(left, o.ID)
		}
		if o.Type == "compute:instance" || o.Type == "network:load-balancer" {
			t.Errorf("left: %s", o)
		}
	}
	if len(left) != 1 {
		t.Errorf("the inventory names the addresses %v, want the one of the Service", left)
	}
}

// A cluster that is no longer allowed to place machines in its subnet cannot take them out of a load balancer.
func TestAServiceHangsWhenTheClustersRoleGoesFirst(t *testing.T) {
	t.Parallel()
	e := openAzureShop(t, func(s *azureShop) error {
		if err := s.whole(); err != nil {
			return err
		}
		_, err := s.service(azureInternal)
		return err
	})
	if _, err := e.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := e.Cloud.Meddle(func(tx *cloud.Tx) error {
		for _, a := range tx.Find("azure-native:authorization:RoleAssignment", func(a *cloud.Object) bool {
			return strings.HasSuffix(a.URN, "::cluster-control-plane-subnet")
		}) {
			tx.Remove(a.Key())
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	_, err := e.Destroy(context.Background())
	for _, text := range []string{"Timeout", "finalizers might be preventing deletion (service.kubernetes.io/load-balancer-cleanup)"} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not say %q:\n%.3000v", text, err)
		}
	}
	for _, o := range cloud.Left(e.Cloud.Inventory()) {
		if o.Type == "network:frontend" && strings.HasSuffix(o.Owner.ID, "/shop/front") {
			return
		}
	}
	t.Error("the inventory does not name the frontend that is left")
}
