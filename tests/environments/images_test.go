package environments

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"platform/tests/cloud"
)

// imagesOf are the images of an object's pods, and what it tells one to run as another pod: cert-manager starts pods that
// answer an authority.
func imagesOf(o *cloud.Object) []string {
	var out []string
	for _, list := range []string{"spec.template.spec.containers", "spec.template.spec.initContainers"} {
		containers, _ := o.Value(list).([]any)
		for _, each := range containers {
			container, _ := each.(map[string]any)
			out = append(out, fmt.Sprint(container["image"]))
			args, _ := container["args"].([]any)
			for _, arg := range args {
				if name, image, is := strings.Cut(fmt.Sprint(arg), "-image="); is && strings.HasPrefix(name, "--") {
					out = append(out, image)
				}
			}
		}
	}
	return out
}

// TestAllImagesComeFromTheOneRegistryThatAnEnvironmentNames: what brings the cloud's own add-ons, the cloud decides.
func TestAllImagesComeFromTheOneRegistryThatAnEnvironmentNames(t *testing.T) {
	t.Parallel()
	const mirror = "registry.example.com/mirror"
	folder := altered(t, "staging-aws", func(file string) string {
		return strings.Replace(file, "    mesh: {", "    images: {registry: "+mirror+"}\n    mesh: {", 1)
	})
	var out bytes.Buffer
	e := judged(t, folder, "staging-aws", t.TempDir(), &out, nothing)
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, tail(out.String()))
	}
	var found []string
	for _, o := range e.Cloud.Inventory() {
		for _, image := range imagesOf(o) {
			origin, mirrored := strings.CutPrefix(image, mirror+"/")
			if !mirrored {
				t.Errorf("%s: %s", o, image)
			}
			name, _, _ := strings.Cut(origin, "@")
			found = append(found, name[:max(strings.LastIndex(name, ":"), 0)])
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	for _, want := range []string{
		"docker.io/library/kong", "ecr-public.aws.com/docker/library/redis", "ghcr.io/external-secrets/external-secrets",
		"ghcr.io/kedacore/keda", "public.ecr.aws/karpenter/controller", "quay.io/argoproj/argocd", "quay.io/jetstack/cert-manager-acmesolver",
		"quay.io/jetstack/cert-manager-controller", "registry.istio.io/release/install-cni", "registry.istio.io/release/pilot",
		"registry.istio.io/release/ztunnel", "registry.k8s.io/external-dns/external-dns", "registry.k8s.io/pause",
	} {
		if !slices.Contains(found, want) {
			t.Errorf("%s is not among\n%s", want, strings.Join(found, "\n"))
		}
	}
}
