package environments

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/dynamodb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	rbacv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/rbac/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/tests/cloud"
)

// mistake is one made on purpose, and what the rehearsal must say of it.
type mistake struct {
	name string
	make func(props pulumi.Input)
	want []string
}

// turnsRed rehearses an environment with each mistake.
func turnsRed(t *testing.T, environment string, mistakes []mistake) {
	t.Helper()
	turnsRedIn(t, stacks, environment, mistakes)
}

// turnsRedIn does so with an environment of a folder.
func turnsRedIn(t *testing.T, folder, environment string, mistakes []mistake) {
	t.Helper()
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := openIn(t, folder, "", environment, t.TempDir(), &out, plant(m.make)).Rehearse(context.Background())
			if err == nil {
				t.Fatal("the rehearsal is green")
			}
			for _, want := range m.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q:\n%.2000s", want, err)
				}
			}
		})
	}
}

// plant changes the arguments of every resource before it is registered, as a mistake in a driver would.
func plant(mistake func(props pulumi.Input)) func(*pulumi.Context) error {
	return func(ctx *pulumi.Context) error {
		return ctx.RegisterStackTransformation(func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
			mistake(args.Props)
			return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: args.Opts}
		})
	}
}

// turnAround lets the policy of the cluster's role wait for the cluster, where the cluster should wait for
// the policy. To lose the dependency would not do: what nothing orders, the engine deletes in an order that
// happens to be right.
func turnAround(ctx *pulumi.Context) error {
	made, resolve, _ := ctx.NewOutput()
	return ctx.RegisterStackTransformation(func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		switch props := args.Props.(type) {
		case *eks.ClusterArgs:
			given, err := pulumi.NewResourceOptions(args.Opts...)
			if err != nil {
				return nil
			}
			go func() {
				// The transformation comes before the engine's own: the resource has no outputs yet.
				for args.Resource.(*eks.Cluster).Arn.OutputState == nil {
					time.Sleep(time.Millisecond)
				}
				resolve(args.Resource)
			}()
			return &pulumi.ResourceTransformationResult{Props: props, Opts: []pulumi.ResourceOption{
				pulumi.Parent(given.Parent), pulumi.Protect(given.Protect),
			}}
		case *iam.RolePolicyAttachmentArgs:
			if !strings.HasSuffix(args.Name, "AmazonEKSClusterPolicy") {
				return nil
			}
			policy := props.PolicyArn
			props.PolicyArn = made.ApplyT(func(cluster any) pulumi.StringOutput {
				return pulumi.All(policy, cluster.(*eks.Cluster).Arn).ApplyT(func(both []any) string { return both[0].(string) }).(pulumi.StringOutput)
			}).(pulumi.StringOutput)
			return &pulumi.ResourceTransformationResult{Props: props, Opts: args.Opts}
		}
		return nil
	})
}

// TestADeleteInTheWrongOrderTurnsTheRehearsalRed lets the cluster's role lose its policy before the cluster
// goes: EKS can no longer take back the interfaces, which hold the subnets.
func TestADeleteInTheWrongOrderTurnsTheRehearsalRed(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	e := open(t, "dev-aws", t.TempDir(), &out, turnAround)
	err := e.Rehearse(context.Background())
	if err == nil {
		t.Fatal("the rehearsal is green")
	}
	for _, want := range []string{`stage "destroy`, "DependencyViolation: aws:ec2/subnet:Subnet", "ec2:network-interface"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%.2000s", want, err)
		}
	}
	left := 0
	for _, o := range cloud.Left(e.Cloud.Inventory()) {
		if o.Type == "ec2:network-interface" && o.Owner.Type == "aws:eks/cluster:Cluster" {
			left++
		}
	}
	if left == 0 {
		t.Error("the inventory does not name the cluster's interfaces")
	}
}

// goesWith lets all of one type go with what they lie in, as one does to save the time of single deletes. On a cloud
// that takes nothing along, they are still there when their ground should go.
func goesWith(typ, ground string) func(*pulumi.Context) error {
	return func(ctx *pulumi.Context) error {
		var made pulumi.Resource
		return ctx.RegisterStackTransformation(func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
			switch {
			case args.Type == ground && made == nil:
				made = args.Resource
			case args.Type == typ && made != nil:
				return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: append(args.Opts, pulumi.DeletedWith(made))}
			}
			return nil
		})
	}
}

// TestADatabaseThatShouldGoWithItsNetworkTurnsTheRehearsalRed makes the mistake of an order where the engine's own
// order cannot be turned around: on Azure and Google Cloud a network waits for the servers in it.
func TestADatabaseThatShouldGoWithItsNetworkTurnsTheRehearsalRed(t *testing.T) {
	t.Parallel()
	for environment, test := range map[string]struct {
		server, ground string
		want           []string
	}{
		"dev-azure": {
			"azure-native:dbforpostgresql/v20240801:Server", "azure-native:network:VirtualNetwork",
			[]string{"InUseSubnetCannotBeDeleted: azure-native:network:Subnet", "azure-native:dbforpostgresql/v20240801:Server"},
		},
		"dev-gcp": {
			"gcp:sql/databaseInstance:DatabaseInstance", "gcp:compute/network:Network",
			[]string{"DependencyViolation: gcp:servicenetworking/connection:Connection", "gcp:sql/databaseInstance:DatabaseInstance"},
		},
	} {
		t.Run(environment, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := open(t, environment, t.TempDir(), &out, goesWith(test.server, test.ground)).Rehearse(context.Background())
			if err == nil {
				t.Fatal("the rehearsal is green")
			}
			for _, want := range append(test.want, `stage "destroy`) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q:\n%.2000s", want, err)
				}
			}
		})
	}
}

func TestAMistakeOnAWSTurnsTheRehearsalRed(t *testing.T) {
	t.Parallel()
	turnsRed(t, "dev-aws", []mistake{
		{
			"a driver forgets the tags of machines",
			func(p pulumi.Input) {
				if args, ok := p.(*ec2.LaunchTemplateArgs); ok {
					args.TagSpecifications = nil
				}
			},
			[]string{"tags: ec2:instance", "components/aws/cluster_pools.go"},
		},
		{
			"machines of services have plain disks",
			func(p pulumi.Input) {
				if args, ok := p.(pulumi.Map); ok && args["kind"] == pulumi.String("EC2NodeClass") {
					args["spec"].(pulumi.Map)["blockDeviceMappings"] = pulumi.Array{pulumi.Map{
						"deviceName": pulumi.String("/dev/xvda"), "ebs": pulumi.Map{"volumeSize": pulumi.String("50Gi")},
					}}
				}
			},
			[]string{"encryption: ec2:volume"},
		},
		{
			"a queue's policy admits everyone",
			func(p pulumi.Input) {
				if args, ok := p.(*sqs.QueuePolicyArgs); ok {
					args.Policy = pulumi.String(`{"Version":"2012-10-17","Statement":[{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}]}`)
				}
			},
			[]string{"admission: aws:sqs/queuePolicy:QueuePolicy", "everyone", "components/aws/queue.go"},
		},
		{
			"a database is public",
			func(p pulumi.Input) {
				if args, ok := p.(*rds.InstanceArgs); ok {
					args.PubliclyAccessible = pulumi.Bool(true)
				}
			},
			[]string{"exposure: aws:rds/instance:Instance", "publiclyAccessible", "components/aws/database.go"},
		},
		{
			"an endpoint's group is open to the world",
			func(p pulumi.Input) {
				if args, ok := p.(*ec2.SecurityGroupArgs); ok {
					args.Ingress = ec2.SecurityGroupIngressArray{ec2.SecurityGroupIngressArgs{
						Protocol: pulumi.String("tcp"), FromPort: pulumi.Int(5432), ToPort: pulumi.Int(5432),
						CidrBlocks: pulumi.ToStringArray([]string{"0.0.0.0/0"}),
					}}
				}
			},
			[]string{"exposure: aws:ec2/securityGroup:SecurityGroup", "0.0.0.0/0"},
		},
		{
			"a table is encrypted with a key that is not ours",
			func(p pulumi.Input) {
				if args, ok := p.(*dynamodb.TableArgs); ok {
					args.ServerSideEncryption = nil
				}
			},
			[]string{"encryption: aws:dynamodb/table:Table"},
		},
		{
			"a placeholder may gain privileges",
			func(p pulumi.Input) {
				args, ok := p.(*appsv1.DeploymentArgs)
				if !ok {
					return
				}
				spec := args.Spec.(appsv1.DeploymentSpecArgs)
				template := spec.Template.(corev1.PodTemplateSpecArgs)
				pod := template.Spec.(corev1.PodSpecArgs)
				pod.SecurityContext = nil
				template.Spec = pod
				spec.Template = template
				args.Spec = spec
			},
			[]string{"waiting: kubernetes:apps/v1:Deployment", `violates PodSecurity "restricted:latest"`, "runAsNonRoot", "components/kubernetes"},
		},
		{
			"a team is given a role that is not there",
			func(p pulumi.Input) {
				if args, ok := p.(*rbacv1.RoleBindingArgs); ok {
					args.RoleRef = rbacv1.RoleRefArgs{
						ApiGroup: pulumi.String("rbac.authorization.k8s.io"), Kind: pulumi.String("ClusterRole"), Name: pulumi.String("viewer"),
					}
				}
			},
			[]string{"waiting: kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", `"viewer" not found`},
		},
		{
			"services are told what was made for them under another name",
			func(p pulumi.Input) {
				args, ok := p.(*corev1.ConfigMapArgs)
				if !ok {
					return
				}
				if data, is := args.Data.(pulumi.StringMap); is && data["IDENTITY"] != nil {
					metadata := args.Metadata.(metav1.ObjectMetaArgs)
					metadata.Name = pulumi.String("told")
					args.Metadata = metadata
				}
			},
			[]string{"waiting: kubernetes:apps/v1:Deployment", `CreateContainerConfigError: configmap "platform" not found`},
		},
		{
			"a team's project leads nowhere",
			func(p pulumi.Input) {
				if args, ok := p.(pulumi.Map); ok && args["kind"] == pulumi.String("AppProject") {
					args["spec"].(pulumi.Map)["destinations"] = pulumi.Array{}
				}
			},
			[]string{
				"waiting: kubernetes:argoproj.io/v1alpha1:Application", "namespace 'payments' do not match any of the allowed destinations in project 'payments'",
			},
		},
		{
			"a name that AWS does not allow",
			func(p pulumi.Input) {
				if args, ok := p.(*sqs.QueueArgs); ok {
					args.Name = pulumi.String(strings.Repeat("q", 81))
				}
			},
			[]string{"preview", "80"},
		},
	})
}

// TestAMistakeOfADoorTurnsTheRehearsalRed makes mistakes of doors in the cluster.
func TestAMistakeOfADoorTurnsTheRehearsalRed(t *testing.T) {
	t.Parallel()
	turnsRed(t, "dev-gcp", []mistake{
		{
			"a door is open in the clear",
			func(p pulumi.Input) {
				if args, ok := p.(*corev1.ServiceArgs); ok {
					spec := args.Spec.(corev1.ServiceSpecArgs)
					spec.Ports = append(spec.Ports.(corev1.ServicePortArray), corev1.ServicePortArgs{Name: pulumi.String("http"), Port: pulumi.Int(80), TargetPort: pulumi.Int(8000)})
					args.Spec = spec
				}
			},
			[]string{"exposure: kubernetes:core/v1:Service", "a door at port 443 alone", "port 80"},
		},
		{
			"a door's configuration is none that Kong takes",
			func(p pulumi.Input) {
				if args, ok := p.(*corev1.ConfigMapArgs); ok {
					data := args.Data.(pulumi.StringMap)
					if text, ok := data["kong.yml"].(pulumi.String); ok {
						data["kong.yml"] = pulumi.String(strings.Replace(string(text), "claims_to_verify", "claims", 1))
					}
				}
			},
			[]string{"doors: kubernetes:core/v1:ConfigMap", "config.claims: unknown field"},
		},
	})
}

// TestABucketOnAWSThatMayBeMadePublicTurnsTheRehearsalRed: staging has buckets of its trail and of what guardrails record.
func TestABucketOnAWSThatMayBeMadePublicTurnsTheRehearsalRed(t *testing.T) {
	t.Parallel()
	turnsRed(t, "staging-aws", []mistake{
		{
			"a bucket may be made public",
			func(p pulumi.Input) {
				if args, ok := p.(*s3.BucketPublicAccessBlockArgs); ok {
					args.BlockPublicPolicy = pulumi.Bool(false)
				}
			},
			[]string{"exposure: aws:s3/bucketV2:BucketV2", "public access block", "components/aws/gateway_domain.go"},
		},
	})
}

// TestAnObjectLeftBehindTurnsTheRehearsalRed lets something appear that no state knows of, as a
// controller's volume does whose claim was never deleted.
func TestAnObjectLeftBehindTurnsTheRehearsalRed(t *testing.T) {
	t.Parallel()
	for environment, disk := range map[string]cloud.Object{
		"dev-aws":   {Type: "ec2:volume", ID: "vol-0123456789abcdef0", Props: map[string]any{"encrypted": true}},
		"dev-azure": {Type: "compute:disk", ID: "forgotten", Props: map[string]any{"diskEncryptionSetID": "set"}},
		"dev-gcp":   {Type: "compute:disk", ID: "forgotten", Props: map[string]any{"kmsKeyName": "key"}},
	} {
		t.Run(environment, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			e := open(t, environment, t.TempDir(), &out, nothing)
			disk.Hidden, disk.Tags = true, map[string]string{
				"team": "platform", "project": "platform", "service": "cluster", "environment": environment,
				"cost-centre": "1000", "data-class": "internal",
			}
			if err := e.Cloud.Meddle(func(tx *cloud.Tx) error {
				tx.Mint(disk)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			err := e.Rehearse(context.Background())
			if err == nil || !strings.Contains(err.Error(), disk.String()) || !strings.Contains(err.Error(), "empty") {
				t.Errorf("the rehearsal says %v, want the disk that is left", err)
			}
		})
	}
}
