package system_test

import (
	"reflect"
	"testing"

	"platform/components/kubernetes/system"
)

func TestMemoryHasNoBurst(t *testing.T) {
	want := system.Resources{
		Requests: map[string]string{"cpu": "50m", "memory": "128Mi"}, Limits: map[string]string{"memory": "128Mi"},
	}
	if got := system.Room(50, 128); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
