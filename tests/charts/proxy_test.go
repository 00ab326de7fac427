package charts

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// said are the names that a template or a program gives to variables and places of a pod.
func said(t *testing.T, text string, each *regexp.Regexp) []string {
	t.Helper()
	found := map[string]bool{}
	for _, match := range each.FindAllStringSubmatch(text, -1) {
		found[match[1]] = true
	}
	if len(found) == 0 {
		t.Fatalf("nothing is found by %s", each)
	}
	return slices.Sorted(maps.Keys(found))
}

// TestTheProxyIsAsItsMakersPutItIntoPods holds the pods of components/kubernetes/ingress against the template by which Istio's
// webhook makes a gateway of a pod, in the chart's release: what it tells the agent, and where things are. What is left out, is by
// a choice that is said here.
func TestTheProxyIsAsItsMakersPutItIntoPods(t *testing.T) {
	istio := open(t, "istiod")
	dir, err := istio.dir()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, istio.Path, "files", "gateway-injection-template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := os.ReadFile(filepath.Join("..", "..", "components", "kubernetes", "ingress", "proxy.go"))
	if err != nil {
		t.Fatal(err)
	}
	template, program := string(raw), string(own)
	left := map[string]string{
		"COMPLIANCE_POLICY": "no policy of the kind is asked for", "GODEBUG": "as before",
		"GOMAXPROCS": "there is no limit of CPU from which it would come", "ISTIO_CPU_LIMIT": "as before: how many workers there are is said",
		"ISTIO_BOOTSTRAP_OVERRIDE": "nothing is overridden", "ISTIO_META_NETWORK": "there is one network",
	}
	for _, name := range said(t, template, regexp.MustCompile(`- name: ([A-Z_]+)\n`)) {
		if why := left[name]; strings.Contains(program, `"`+name+`"`) == (why != "") {
			t.Errorf("%s is said to the agent otherwise than by its makers (%s)", name, why)
		}
	}
	optional := []string{"/etc/istio/custom-bootstrap", "/etc/certs/"}
	for _, path := range said(t, template, regexp.MustCompile(`mountPath: (\S+)`)) {
		if !slices.Contains(optional, path) && !strings.Contains(program, `"`+path+`"`) {
			t.Errorf("nothing is at %s", path)
		}
	}
	for _, text := range []string{"- router", "/healthz/ready", "port: 15021", "path: istio-token", "expirationSeconds: 43200", "istio-ca-root-cert"} {
		if !strings.Contains(template, text) {
			t.Errorf("the template has no %q any more: components/kubernetes/ingress has", text)
		}
	}
	if want := "proxyv2:" + istio.Release + "@sha256:"; !strings.Contains(program, want) {
		t.Errorf("the proxy is of another release than the mesh, want %s", want)
	}
}
