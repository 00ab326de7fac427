package aws

import (
	"maps"
	"testing"

	"platform/components/tags"
)

func TestAServiceAsksForAPublicLoadBalancerByExactlyThese(t *testing.T) {
	got := New(Settings{Environment: "dev-aws", Region: "eu-central-1", Account: "111122223333"}).Expose(tags.Set{tags.Team: "platform", tags.Environment: "dev"})
	if want := map[string]string{
		"service.beta.kubernetes.io/aws-load-balancer-type":                              "nlb",
		"service.beta.kubernetes.io/aws-load-balancer-scheme":                            "internet-facing",
		"service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled": "true",
		"service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags":          "environment=dev,team=platform",
	}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
