package contract

import (
	"strings"
	"testing"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	driver "platform/components/aws"
	"platform/components/cluster"
	"platform/tests/checks"
	"platform/tests/cloud"
)

// nodes lets Karpenter make those of the pool general.
func (s *shop) nodes() ([]pulumi.Resource, error) {
	return provision(s.ctx, s.cluster, 2, map[string]cluster.Pool{
		"general": {Size: cluster.Medium, Capacity: cluster.OnDemand, Max: 6, DiskGiB: 50},
	}, pulumi.Providers(s.inside))
}

// workers are pods of which one fills a machine of the pool.
func (s *shop) workers(after []pulumi.Resource) error {
	labels := pulumi.StringMap{"app": pulumi.String("worker")}
	_, err := appsv1.NewDeployment(s.ctx, "worker", &appsv1.DeploymentArgs{
		Metadata: metav1.ObjectMetaArgs{Name: pulumi.String("worker"), Namespace: s.space.Metadata.Name().Elem()},
		Spec: appsv1.DeploymentSpecArgs{
			Replicas: pulumi.Int(3), Selector: metav1.LabelSelectorArgs{MatchLabels: labels},
			Template: corev1.PodTemplateSpecArgs{Metadata: metav1.ObjectMetaArgs{Labels: labels}, Spec: corev1.PodSpecArgs{
				Containers: corev1.ContainerArray{corev1.ContainerArgs{
					Name: pulumi.String("worker"), Image: pulumi.String("registry.example.com/worker:1"),
					Resources: corev1.ResourceRequirementsArgs{Requests: pulumi.StringMap{"cpu": pulumi.String("3"), "memory": pulumi.String("8Gi")}},
				}},
			}},
		},
	}, pulumi.Provider(s.inside), pulumi.DependsOn(after))
	return err
}

// provisioned has a cluster whose nodes Karpenter makes, and pods that need some.
func provisioned(ctx *pulumi.Context, d *driver.Driver, opts ...pulumi.ResourceOption) error {
	s := &shop{ctx: ctx, d: d, opts: opts}
	if err := s.settle(); err != nil {
		return err
	}
	pools, err := s.nodes()
	if err != nil {
		return err
	}
	return s.workers(pools)
}

// TestNodesComeWithPodsAndGoWithTheirPool builds, destroys and rebuilds a cluster whose nodes Karpenter makes.
func TestNodesComeWithPodsAndGoWithTheirPool(t *testing.T) {
	t.Parallel()
	e := open(t, provisioned)
	built := lifecycle(t, e)
	made := map[string]int{}
	for _, o := range built {
		if strings.HasSuffix(o.Owner.ID, "/general") {
			made[o.Type]++
		}
	}
	for _, typ := range []string{"ec2:instance", "ec2:volume", "ec2:network-interface"} {
		if made[typ] != 3 {
			t.Errorf("%s: %d were made for the pool, want one for each pod", typ, made[typ])
		}
	}
	if made["ec2:launch-template"] != 1 {
		t.Errorf("%d launch templates were made for the class, want one", made["ec2:launch-template"])
	}
	for _, f := range checks.All(built, e.Cloud.Taggable) {
		t.Error(f)
	}
}

// TestNodesThatShouldGoWithTheirClusterStay makes the mistake of an order: who lets pods and pools go with the cluster, to
// save the time of their deletes, lets Karpenter go before it has ended their nodes.
func TestNodesThatShouldGoWithTheirClusterStay(t *testing.T) {
	t.Parallel()
	e := open(t, func(ctx *pulumi.Context, d *driver.Driver, opts ...pulumi.ResourceOption) error {
		var control pulumi.Resource
		if err := ctx.RegisterStackTransformation(func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
			switch {
			case args.Type == "aws:eks/cluster:Cluster":
				control = args.Resource
			case strings.HasPrefix(args.Type, "kubernetes:karpenter.") || args.Type == "kubernetes:apps/v1:Deployment":
				return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: append(args.Opts, pulumi.DeletedWith(control))}
			}
			return nil
		}); err != nil {
			return err
		}
		return provisioned(ctx, d, opts...)
	})
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := e.Destroy(t.Context())
	if err == nil {
		t.Fatal("the destroy succeeds")
	}
	for _, text := range []string{"DependencyViolation", "aws:ec2/subnet:Subnet", "ec2:network-interface"} {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not say %q:\n%.3000s", text, err)
		}
	}
	left := 0
	for _, o := range cloud.Left(e.Cloud.Inventory()) {
		if o.Type == "ec2:instance" {
			left++
		}
	}
	if left == 0 {
		t.Error("the inventory does not name the machines that are left")
	}
}
