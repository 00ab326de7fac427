package azure

import (
	"maps"
	"testing"

	"platform/components/tags"
)

func TestAServiceAsksForAPublicLoadBalancerByExactlyThese(t *testing.T) {
	got := New(Settings{Environment: "dev-azure", Region: "germanywestcentral", Subscription: testSubscription}).Expose(tags.Set{tags.Team: "platform", tags.Environment: "dev"})
	if want := map[string]string{
		"service.beta.kubernetes.io/azure-pip-tags": "environment=dev,team=platform",
	}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
