package gcp

import (
	"maps"
	"testing"

	"platform/components/tags"
)

func TestAServiceAsksForAPublicLoadBalancerByExactlyThese(t *testing.T) {
	got := New(Settings{Environment: "dev-gcp", Region: "europe-west3", Project: "platform-dev"}).Expose(tags.Set{tags.Team: "platform", tags.Environment: "dev"})
	if want := map[string]string{
		"cloud.google.com/l4-rbs": "enabled",
	}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
