package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/identity"
	"platform/components/kubernetes/keda"
	"platform/components/kubernetes/scaling"
	"platform/components/kubernetes/tenancy"
	"platform/components/network"
	"platform/components/queue"
	"platform/components/tags"
	"platform/stacks/platform"
	"platform/tests/cloud"
)

// buildBackpressure scales a consumer by its queue, and lets one identity ask how deep that is.
func (b *builder) buildBackpressure() (pulumi.Map, error) {
	if err := b.needCluster(); err != nil {
		return nil, err
	}
	who, err := identity.New(b.ctx, "identity-keda", b.d, identity.Args{
		Service: keda.Namespace, Namespace: keda.Namespace, ServiceAccount: keda.ServiceAccount, Cluster: *b.cluster,
		Rights: identity.Rights{"queue-order-placed-payments": identity.Observe}, Tags: owned,
	}, b.opts...)
	if err != nil {
		return nil, err
	}
	b.observer = who.Outputs
	event, err := b.messaging()
	if err != nil {
		return nil, err
	}
	waiting := event.Queues["payments"]
	if err := who.Give(b.ctx, identity.On{Role: "queue-order-placed-payments", Resource: waiting.ID}); err != nil {
		return nil, err
	}
	inside, err := b.inside()
	if err != nil {
		return nil, err
	}
	scaler, err := keda.New(b.ctx, "keda", keda.Args{
		Replicas: 1, Identity: who.Outputs, After: append(slices.Clone(b.cluster.Nodes), who),
		Around: b.around(network.EndpointQueues), Tags: owned,
	}, inside)
	if err != nil {
		return nil, err
	}
	place, err := tenancy.New(b.ctx, "tenancy", tenancy.Args{
		Service: "payments", Pods: 10, MilliCPU: 100, MemoryMiB: 128, Tags: owned.With(tags.Service, "payments"),
	}, inside)
	if err != nil {
		return nil, err
	}
	err = scaling.Set(b.ctx, "tenancy", scaling.Args{
		Service: "payments", Namespace: place.Outputs.Namespace, Min: 1, Max: 10, CPU: 65, Startup: 30 * time.Second,
		Queues: map[string]queue.Scaler{"order-placed": waiting.Scaler}, Backlog: 5, Called: true, After: []pulumi.Resource{scaler.Release},
		Tags: owned.With(tags.Service, "payments"),
	}, place)
	return pulumi.Map{"queue": waiting.URL, "observer": who.Outputs.Principal}, err
}

// given are the grants on each cloud by what gives them: to whom, what, and where.
func given(built []*cloud.Object) map[string][3]string {
	out := map[string][3]string{}
	for _, o := range built {
		name := o.URN[strings.LastIndex(o.URN, ":")+1:]
		switch o.Type {
		case "aws:iam/rolePolicy:RolePolicy":
			out[name] = [3]string{o.Str("role"), o.Str("policy"), ""}
		case "aws:sqs/queuePolicy:QueuePolicy", "aws:sns/topicPolicy:TopicPolicy", "aws:kms/key:Key":
			out[name] = [3]string{o.Str("policy"), o.Str("policy"), o.Str("queueUrl")}
		case "azure-native:authorization:RoleAssignment":
			role := o.Str("roleDefinitionId")
			out[name] = [3]string{o.Str("principalId"), role[strings.LastIndex(role, "/")+1:], o.Str("scope")}
		case "gcp:projects/iAMMember:IAMMember":
			out[name] = [3]string{o.Str("member"), o.Str("role"), o.Str("project")}
		case "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember":
			out[name] = [3]string{o.Str("member"), o.Str("role"), o.Str("subscription")}
		case "gcp:pubsub/topicIAMMember:TopicIAMMember":
			out[name] = [3]string{o.Str("member"), o.Str("role"), o.Str("topic")}
		}
	}
	return out
}

// TestTheObserverMayAskHowDeepTheQueueIsAndNothingElse looks through all grants that stand, and at what KEDA is told.
func TestTheObserverMayAskHowDeepTheQueueIsAndNothingElse(t *testing.T) {
	for _, s := range sites {
		t.Run(s.cloud, func(t *testing.T) {
			t.Parallel()
			e := s.open(t, func(ctx *pulumi.Context, d platform.Driver, opts ...pulumi.ResourceOption) error {
				_, err := (&builder{site: s, ctx: ctx, d: d, opts: opts}).buildBackpressure()
				return err
			})
			if _, err := e.Up(t.Context()); err != nil {
				t.Fatal(err)
			}
			built := e.Cloud.Inventory()
			one := func(end string) *cloud.Object {
				for _, o := range built {
					if strings.HasSuffix(o.URN, "::"+end) {
						return o
					}
				}
				t.Fatalf("%s is not there", end)
				return nil
			}
			var observer string
			wanted, metadata := map[string][3]string{}, map[string]any{}
			switch s.cloud {
			case "aws":
				observer = one("identity-keda-role").Str("arn")
				live := one("order-placed-queue-payments")
				name := "order-placed-queue-policy-payments"
				statement := fmt.Sprintf(
					`{"Sid":"Observe","Effect":"Allow","Principal":{"AWS":[%q]},"Action":["sqs:GetQueueAttributes"],"Resource":[%q]}`, observer, live.Str("arn"))
				policy := one(name).Str("policy")
				if strings.Count(policy, observer) != 1 || !strings.Contains(policy, statement) {
					t.Errorf("the queue's policy does not say once %s:\n%s", statement, policy)
				}
				wanted[name] = [3]string{policy, policy, live.Str("url")}
				metadata = map[string]any{"queueURL": live.Str("url"), "awsRegion": s.region, "queueLength": "5"}
			case "azure":
				observer = one("identity-keda-identity").Str("principalId")
				live := one("order-placed-queue-payments")
				wanted["identity-keda-queue-order-placed-payments"] = [3]string{observer, builtin.Reader, live.PublicID()}
				metadata = map[string]any{"namespace": live.Str("namespaceName"), "queueName": live.Str("queueName"), "messageCount": "5"}
			case "gcp":
				observer = one("identity-keda-account").Str("email")
				wanted["identity-keda-observe"] = [3]string{"serviceAccount:" + observer, "roles/monitoring.viewer", s.account}
				metadata = map[string]any{
					"serverAddress": "https://monitoring.googleapis.com/v1/projects/" + s.account + "/location/global/prometheus",
					"query": fmt.Sprintf(`sum(pubsub_googleapis_com:subscription_num_undelivered_messages{monitored_resource="pubsub_subscription",subscription_id=%q})`,
						one("order-placed-subscription-payments").Str("name")),
					"threshold": "5",
				}
			}
			found := map[string][3]string{}
			for name, grant := range given(built) {
				if strings.Contains(grant[0], observer) {
					found[name] = grant
				}
			}
			if !maps.Equal(found, wanted) {
				t.Errorf("the observer has %v, want %v", found, wanted)
			}
			triggers, _ := one("tenancy-autoscaler").Value("spec.triggers").([]any)
			if len(triggers) != 2 {
				t.Fatalf("%d triggers, want the queue and the CPU: %v", len(triggers), triggers)
			}
			if got := triggers[0].(map[string]any)["metadata"]; fmt.Sprint(got) != fmt.Sprint(metadata) {
				t.Errorf("KEDA is told\n%v, want\n%v", got, metadata)
			}
		})
	}
}
