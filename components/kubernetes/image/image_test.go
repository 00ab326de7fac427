package image_test

import (
	"testing"

	"platform/components/kubernetes/image"
)

func TestAddresses(t *testing.T) {
	for address, want := range map[image.Registry]bool{
		"": true, "registry.example.com": true, "registry.example.com:5000/a/b-c": true, "111122223333.dkr.ecr.eu-central-1.amazonaws.com/mirror": true,
		"https://registry.example.com": false, "registry.example.com/": false, "registry": false, "registry.example.com/A": false,
		"registry.example.com/a:1": false, "registry.example.com//a": false,
	} {
		if got := address.Valid(); got != want {
			t.Errorf("%q: valid %v, want %v", address, got, want)
		}
	}
}

func TestACopyBearsTheWholeName(t *testing.T) {
	for registry, want := range map[image.Registry]string{"": "quay.io/a/b", "registry.example.com/mirror": "registry.example.com/mirror/quay.io/a/b"} {
		if got := registry.Of("quay.io/a/b"); got != want {
			t.Errorf("%q: %q, want %q", registry, got, want)
		}
	}
}
