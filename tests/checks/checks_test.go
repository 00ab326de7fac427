package checks_test

import (
	"testing"

	"platform/tests/checks"
	"platform/tests/cloud"
)

type values = map[string]any

var whole = map[string]string{
	"team": "a", "project": "b", "service": "c", "environment": "d", "cost-centre": "e", "data-class": "f",
}

// TestEachMistakeIsFound makes one mistake on purpose in each case, beside its whole twin.
func TestEachMistakeIsFound(t *testing.T) {
	taggable := func(string) bool { return true }
	queue := func(policy string) *cloud.Object {
		return &cloud.Object{Type: "aws:sqs/queuePolicy:QueuePolicy", ID: "q", Tags: whole, Inputs: values{"policy": policy}}
	}
	binding := func(role, group string) *cloud.Object {
		return &cloud.Object{Type: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", Tags: whole, Inputs: values{
			"roleRef": values{"name": role}, "subjects": []any{values{"kind": "Group", "name": group}},
		}}
	}
	for _, test := range []struct {
		check     string
		good, bad *cloud.Object
	}{
		{
			"tags",
			&cloud.Object{Type: "ec2:volume", Tags: whole, Props: values{"encrypted": true}},
			&cloud.Object{Type: "ec2:volume", Tags: map[string]string{"team": "a"}, Props: values{"encrypted": true}},
		},
		{
			"admission",
			queue(`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:role/a"},"Action":"sqs:SendMessage"}]}`),
			queue(`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage"}]}`),
		},
		{
			"admission",
			queue(`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sqs:SendMessage","Condition":{"ArnEquals":{"aws:SourceArn":"arn"}}}]}`),
			queue(`{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sqs:SendMessage"}]}`),
		},
		{
			"admission",
			binding("view", "payments"), binding("cluster-admin", "payments"),
		},
		{
			"admission",
			binding("view", "payments"), binding("view", "system:authenticated"),
		},
		{
			"exposure",
			&cloud.Object{Type: "aws:rds/instance:Instance", Tags: whole, Inputs: values{"kmsKeyId": "k"}},
			&cloud.Object{Type: "aws:rds/instance:Instance", Tags: whole, Inputs: values{"kmsKeyId": "k", "publiclyAccessible": true}},
		},
		{
			"exposure",
			&cloud.Object{Type: "aws:ec2/securityGroup:SecurityGroup", Tags: whole, Inputs: values{"ingress": []any{values{"cidrBlocks": []any{"10.0.0.0/8"}}}}},
			&cloud.Object{Type: "aws:ec2/securityGroup:SecurityGroup", Tags: whole, Inputs: values{"ingress": []any{values{"cidrBlocks": []any{"0.0.0.0/0"}}}}},
		},
		{
			"exposure",
			&cloud.Object{Type: "elb:load-balancer", Tags: whole, Props: values{"scheme": "internal"}},
			&cloud.Object{Type: "elb:load-balancer", Tags: whole, Props: values{"scheme": "internet-facing"}},
		},
		{
			"waiting",
			&cloud.Object{Type: "kubernetes:core/v1:Service", Tags: whole},
			&cloud.Object{Type: "kubernetes:core/v1:Service", Tags: whole, Props: values{"waits": "no controller"}},
		},
		{
			"encryption",
			&cloud.Object{Type: "aws:sqs/queue:Queue", Tags: whole, Inputs: values{"kmsMasterKeyId": "k"}},
			&cloud.Object{Type: "aws:sqs/queue:Queue", Tags: whole},
		},
		{
			"encryption",
			&cloud.Object{Type: "aws:ec2/launchTemplate:LaunchTemplate", Tags: whole, Inputs: values{"metadataOptions": values{"httpTokens": "required"}}},
			&cloud.Object{Type: "aws:ec2/launchTemplate:LaunchTemplate", Tags: whole, Inputs: values{"metadataOptions": values{"httpTokens": "optional"}}},
		},
	} {
		if found := checks.All([]*cloud.Object{test.good}, taggable); len(found) != 0 {
			t.Errorf("%s: the whole one is found: %v", test.check, found)
		}
		found := checks.All([]*cloud.Object{test.bad}, taggable)
		if len(found) != 1 || found[0].Check != test.check {
			t.Errorf("%s: the mistake gives %v, want one finding", test.check, found)
		}
	}
}

func TestABucketWithoutItsBlockIsFound(t *testing.T) {
	bucket := &cloud.Object{Type: "aws:s3/bucketV2:BucketV2", ID: "b", Tags: whole}
	block := &cloud.Object{Type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", ID: "b", Inputs: values{
		"bucket": "b", "blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true,
	}}
	if found := checks.Exposure([]*cloud.Object{bucket, block}); len(found) != 0 {
		t.Errorf("a guarded bucket is found: %v", found)
	}
	block.Inputs["blockPublicPolicy"] = false
	if found := checks.Exposure([]*cloud.Object{bucket, block}); len(found) != 1 {
		t.Errorf("found %v, want the bucket", found)
	}
}

func TestWhatGrowsPastItsQuotaOrHasNoBudgetIsFound(t *testing.T) {
	in := func(typ string, spec values) *cloud.Object {
		return &cloud.Object{Type: "kubernetes:" + typ, Tags: whole, Inputs: values{"metadata": values{"namespace": "shop"}, "spec": spec}}
	}
	quota := in("core/v1:ResourceQuota", values{"hard": values{"pods": "13"}})
	critical := in("core/v1:ResourceQuota", values{"hard": values{"pods": "0"}, "scopeSelector": values{}})
	budget := func(service string) *cloud.Object {
		return in("policy/v1:PodDisruptionBudget", values{"selector": values{"matchLabels": values{"app.kubernetes.io/name": service}}})
	}
	target := values{"name": "shop"}
	for name, test := range map[string]struct {
		objects []*cloud.Object
		want    int
	}{
		"within its quota and with a budget": {[]*cloud.Object{critical, quota, budget("shop"),
			in("keda.sh/v1alpha1:ScaledObject", values{"maxReplicaCount": 13.0, "scaleTargetRef": target}),
			in("autoscaling/v2:HorizontalPodAutoscaler", values{"maxReplicas": 13.0, "scaleTargetRef": target})}, 0},
		"past its quota": {[]*cloud.Object{critical, quota, budget("shop"),
			in("keda.sh/v1alpha1:ScaledObject", values{"maxReplicaCount": 14.0, "scaleTargetRef": target}),
			in("autoscaling/v2:HorizontalPodAutoscaler", values{"maxReplicas": 14.0, "scaleTargetRef": target})}, 2},
		"with another's budget": {[]*cloud.Object{quota, budget("cart"),
			in("keda.sh/v1alpha1:ScaledObject", values{"maxReplicaCount": 1.0, "scaleTargetRef": target})}, 1},
		"in a namespace of the platform": {[]*cloud.Object{
			in("autoscaling/v2:HorizontalPodAutoscaler", values{"maxReplicas": 14.0, "scaleTargetRef": target})}, 0},
	} {
		if found := checks.Scaling(test.objects); len(found) != test.want {
			t.Errorf("%s: found %v, want %d", name, found, test.want)
		}
	}
}

func TestWhoComesToAServicePastItsMeshIsFound(t *testing.T) {
	in := func(typ, namespace, name string, inputs values) *cloud.Object {
		inputs["metadata"] = values{"namespace": namespace, "name": name, "labels": inputs["labels"]}
		delete(inputs, "labels")
		return &cloud.Object{Type: "kubernetes:" + typ, Tags: whole, Inputs: inputs}
	}
	tunnel := in("helm.sh/v3:Release", "istio-nodes", "ztunnel", values{"chart": "ztunnel"})
	quota := in("core/v1:ResourceQuota", "shop", "service", values{"spec": values{"hard": values{"pods": "13"}}})
	space := func(mode string) *cloud.Object {
		return in("core/v1:Namespace", "", "shop", values{"labels": values{"istio.io/dataplane-mode": mode}})
	}
	peer := func(mode string) *cloud.Object {
		return in("security.istio.io/v1:PeerAuthentication", "istio-system", "default", values{"spec": values{"mtls": values{"mode": mode}}})
	}
	closed := in("security.istio.io/v1:AuthorizationPolicy", "istio-system", "default-deny", values{"spec": values{}})
	open := in("security.istio.io/v1:AuthorizationPolicy", "shop", "callers", values{"spec": values{"rules": []any{values{}}}})
	odd := in("security.istio.io/v1:AuthorizationPolicy", "shop", "callers", values{"spec": values{"surprise": true}})
	for name, test := range map[string]struct {
		objects []*cloud.Object
		want    int
	}{
		"strict and closed":             {[]*cloud.Object{tunnel, quota, space("ambient"), peer("STRICT"), closed}, 0},
		"permissive, by no policy":      {[]*cloud.Object{tunnel, quota, space("ambient"), peer("PERMISSIVE")}, 9},
		"permissive, and closed to all": {[]*cloud.Object{tunnel, quota, space("ambient"), peer("PERMISSIVE"), closed}, 3},
		"by no policy":                  {[]*cloud.Object{tunnel, quota, space("ambient"), peer("STRICT")}, 3},
		"by one that admits all":        {[]*cloud.Object{tunnel, quota, space("ambient"), peer("STRICT"), closed, open}, 3},
		"outside of the mesh":           {[]*cloud.Object{tunnel, quota, space("none"), peer("STRICT"), closed}, 1},
		"no service's namespace":        {[]*cloud.Object{tunnel, space("none"), peer("STRICT"), closed}, 0},
		"where there is no mesh":        {[]*cloud.Object{quota, space("none")}, 0},
		"by what nobody understands":    {[]*cloud.Object{tunnel, quota, space("ambient"), peer("STRICT"), closed, odd}, 1},
	} {
		if found := checks.Mesh(test.objects); len(found) != test.want {
			t.Errorf("%s: found %v, want %d", name, found, test.want)
		}
	}
}
