package rules

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"gopkg.in/yaml.v3"
)

// entry is a resource of the file of planted violations.
type entry struct {
	Name  string              `yaml:"name"`
	Type  string              `yaml:"type"`
	Under string              `yaml:"under"`
	Needs []string            `yaml:"needs"`
	By    map[string][]string `yaml:"by"`
	Props map[string]any      `yaml:"props"`
}

// plant is one violation: a bad value at a path, a resource without which the stack is, or one more. Alone takes
// what a resource depends on from it.
type plant struct {
	Rule    string `yaml:"rule"`
	Cloud   string `yaml:"cloud"`
	Of      string `yaml:"of"`
	Path    string `yaml:"path"`
	Bad     any    `yaml:"bad"`
	Alone   bool   `yaml:"alone"`
	Without string `yaml:"without"`
	Add     *entry `yaml:"add"`
}

func (p plant) String() string {
	return fmt.Sprintf("%s on %s: %s%s %s", p.Rule, p.Cloud, p.Of, p.Without, p.Path)
}

type planted struct {
	Tags    any                `yaml:"tags"`
	Whole   map[string][]entry `yaml:"whole"`
	Planted []plant            `yaml:"planted"`
}

func readPlanted(t *testing.T) planted {
	t.Helper()
	raw, err := os.ReadFile("testdata/planted.yaml")
	if err != nil {
		t.Fatal(err)
	}
	decoder, p := yaml.NewDecoder(strings.NewReader(string(raw))), planted{}
	decoder.KnownFields(true)
	if err := decoder.Decode(&p); err != nil {
		t.Fatal(err)
	}
	return p
}

// production is the environment of the planted violations.
func production(cloud string) Environment {
	regions := map[string][]string{"aws": {"eu-central-1"}, "azure": {"germanywestcentral"}, "gcp": {"europe-west3"}}
	return Environment{
		Name: "prod", Cloud: cloud, Tier: Production, Residency: "eu", Regions: regions[cloud],
		Admins: []string{"arn:aws:iam::1:role/break-glass"},
		Costs:  map[string]string{"platform": "1000", "payments": "2200"}, Shared: "1000", Services: []string{"orders"}, Mesh: "istio",
		Today: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC),
	}
}

func urnOf(e entry) string {
	return "urn:pulumi:prod::platform::platform:platform:Platform$" + strings.TrimSuffix(e.Under+"$", "$") + strings.Repeat("$", min(1, len(e.Under))) + e.Type + "::" + e.Name
}

// stackOf makes the resources of a cloud, with the properties that a change returns.
func stackOf(entries []entry, change func(entry, property.Map) property.Map) []Resource {
	urns := map[string]string{}
	for _, e := range entries {
		urns[e.Name] = urnOf(e)
	}
	names := func(of []string) []string {
		var out []string
		for _, name := range of {
			if urn, ok := urns[name]; ok {
				out = append(out, urn)
			}
		}
		return out
	}
	var all []Resource
	for _, e := range entries {
		props := resource.FromResourcePropertyMap(resource.NewPropertyMapFromMap(e.Props))
		by := map[string][]string{}
		for key, of := range e.By {
			by[key] = names(of)
		}
		all = append(all, Resource{
			Type: e.Type, URN: urns[e.Name], Name: e.Name, Props: change(e, props), DependsOn: names(e.Needs), By: by,
		})
	}
	return all
}

func asItIs(_ entry, p property.Map) property.Map { return p }

// put returns the properties with a value at a path; without ok the path is taken away.
func put(m property.Map, path string, value property.Value, ok bool) property.Map {
	key, rest, deeper := strings.Cut(path, ".")
	if strings.HasPrefix(path, "pod-security") || strings.HasPrefix(path, "istio.io") {
		key, deeper = path, false
	}
	if !deeper {
		if !ok {
			return m.Delete(key)
		}
		return m.Set(key, value)
	}
	inner := property.Map{}
	if v := m.Get(key); v.IsMap() {
		inner = v.AsMap()
	}
	return m.Set(key, property.New(put(inner, rest, value, ok)))
}

// with plants something in the whole stack of its cloud.
func (p plant) in(whole []entry, value property.Value, ok bool) []Resource {
	var entries []entry
	for _, e := range whole {
		if e.Name == p.Without {
			continue
		}
		if e.Name == p.Of && p.Alone {
			e.Needs, e.By = nil, nil
		}
		entries = append(entries, e)
	}
	if p.Add != nil {
		entries = append(entries, *p.Add)
	}
	return stackOf(entries, func(e entry, props property.Map) property.Map {
		if e.Name == p.Of && p.Path != "" {
			return put(props, p.Path, value, ok)
		}
		return props
	})
}

// bad is the planted value; {} is that nothing is said.
func (p plant) bad() (property.Value, bool) {
	v := resource.FromResourcePropertyValue(resource.NewPropertyValue(p.Bad))
	return v, !v.IsMap() || v.AsMap().Len() > 0
}

func TestTheWholeStacksViolateNothing(t *testing.T) {
	for cloud, entries := range readPlanted(t).Whole {
		for _, v := range JudgeAll(stackOf(entries, asItIs), production(cloud)) {
			t.Errorf("%s: %s", cloud, v.Message())
		}
	}
}

// TestEveryPlantedViolationIsCaught also prints the table of rule against cloud.
func TestEveryPlantedViolationIsCaught(t *testing.T) {
	const least = 60
	p := readPlanted(t)
	caught := map[string]map[string]int{}
	for _, plant := range p.Planted {
		value, ok := plant.bad()
		found := JudgeAll(plant.in(p.Whole[plant.Cloud], value, ok), production(plant.Cloud))
		if len(found) == 0 {
			t.Errorf("%s: nothing was found", plant)
			continue
		}
		for _, v := range found {
			if v.Rule.ID != plant.Rule {
				t.Errorf("%s: found besides: %s", plant, v.Message())
			}
		}
		if caught[plant.Rule] == nil {
			caught[plant.Rule] = map[string]int{}
		}
		caught[plant.Rule][plant.Cloud]++
	}
	if len(p.Planted) < least {
		t.Errorf("%d violations are planted, want %d", len(p.Planted), least)
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "rule\t"+strings.Join(Clouds, "\t"))
	for _, r := range All() {
		line := r.ID
		for _, cloud := range Clouds {
			line += fmt.Sprintf("\t%d", caught[r.ID][cloud])
		}
		fmt.Fprintln(w, line)
	}
	_ = w.Flush()
	t.Logf("planted and caught:\n%s", table.String())
}

// TestEveryRuleIsPlantedOnEveryCloudThatItCovers leaves out the rule of exceptions, which is of the file.
func TestEveryRuleIsPlantedOnEveryCloudThatItCovers(t *testing.T) {
	at := map[string]bool{}
	for _, p := range readPlanted(t).Planted {
		at[p.Rule+" "+p.Cloud] = true
	}
	for _, r := range All() {
		for _, cloud := range Clouds {
			if r.ID == exceptions().ID || r.onlySupports(cloud) {
				continue
			}
			if r.Covers(cloud) && !at[r.ID+" "+cloud] {
				t.Errorf("%s covers %s, and nothing is planted for it", r.ID, cloud)
			}
		}
	}
}

// onlySupports says whether a rule looks at a cloud's types only to judge another's.
func (r Rule) onlySupports(cloud string) bool {
	return r.ID == serviceIdentity.ID && cloud == "kubernetes"
}

// TestWhatIsUnknownIsNotJudgedYet: what a preview does not know is judged again at up.
func TestWhatIsUnknownIsNotJudgedYet(t *testing.T) {
	p := readPlanted(t)
	for _, plant := range p.Planted {
		if plant.Path == "" {
			continue
		}
		alone := plant
		alone.Alone = false
		for _, v := range JudgeAll(alone.in(p.Whole[plant.Cloud], property.New(property.Computed), true), production(plant.Cloud)) {
			t.Errorf("%s is unknown, and judged: %s", plant, v.Message())
		}
	}
}

// TestNothingKnownNeverCrashes makes all properties of each resource unknown, and then all secret.
func TestNothingKnownNeverCrashes(t *testing.T) {
	for cloud, entries := range readPlanted(t).Whole {
		unknown := stackOf(entries, func(_ entry, p property.Map) property.Map {
			for key := range p.All {
				p = p.Set(key, property.New(property.Computed))
			}
			return p
		})
		for _, v := range JudgeAll(unknown, production(cloud)) {
			t.Errorf("%s: judged though unknown: %s", cloud, v.Message())
		}
		secret := stackOf(entries, func(_ entry, p property.Map) property.Map {
			for key, v := range p.All {
				p = p.Set(key, v.WithSecret(true))
			}
			return p
		})
		for _, v := range JudgeAll(secret, production(cloud)) {
			t.Errorf("%s: a secret is no violation: %s", cloud, v.Message())
		}
	}
}

// TestASecretIsJudgedAndNotShown plants the bad values as secrets.
func TestASecretIsJudgedAndNotShown(t *testing.T) {
	p := readPlanted(t)
	for _, plant := range p.Planted {
		value, ok := plant.bad()
		if plant.Path == "" || !ok {
			continue
		}
		found := JudgeAll(plant.in(p.Whole[plant.Cloud], value.WithSecret(true), true), production(plant.Cloud))
		if len(found) == 0 {
			t.Errorf("%s: nothing was found of a secret", plant)
		}
		for _, v := range found {
			for _, leaf := range leaves(value) {
				if strings.Contains(v.Message(), fmt.Sprintf("is %q", leaf)) || len(leaf) > 8 && strings.Contains(v.Found, leaf) {
					t.Errorf("%s: the message shows %q: %s", plant, leaf, v.Found)
				}
			}
		}
	}
}

// leaves are the single values in a value, as they would be written.
func leaves(v property.Value) []string {
	switch {
	case v.IsArray():
		var out []string
		for _, e := range v.AsArray().All {
			out = append(out, leaves(e)...)
		}
		return out
	case v.IsMap():
		var out []string
		for _, e := range v.AsMap().All {
			out = append(out, leaves(e)...)
		}
		return out
	}
	return []string{text(v)}
}

func TestWhatIsFoundIsCountedSortedAndGrouped(t *testing.T) {
	p := readPlanted(t)
	all := stackOf(p.Whole["aws"], func(e entry, props property.Map) property.Map {
		switch e.Name {
		case "database":
			return props.Set("publiclyAccessible", property.New(true)).Set("multiAz", property.New(false))
		case "vpc", "alarm":
			return props.Delete("tags")
		}
		return props
	})
	found := JudgeAll(all, production("aws"))
	var got []string
	for _, v := range found {
		got = append(got, string(v.Rule.Severity)+" "+v.Rule.ID+" "+v.Name)
	}
	want := []string{"critical database-not-public database", "high zone-redundancy database"}
	for _, name := range []string{"alarm", "vpc"} {
		want = append(want, slices.Repeat([]string{"medium tags-complete " + name}, 6)...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got, want := Count(found), "14 violations: 1 critical, 1 high, 12 medium"; got != want {
		t.Errorf("the first line is %q, want %q", got, want)
	}
}
