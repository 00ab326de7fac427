package scaling_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/kubernetes/scaling"
	"platform/components/queue"
	"platform/components/tags"
)

type values = map[string]any

var owned = tags.Set{
	tags.Team: "checkout", tags.Project: "platform", tags.Service: "shop", tags.Environment: "dev",
	tags.CostCentre: "2100", tags.DataClass: "pii",
}

func valid() scaling.Args {
	return scaling.Args{
		Service: "shop", Namespace: pulumi.String("shop"), Min: 3, Max: 40, CPU: 60, Startup: 20 * time.Second,
		Peak: &scaling.Peak{Factor: 8, Within: time.Minute}, Tags: owned,
	}
}

func recorded(t *testing.T, args scaling.Args) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		return scaling.Set(ctx, "tenancy-shop", args, nil)
	})
}

const (
	autoscaler = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
	budget     = "kubernetes:policy/v1:PodDisruptionBudget"
	scaled     = "kubernetes:keda.sh/v1alpha1:ScaledObject"
	observer   = "kubernetes:keda.sh/v1alpha1:TriggerAuthentication"
)

func labels(more values) values {
	out := values{}
	for key, value := range owned {
		out[key] = value
	}
	for key, value := range more {
		out[key] = value
	}
	return out
}

func policy(percent, seconds int) []any {
	return []any{values{"type": "Percent", "value": percent, "periodSeconds": seconds}}
}

// quickly is how the valid service grows. Two looks in the 40 seconds before the last pod must start: 2.83 times 2.83 is 8.
var quickly = values{
	"scaleUp":   values{"stabilizationWindowSeconds": 0, "selectPolicy": "Max", "policies": policy(183, 15)},
	"scaleDown": values{"stabilizationWindowSeconds": 300, "selectPolicy": "Max", "policies": policy(10, 60)},
}

func TestAutoscalerAndBudgetAreExactlyThis(t *testing.T) {
	got, err := recorded(t, valid())
	if err != nil {
		t.Fatal(err)
	}
	metadata := values{"name": "shop", "namespace": "shop", "labels": labels(nil)}
	record.Exactly(t, got, autoscaler+" tenancy-shop-autoscaler", values{
		"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata,
		"spec": values{
			"scaleTargetRef": values{"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"}, "minReplicas": 3, "maxReplicas": 40,
			"metrics": []any{values{"type": "Resource", "resource": values{
				"name": "cpu", "target": values{"type": "Utilization", "averageUtilization": 60},
			}}},
			"behavior": quickly,
		},
	})
	record.Exactly(t, got, budget+" tenancy-shop-budget", values{
		"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": values{
			"maxUnavailable": "25%", "unhealthyPodEvictionPolicy": "AlwaysAllow",
			"selector": values{"matchLabels": values{"app.kubernetes.io/name": "shop"}},
		},
	})
}

// consuming is the valid service with two queues.
func consuming() scaling.Args {
	args := valid()
	args.Backlog = 20
	args.Queues = map[string]queue.Scaler{}
	for _, event := range []string{"paid", "account-changed"} {
		args.Queues[event] = queue.Scaler{
			Type: "a-queue", Metadata: pulumi.StringMap{"url": pulumi.String("https://queues.example.com/" + event)}, Depth: "length", Identity: "pods",
		}
	}
	return args
}

func TestWhoConsumesMessagesIsScaledByItsQueues(t *testing.T) {
	trigger := func(event string) values {
		return values{
			"type": "a-queue", "name": event, "metricType": "AverageValue", "authenticationRef": values{"name": "queues"},
			"metadata": values{"url": "https://queues.example.com/" + event, "length": "20"},
		}
	}
	cpu := values{"type": "cpu", "name": "cpu", "metricType": "Utilization", "metadata": values{"value": "60"}}
	for name, test := range map[string]struct {
		called bool
		want   []any
	}{
		"by nothing else":                {false, []any{trigger("account-changed"), trigger("paid")}},
		"by its CPU too if it is called": {true, []any{trigger("account-changed"), trigger("paid"), cpu}},
	} {
		t.Run(name, func(t *testing.T) {
			args := consuming()
			args.Called = test.called
			got, err := recorded(t, args)
			if err != nil {
				t.Fatal(err)
			}
			record.Exactly(t, got, scaled+" tenancy-shop-autoscaler", values{
				"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject",
				"metadata": values{"name": "shop", "namespace": "shop", "labels": labels(values{"scaledobject.keda.sh/name": "shop"})},
				"spec": values{
					"scaleTargetRef":  values{"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"},
					"minReplicaCount": 3, "maxReplicaCount": 40,
					"advanced": values{"horizontalPodAutoscalerConfig": values{"name": "shop", "behavior": quickly}},
					"triggers": test.want,
				},
			})
			record.Exactly(t, got, observer+" tenancy-shop-observer", values{
				"apiVersion": "keda.sh/v1alpha1", "kind": "TriggerAuthentication",
				"metadata": values{"name": "queues", "namespace": "shop", "labels": labels(nil)},
				"spec":     values{"podIdentity": values{"provider": "pods"}},
			})
			if record.Count(got, autoscaler) != 0 || record.Count(got, budget) != 1 {
				t.Errorf("%d autoscalers by CPU and %d budgets, want none and one", record.Count(got, autoscaler), record.Count(got, budget))
			}
		})
	}
}

func TestEveryFaultOfQueuesIsNamedAtOnce(t *testing.T) {
	args := consuming()
	args.Service, args.Backlog = strings.Repeat("a", 64), 0
	args.Queues["Paid"] = queue.Scaler{Type: "a-queue", Depth: "length", Identity: "others"}
	args.Queues["account-changed"] = queue.Scaler{Metadata: pulumi.StringMap{"length": pulumi.String("1")}, Depth: "length", Identity: "pods"}
	got, err := recorded(t, args)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`service: value "` + args.Service + `": at most 63 characters are allowed`, `backlog: value "0": at least 1 is allowed`,
		`queues.Paid: value "Paid"`, `queues.account-changed.type: value "": a value is needed`,
		`queues.account-changed.metadata.length: value "1": the backlog says it`,
		`queues.paid.identity: value "pods": "others" is allowed, as for the other queues: one observer reads them all`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if len(got) != 0 {
		t.Errorf("registered: %v", got)
	}
}

func TestAPeakOfMessagesNeedNotBeShownByTheCPU(t *testing.T) {
	args := consuming()
	args.Startup = 45 * time.Second
	if _, err := recorded(t, args); err != nil {
		t.Error(err)
	}
}

func TestPodsGrowInTimeForThePeakAndNoFaster(t *testing.T) {
	for _, test := range []struct {
		factor          int
		within, startup time.Duration
		want            float64 // percent at each look
	}{
		{10, 60 * time.Second, 45 * time.Second, 900}, // one look
		{5, 120 * time.Second, 60 * time.Second, 50},  // four
		{2, 10 * time.Minute, 30 * time.Second, 2},    // thirty-eight
	} {
		args := valid()
		args.CPU, args.Startup, args.Peak = 30, test.startup, &scaling.Peak{Factor: test.factor, Within: test.within}
		got, err := recorded(t, args)
		if err != nil {
			t.Fatal(err)
		}
		spec := got[autoscaler+" tenancy-shop-autoscaler"]["spec"].ObjectValue()
		up := spec["behavior"].ObjectValue()["scaleUp"].ObjectValue()["policies"].ArrayValue()[0].ObjectValue()
		if percent := up["value"].NumberValue(); percent != test.want {
			t.Errorf("%d times within %s, started in %s: %v%%, want %v%%", test.factor, test.within, test.startup, percent, test.want)
		}
	}
}

func TestHeadroomIsWhatThePeakBrings(t *testing.T) {
	for _, test := range []struct {
		name string
		max  int
		peak *scaling.Peak
		want int
	}{
		{"three pods become twenty-four", 40, valid().Peak, 21},
		{"no more than the service may have", 6, valid().Peak, 3},
		{"without a peak", 40, nil, 0},
	} {
		args := valid()
		args.Max, args.Peak = test.max, test.peak
		if got := args.Headroom(); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	args := valid()
	args.Service, args.Min, args.Max, args.CPU, args.Startup, args.Tags = "Shop", 3, 2, 0, 50*time.Second, owned.With(tags.Team, "")
	got, err := recorded(t, args)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`service: value "Shop"`, `min, max: value "3, 2"`, `cpu: value "0"`,
		`peak.within: value "1m0s": at least 1m5s is allowed`, `tags.team: value ""`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	if len(got) != 0 {
		t.Errorf("registered: %v", got)
	}
}

func TestARiseThatTheCPUCannotShowIsRefused(t *testing.T) {
	args := valid()
	args.Startup = 45 * time.Second
	_, err := recorded(t, args)
	want := `peak.factor: value "8": a rise that the CPU shows is allowed: pods grow by 700% at a time, and their use by no more than 566%`
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
