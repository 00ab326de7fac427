package contract

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/container"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/gcp"
	"platform/components/kubernetes/storage"
	"platform/components/network"
	"platform/tests/checks"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

// googleShop is a program with a cluster of GKE and what is inside it; a test says in which order.
type googleShop struct {
	ctx     *pulumi.Context
	d       *gcp.Driver
	opts    []pulumi.ResourceOption
	network network.Outputs
	cluster cluster.Outputs
	inside  pulumi.ProviderResource
	space   *corev1.Namespace
}

func (s *googleShop) buildNetwork() error {
	n, err := network.New(s.ctx, "network", s.d, googleNetworkArgs(network.NATSingle), s.opts...)
	if err == nil {
		s.network = n.Outputs
	}
	return err
}

func (s *googleShop) buildCluster(opts ...pulumi.ResourceOption) error {
	args := googleClusterArgs(s.network)
	delete(args.Pools, "spot")
	c, err := cluster.New(s.ctx, "cluster", s.d, args, append(s.opts, opts...)...)
	if err == nil {
		s.cluster = c.Outputs
	}
	return err
}

// enter makes the provider of the cluster, and a namespace.
func (s *googleShop) enter(kubeconfig pulumi.StringInput) (err error) {
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

// build makes network, cluster and namespace, in this order.
func (s *googleShop) build() error {
	if err := s.buildNetwork(); err != nil {
		return err
	}
	if err := s.buildCluster(); err != nil {
		return err
	}
	return s.enter(s.cluster.Kubeconfig)
}

func (s *googleShop) metadata(name string, annotations map[string]string) metav1.ObjectMetaArgs {
	return metav1.ObjectMetaArgs{
		Name: pulumi.String(name), Namespace: s.space.Metadata.Name().Elem(), Annotations: pulumi.ToStringMap(annotations),
	}
}

// service is exposed by a load balancer: private, with these annotations.
func (s *googleShop) service(annotations map[string]string) (*corev1.Service, error) {
	return corev1.NewService(s.ctx, "front", &corev1.ServiceArgs{
		Metadata: s.metadata("front", annotations),
		Spec: corev1.ServiceSpecArgs{
			Type: pulumi.String("LoadBalancer"), Ports: corev1.ServicePortArray{corev1.ServicePortArgs{Port: pulumi.Int(443)}},
		},
	}, pulumi.Provider(s.inside))
}

// ingress leads to a Service by an internal application load balancer.
func (s *googleShop) ingress() error {
	web, err := corev1.NewService(s.ctx, "web", &corev1.ServiceArgs{
		Metadata: s.metadata("web", nil),
		Spec:     corev1.ServiceSpecArgs{Ports: corev1.ServicePortArray{corev1.ServicePortArgs{Port: pulumi.Int(8080)}}},
	}, pulumi.Provider(s.inside))
	if err != nil {
		return err
	}
	_, err = networkingv1.NewIngress(s.ctx, "web", &networkingv1.IngressArgs{
		Metadata: s.metadata("web", map[string]string{"kubernetes.io/ingress.class": "gce-internal"}),
		Spec: networkingv1.IngressSpecArgs{DefaultBackend: networkingv1.IngressBackendArgs{
			Service: networkingv1.IngressServiceBackendArgs{
				Name: pulumi.String("web"), Port: networkingv1.ServiceBackendPortArgs{Number: pulumi.Int(8080)},
			},
		}},
	}, pulumi.Provider(s.inside), pulumi.DependsOn([]pulumi.Resource{web}))
	return err
}

// workload registers pods that ask for so much CPU and, as a StatefulSet, claim volumes.
func (s *googleShop) workload(kind, name string, replicas int, cpu string, after ...pulumi.Resource) error {
	labels := pulumi.Map{"app": pulumi.String(name)}
	spec := pulumi.Map{
		"replicas": pulumi.Int(replicas), "selector": pulumi.Map{"matchLabels": labels},
		"template": pulumi.Map{"metadata": pulumi.Map{"labels": labels}, "spec": pulumi.Map{
			"containers": pulumi.Array{pulumi.Map{
				"name": pulumi.String(name), "image": pulumi.String("registry.example.com/" + name + ":1"),
				"resources": pulumi.Map{"requests": pulumi.Map{"cpu": pulumi.String(cpu), "memory": pulumi.String("1Gi")}},
			}},
		}},
	}
	if kind == "StatefulSet" {
		spec["serviceName"] = pulumi.String(name)
		spec["volumeClaimTemplates"] = pulumi.Array{pulumi.Map{"metadata": pulumi.Map{"name": pulumi.String("data")}, "spec": pulumi.Map{
			"accessModes": pulumi.ToStringArray([]string{"ReadWriteOnce"}),
			"resources":   pulumi.Map{"requests": pulumi.Map{"storage": pulumi.String("20Gi")}},
		}}}
	}
	var made pulumi.CustomResourceState
	return s.ctx.RegisterResource("kubernetes:apps/v1:"+kind, name, pulumi.Map{
		"metadata": pulumi.Map{"name": pulumi.String(name), "namespace": s.space.Metadata.Name().Elem()}, "spec": spec,
	}, &made, pulumi.Provider(s.inside), pulumi.DependsOn(after))
}

var googleInternal = map[string]string{"networking.gke.io/load-balancer-type": "Internal"}

func TestWhatGooglesControllersMakeComesAndGoesWithTheProgram(t *testing.T) {
	t.Parallel()
	e := onGCP(t, func(ctx *pulumi.Context, d *gcp.Driver, opts ...pulumi.ResourceOption) error {
		s := &googleShop{ctx: ctx, d: d, opts: opts}
		if err := s.build(); err != nil {
			return err
		}
		class, err := storage.New(ctx, "storage", storage.Args{Class: s.cluster.StorageClass, Tags: owned}, pulumi.Providers(s.inside))
		if err != nil {
			return err
		}
		if _, err := s.service(googleInternal); err != nil {
			return err
		}
		if err := s.ingress(); err != nil {
			return err
		}
		if err := s.workload("StatefulSet", "db", 2, "100m", class); err != nil {
			return err
		}
		// More than the pool begins with: the autoscaler has to give them nodes.
		return s.workload("Deployment", "busy", 5, "3000m")
	})
	built := lifecycle(t, e)
	for typ, want := range map[string]int{
		// the control plane's, the Service's and the Ingress's
		"compute:forwarding-rule": 3, "compute:backend-service": 2, "compute:url-map": 1, "compute:target-proxy": 1,
		// one for each of the two in each zone
		"compute:network-endpoint-group": 6,
		// the Ingress's own, and the one that all Services share
		"compute:health-check": 2,
		// four of the cluster, one of the Service, and what Services and Ingresses share
		"compute:firewall":                         7,
		"kubernetes:core/v1:PersistentVolumeClaim": 2, "kubernetes:core/v1:PersistentVolume": 2,
		// the system pool's one node, and five for the pods of 3 CPUs, where the database's find room too
		"compute:instance": 6, "compute:disk": 8,
	} {
		if got := count(built, typ); got != want {
			t.Errorf("%s: %d exist, want %d", typ, got, want)
		}
	}
	for _, o := range built {
		if o.Type == "compute:forwarding-rule" && strings.HasPrefix(o.Str("scheme"), "EXTERNAL") {
			t.Errorf("%s is public", o)
		}
		if o.Type == "compute:disk" && o.Tags["cost-centre"] != owned["cost-centre"] {
			t.Errorf("%s has the labels %v", o, o.Tags)
		}
	}
	for _, f := range checks.Waiting(built) {
		t.Error(f)
	}
}

// failsToDestroyGoogle wants a destroy to fail with all of some texts, and what was made for the Service to be
// named among what is left.
func failsToDestroyGoogle(t *testing.T, e *rehearsal.Environment, left string, texts ...string) {
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
		if o.Type == left && strings.HasSuffix(o.Owner.ID, "/shop/front") {
			return
		}
	}
	t.Errorf("the inventory does not name the %s that is left", left)
}

// TestAGoogleClusterThatGoesBeforeItsServiceLeavesTheLoadBalancer turns the dependency between the two around, in
// the second of two runs, since none can make the cluster after what is in it.
func TestAGoogleClusterThatGoesBeforeItsServiceLeavesTheLoadBalancer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		annotations map[string]string
		left, says  string
	}{
		// Groups of endpoints hold the subnet, a public one's rule of the firewall the network.
		"internal": {googleInternal, "compute:network-endpoint-group", "gcp:compute/subnetwork:Subnetwork"},
		"public":   {nil, "compute:firewall", "gcp:compute/network:Network"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kubeconfig := ""
			e := onGCP(t, func(ctx *pulumi.Context, d *gcp.Driver, opts ...pulumi.ResourceOption) error {
				s := &googleShop{ctx: ctx, d: d, opts: opts}
				if kubeconfig == "" {
					if err := s.build(); err != nil {
						return err
					}
					s.cluster.Kubeconfig.ApplyT(func(text string) string {
						kubeconfig = text
						return text
					})
					_, err := s.service(test.annotations)
					return err
				}
				if err := s.buildNetwork(); err != nil {
					return err
				}
				if err := s.enter(pulumi.ToSecret(pulumi.String(kubeconfig)).(pulumi.StringOutput)); err != nil {
					return err
				}
				service, err := s.service(test.annotations)
				if err != nil {
					return err
				}
				return s.buildCluster(pulumi.Transformations([]pulumi.ResourceTransformation{
					func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
						if args.Type != "gcp:container/cluster:Cluster" {
							return nil
						}
						return &pulumi.ResourceTransformationResult{
							Props: args.Props, Opts: append(args.Opts, pulumi.DependsOn([]pulumi.Resource{service})),
						}
					},
				}))
			})
			for range 2 {
				if _, err := e.Up(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			failsToDestroyGoogle(t, e, test.left, "DependencyViolation", test.says, test.left)
		})
	}
}

// TestAnAddOnThatGoesBeforeItsServiceHangs switches off the controller that has to take the load balancer away.
func TestAnAddOnThatGoesBeforeItsServiceHangs(t *testing.T) {
	t.Parallel()
	off := false
	e := onGCP(t, func(ctx *pulumi.Context, d *gcp.Driver, opts ...pulumi.ResourceOption) error {
		s := &googleShop{ctx: ctx, d: d, opts: append(opts, pulumi.Transformations([]pulumi.ResourceTransformation{
			func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
				if args.Type != "gcp:container/cluster:Cluster" || !off {
					return nil
				}
				changed := *args.Props.(*container.ClusterArgs)
				changed.AddonsConfig = container.ClusterAddonsConfigArgs{
					HttpLoadBalancing: container.ClusterAddonsConfigHttpLoadBalancingArgs{Disabled: pulumi.Bool(true)},
				}
				return &pulumi.ResourceTransformationResult{Props: &changed, Opts: args.Opts}
			},
		}))}
		if err := s.build(); err != nil {
			return err
		}
		_, err := s.service(googleInternal)
		return err
	})
	for range 2 {
		if _, err := e.Up(context.Background()); err != nil {
			t.Fatal(err)
		}
		off = true
	}
	failsToDestroyGoogle(t, e, "compute:forwarding-rule", "Timeout", "finalizers might be preventing deletion (gke.networking.io/l4-ilb-v2)")
}
