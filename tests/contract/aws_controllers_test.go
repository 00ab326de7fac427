package contract

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	driver "platform/components/aws"
	"platform/components/cluster"
	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/storage"
	"platform/components/network"
	"platform/tests/checks"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

// shop is a program with a cluster and what is inside it; a test says in which order.
type shop struct {
	ctx     *pulumi.Context
	d       *driver.Driver
	opts    []pulumi.ResourceOption
	network network.Outputs
	cluster cluster.Outputs
	inside  pulumi.ProviderResource
	space   *corev1.Namespace
}

func (s *shop) buildNetwork() error {
	n, err := network.New(s.ctx, "network", s.d, networkArgs(network.NATSingle), s.opts...)
	if err == nil {
		s.network = n.Outputs
	}
	return err
}

func (s *shop) buildCluster(opts ...pulumi.ResourceOption) error {
	c, err := cluster.New(s.ctx, "cluster", s.d, cluster.Args{
		Version: "1.33", LogDays: 7, Tags: owned, Network: s.network, Admins: []string{"arn:aws:iam::111122223333:role/pipeline"},
		Pools: map[string]cluster.Pool{
			"system":  {Size: cluster.Small, Capacity: cluster.OnDemand, Min: 2, Max: 2, System: true, DiskGiB: 50},
			"general": {Size: cluster.Medium, Capacity: cluster.OnDemand, Min: 0, Max: 6, DiskGiB: 50},
		},
	}, append(s.opts, opts...)...)
	if err == nil {
		s.cluster = c.Outputs
	}
	return err
}

// enter makes the provider of the cluster, and a namespace.
func (s *shop) enter(kubeconfig pulumi.StringInput) (err error) {
	if s.inside, err = kubernetes.NewProvider(s.ctx, "kubernetes", &kubernetes.ProviderArgs{
		Kubeconfig: kubeconfig, DeleteUnreachable: pulumi.Bool(true),
	}, pulumi.DependsOn(s.cluster.Nodes)); err != nil {
		return err
	}
	s.space, err = corev1.NewNamespace(s.ctx, "shop", &corev1.NamespaceArgs{
		Metadata: metav1.ObjectMetaArgs{Name: pulumi.String("shop")},
	}, pulumi.Provider(s.inside))
	return err
}

// settle builds the network and the cluster, and enters it.
func (s *shop) settle() error {
	if err := s.buildNetwork(); err != nil {
		return err
	}
	if err := s.buildCluster(); err != nil {
		return err
	}
	return s.enter(s.cluster.Kubeconfig)
}

// service is exposed by a load balancer with private addresses.
func (s *shop) service(annotations map[string]string, after ...pulumi.Resource) (*corev1.Service, error) {
	return corev1.NewService(s.ctx, "front", &corev1.ServiceArgs{
		Metadata: metav1.ObjectMetaArgs{
			Name: pulumi.String("front"), Namespace: s.space.Metadata.Name().Elem(), Annotations: pulumi.ToStringMap(annotations),
		},
		Spec: corev1.ServiceSpecArgs{
			Type: pulumi.String("LoadBalancer"), Ports: corev1.ServicePortArray{corev1.ServicePortArgs{Port: pulumi.Int(443)}},
		},
	}, pulumi.Provider(s.inside), pulumi.DependsOn(after))
}

// onSystem lets pods onto the only nodes that are there.
var onSystem = pulumi.Array{pulumi.Map{
	"key": pulumi.String(cluster.SystemTaint), "operator": pulumi.String("Exists"), "effect": pulumi.String("NoSchedule"),
}}

// controller installs AWS's load balancer controller with its identity.
func (s *shop) controller(after ...pulumi.Resource) (pulumi.Resource, error) {
	const account = "aws-load-balancer-controller"
	role, err := iam.NewRole(s.ctx, "balancers", &iam.RoleArgs{
		Name: pulumi.String("balancers"), Tags: pulumi.ToStringMap(owned),
		AssumeRolePolicy: pulumi.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Principal":{"Service":["pods.eks.amazonaws.com"]}}]}`),
	}, s.opts...)
	if err != nil {
		return nil, err
	}
	association, err := eks.NewPodIdentityAssociation(s.ctx, "balancers", &eks.PodIdentityAssociationArgs{
		ClusterName: s.cluster.Name, Namespace: pulumi.String("kube-system"), ServiceAccount: pulumi.String(account), RoleArn: role.Arn,
		Tags: pulumi.ToStringMap(owned),
	}, s.opts...)
	if err != nil {
		return nil, err
	}
	return chart.New(s.ctx, "balancers", chart.Args{
		Name: account, Chart: account, Version: "3.5.0", Repository: "https://aws.github.io/eks-charts", Namespace: "kube-system", TimeoutSec: 300,
		Values: pulumi.Map{
			"clusterName": s.cluster.Name, "region": pulumi.String("eu-central-1"), "vpcId": s.network.ID, "defaultTags": pulumi.ToStringMap(owned),
			"tolerations": onSystem,
		},
	}, pulumi.Provider(s.inside), pulumi.DependsOn(append(after, association)))
}

// database is a StatefulSet whose pods claim volumes.
func (s *shop) database(after ...pulumi.Resource) error {
	labels := pulumi.Map{"app": pulumi.String("db")}
	var set pulumi.CustomResourceState
	return s.ctx.RegisterResource("kubernetes:apps/v1:StatefulSet", "db", pulumi.Map{
		"metadata": pulumi.Map{"name": pulumi.String("db"), "namespace": s.space.Metadata.Name().Elem()},
		"spec": pulumi.Map{
			"serviceName": pulumi.String("db"), "replicas": pulumi.Int(2), "selector": pulumi.Map{"matchLabels": labels},
			"template": pulumi.Map{"metadata": pulumi.Map{"labels": labels}, "spec": pulumi.Map{
				"tolerations": onSystem,
				"containers":  pulumi.Array{pulumi.Map{"name": pulumi.String("db"), "image": pulumi.String("registry.example.com/db:1")}},
			}},
			"volumeClaimTemplates": pulumi.Array{pulumi.Map{"metadata": pulumi.Map{"name": pulumi.String("data")}, "spec": pulumi.Map{
				"accessModes": pulumi.ToStringArray([]string{"ReadWriteOnce"}),
				"resources":   pulumi.Map{"requests": pulumi.Map{"storage": pulumi.String("20Gi")}},
			}}},
		},
	}, &set, pulumi.Provider(s.inside), pulumi.DependsOn(after))
}

var external = map[string]string{"service.beta.kubernetes.io/aws-load-balancer-type": "external"}

func TestWhatControllersMakeComesAndGoesWithTheProgram(t *testing.T) {
	t.Parallel()
	e := open(t, func(ctx *pulumi.Context, d *driver.Driver, opts ...pulumi.ResourceOption) error {
		s := &shop{ctx: ctx, d: d, opts: opts}
		if err := s.settle(); err != nil {
			return err
		}
		class, err := storage.New(ctx, "storage", storage.Args{Class: s.cluster.StorageClass, Tags: owned}, pulumi.Providers(s.inside))
		if err != nil {
			return err
		}
		controller, err := s.controller()
		if err != nil {
			return err
		}
		if _, err := s.service(external, controller); err != nil {
			return err
		}
		return s.database(class)
	})
	built := lifecycle(t, e)
	for typ, want := range map[string]int{
		"elb:load-balancer": 1, "elb:target-group": 1, "elb:listener": 1, "ec2:security-group-rule": 1,
		"kubernetes:core/v1:PersistentVolumeClaim": 2, "kubernetes:core/v1:PersistentVolume": 2, "ec2:volume": 4,
	} {
		if got := count(built, typ); got != want {
			t.Errorf("%s: %d exist, want %d", typ, got, want)
		}
	}
	for _, f := range checks.All(built, e.Cloud.Taggable) {
		t.Error(f)
	}
}

// failsToDestroy wants a destroy to fail with all of some texts, and the load balancer to be left for
// its Service.
func failsToDestroy(t *testing.T, e *rehearsal.Environment, texts ...string) {
	t.Helper()
	_, err := e.Destroy(context.Background())
	if err == nil {
		t.Fatal("the destroy succeeds")
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not say %q:\n%.3000s", text, err)
		}
	}
	for _, o := range cloud.Left(e.Cloud.Inventory()) {
		if o.Type == "elb:load-balancer" && strings.HasSuffix(o.Owner.ID, "/shop/front") {
			return
		}
	}
	t.Error("the inventory does not name the load balancer that is left")
}

// TestAClusterThatGoesBeforeItsServiceLeavesTheLoadBalancer turns the dependency between the two around,
// in the second of two runs, since none can make the cluster after what is in it.
func TestAClusterThatGoesBeforeItsServiceLeavesTheLoadBalancer(t *testing.T) {
	t.Parallel()
	kubeconfig := ""
	private := map[string]string{
		"service.beta.kubernetes.io/aws-load-balancer-type": "nlb", "service.beta.kubernetes.io/aws-load-balancer-internal": "true",
	}
	e := open(t, func(ctx *pulumi.Context, d *driver.Driver, opts ...pulumi.ResourceOption) error {
		s := &shop{ctx: ctx, d: d, opts: opts}
		if err := s.buildNetwork(); err != nil {
			return err
		}
		if kubeconfig != "" {
			if err := s.enter(pulumi.ToSecret(pulumi.String(kubeconfig)).(pulumi.StringOutput)); err != nil {
				return err
			}
			service, err := s.service(private)
			if err != nil {
				return err
			}
			return s.buildCluster(pulumi.Transformations([]pulumi.ResourceTransformation{
				func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
					if args.Type != "aws:eks/cluster:Cluster" {
						return nil
					}
					return &pulumi.ResourceTransformationResult{
						Props: args.Props, Opts: append(args.Opts, pulumi.DependsOn([]pulumi.Resource{service})),
					}
				},
			}))
		}
		if err := s.buildCluster(); err != nil {
			return err
		}
		if err := s.enter(s.cluster.Kubeconfig); err != nil {
			return err
		}
		s.cluster.Kubeconfig.ApplyT(func(text string) string {
			kubeconfig = text
			return text
		})
		_, err := s.service(private)
		return err
	})
	for range 2 {
		if _, err := e.Up(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	failsToDestroy(t, e, "DependencyViolation", "aws:ec2/subnet:Subnet", "of elb:load-balancer")
}

// TestAControllerThatGoesBeforeItsServiceHangs installs the controller after the Service that it serves.
func TestAControllerThatGoesBeforeItsServiceHangs(t *testing.T) {
	t.Parallel()
	e := open(t, func(ctx *pulumi.Context, d *driver.Driver, opts ...pulumi.ResourceOption) error {
		s := &shop{ctx: ctx, d: d, opts: opts}
		if err := s.settle(); err != nil {
			return err
		}
		service, err := s.service(external)
		if err != nil {
			return err
		}
		_, err = s.controller(service)
		return err
	})
	if _, err := e.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	failsToDestroy(t, e, "Timeout", "finalizers might be preventing deletion (service.k8s.aws/resources)")
}
