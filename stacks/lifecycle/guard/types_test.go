package guard

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"platform/policies/document"
	"platform/policies/rules"
)

// registered are the types that a driver can register, each with a file that names it: a simulated cloud takes none
// without rules. What lies in clusters is checked by schemas of all kinds, so that the inventories tell which there are.
func registered(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	read := func(pattern string, types func(raw []byte) []string) {
		files, err := filepath.Glob("../../../tests/" + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, error %v", pattern, len(files), err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, typ := range types(raw) {
				out[document.Kind(typ)] = file
			}
		}
	}
	token := regexp.MustCompile(`^(aws|azure-native|gcp):[^:]+:[A-Za-z0-9]+$`)
	read("cloud/*/rules/*.yaml", func(raw []byte) (types []string) {
		var table map[string]any
		if err := yaml.Unmarshal(raw, &table); err != nil {
			t.Fatal(err)
		}
		for key := range table {
			if token.MatchString(key) {
				types = append(types, key)
			}
		}
		return types
	})
	// What a chart made bears no logical name but its place in a cluster, and goes with its release.
	object := regexp.MustCompile(`(?m)^(kubernetes:[a-z0-9.-]+/v[a-z0-9]+:[A-Za-z0-9]+) [^/\n]+$`)
	read("environments/testdata/*.txt", func(raw []byte) (types []string) {
		for _, found := range object.FindAllStringSubmatch(string(raw), -1) {
			types = append(types, found[1])
		}
		return types
	})
	// No committed environment has Datadog; which kinds of its are registered, the simulated cluster names.
	named := regexp.MustCompile(`"(kubernetes:datadoghq\.com/v[a-z0-9]+:[A-Za-z0-9]+)"`)
	read("cloud/kubernetes/datadog.go", func(raw []byte) (types []string) {
		for _, found := range named.FindAllStringSubmatch(string(raw), -1) {
			types = append(types, found[1])
		}
		return types
	})
	return out
}

// TestEveryTypeThatADriverRegistersIsGuardedOrNamed: a new type is in one of the two tables, and in one alone.
func TestEveryTypeThatADriverRegistersIsGuardedOrNamed(t *testing.T) {
	all := registered(t)
	if len(all) < 150 {
		t.Errorf("only %d types were found", len(all))
	}
	for typ, file := range all {
		_, isGuarded := guarded[typ]
		if why := harmless()[typ]; isGuarded == (why != "") {
			t.Errorf("%s of %s: it is guarded: %v, and named as harmless by %q; write in types.go what is lost with it, or why nothing is",
				typ, file, isGuarded, why)
		}
	}
	for typ := range guarded {
		if all[typ] == "" {
			t.Errorf("%s is guarded, and nothing registers it", typ)
		}
	}
	for typ := range harmless() {
		if all[typ] == "" {
			t.Errorf("%s is named as harmless, and nothing registers it", typ)
		}
	}
}

// TestWhatPoliciesWantProtectedIsGuarded but for locks, which hold nothing.
func TestWhatPoliciesWantProtectedIsGuarded(t *testing.T) {
	protected := 0
	for typ := range registered(t) {
		if !rules.Protects(typ) || typ == "azure-native:authorization:ManagementLockByScope" {
			continue
		}
		protected++
		if _, ok := guarded[typ]; !ok {
			t.Errorf("%s must be protected from deletion, and is not guarded", typ)
		}
	}
	if protected < 8 {
		t.Errorf("only %d types are protected", protected)
	}
}

// TestEveryLossIsWhole: what a reader needs is there, the runbook has a section of each kind, and each kind is there
// on every cloud that has it.
func TestEveryLossIsWhole(t *testing.T) {
	written, err := os.ReadFile("../../../" + runbook)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range Kinds {
		if !strings.Contains(string(written), "\n## "+string(kind)+"\n") {
			t.Errorf("%s has no section %s", runbook, kind)
		}
	}
	clouds := map[Kind][]string{}
	for typ, l := range guarded {
		if !slices.Contains(Kinds, l.kind) || l.what == "" || !strings.HasPrefix(l.source, "https://") {
			t.Errorf("%s is not whole: %+v", typ, l)
		}
		cloud, _, _ := strings.Cut(typ, ":")
		clouds[l.kind] = append(clouds[l.kind], cloud)
	}
	everywhere := []string{"aws", "azure-native", "gcp"}
	for kind, want := range map[Kind][]string{
		Database: everywhere, Documents: everywhere, Topic: everywhere, Subscription: everywhere, Key: everywhere,
		Secret: everywhere, Network: everywhere, Cluster: everywhere, Logs: everywhere,
		Queue:  {"aws", "azure-native"}, // on Google Cloud messages wait in subscriptions
		Bucket: everywhere, Namespace: {"kubernetes"}, Group: {"azure-native"},
	} {
		got := slices.Compact(slices.Sorted(slices.Values(clouds[kind])))
		if !slices.Equal(got, want) {
			t.Errorf("kind %s is guarded on %v, want %v", kind, got, want)
		}
	}
}

func TestATypeOfWhichNobodyHasSaidAnythingIsGuarded(t *testing.T) {
	for typ, want := range map[string]Kind{
		"aws:neptune/cluster:Cluster":                   Unknown,
		"azure-native:dbforpostgresql/v20240801:Server": Database,
		"azure-native:dbforpostgresql/v20991231:Server": Database,
		"aws:iam/role:Role":                             "",
		"platform:database:Database":                    "",
		"pulumi:providers:aws":                          "",
	} {
		l, ok := lost(typ)
		if ok != (want != "") || l.kind != want {
			t.Errorf("%s: %v %q, want %q", typ, ok, l.kind, want)
		}
	}
}
