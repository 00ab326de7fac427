package environments

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"platform/stacks/config"
	"platform/tests/cloud"
	"platform/tests/cloud/kubernetes"
	"platform/tests/world"
)

// rulesKnowAll lists what an environment sets and the tables and schemas do not know, and which of them do not name their
// source.
func rulesKnowAll(t *testing.T, s config.Settings, inventory []*cloud.Object) {
	t.Helper()
	in, err := world.Of(world.At(s))
	if err != nil {
		t.Fatal(err)
	}
	seen, defined := map[string]map[string]bool{}, map[string]bool{}
	for _, o := range inventory {
		versions, _ := o.Value("spec.versions").([]any)
		for _, v := range versions {
			if version, ok := v.(map[string]any); ok && strings.HasSuffix(o.Type, ":CustomResourceDefinition") {
				defined[fmt.Sprintf("kubernetes:%s/%v:%s", o.Str("spec.group"), version["name"], o.Str("spec.names.kind"))] = true
			}
		}
	}
	for _, o := range inventory {
		if o.URN == "" || o.Preexisting || defined[o.Type] { // the definition in the cluster judges it when it is made
			continue
		}
		for _, p := range in.Packages {
			if strings.HasPrefix(o.Type, p.Name()+":") {
				judge(t, p, o)
				if seen[p.Name()] == nil {
					seen[p.Name()] = map[string]bool{}
				}
				seen[p.Name()][o.Type] = true
			}
		}
	}
	for _, p := range in.Packages {
		if len(seen[p.Name()]) < 5 {
			t.Errorf("only %d types of %s were seen", len(seen[p.Name()]), p.Name())
		}
	}
}

// judge names what the rules of a package do not know of an object, and shows that they would refuse what is
// foreign to it.
func judge(t *testing.T, p cloud.Package, o *cloud.Object) {
	t.Helper()
	source := ""
	switch p := p.(type) {
	case *cloud.Table:
		if rule := p.Rules.Types[o.Type]; rule != nil {
			source = rule.Source
		}
	case *kubernetes.Package:
		source = p.Source(o.Type, o.Inputs)
	}
	if !strings.HasPrefix(source, "https://") && !strings.HasPrefix(source, "oci://") {
		t.Errorf("%s: its rules name no source", o.Type)
	}
	check := func(inputs map[string]any) []cloud.Failure {
		_, faults := p.Check(cloud.Config{}, cloud.CheckRequest{Type: o.Type, URN: o.URN, Name: o.URN, Old: o.Inputs, New: inputs})
		return faults
	}
	for _, fault := range check(o.Inputs) {
		t.Errorf("%s sets what the rules do not allow: %s %s", o.URN, fault.Path, fault.Reason)
	}
	foreign := maps.Clone(o.Inputs)
	foreign["neverHeardOf"] = "x"
	if len(check(foreign)) == 0 {
		t.Errorf("%s: the rules would let an unknown property pass", o.Type)
	}
}
