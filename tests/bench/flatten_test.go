package bench

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const urn = "urn:pulumi:test::test::"

// office is a state in which a room takes its id and name from a house, and the clerk's secret from both.
const office = `{"resources": [
  {"urn": "` + urn + `pulumi:providers:net::net", "custom": true, "id": "p", "type": "pulumi:providers:net", "inputs": {"region": "here"}},
  {"urn": "` + urn + `test:x:Component::all", "custom": false, "type": "test:x:Component"},
  {"urn": "` + urn + `test:x:Component$net:x:House::house", "custom": true, "id": "house-0123", "type": "net:x:House",
   "provider": "` + urn + `pulumi:providers:net::net::p", "inputs": {"name": "east"},
   "outputs": {"name": "east", "doors": [{"key": "key-4567"}]}},
  {"urn": "` + urn + `net:x:Room::room", "custom": true, "id": "house-0123/room-89", "type": "net:x:Room",
   "provider": "` + urn + `pulumi:providers:net::net::p",
   "dependencies": ["` + urn + `test:x:Component::all", "` + urn + `test:x:Component$net:x:House::house"],
   "propertyDependencies": {"house": ["` + urn + `test:x:Component$net:x:House::house"], "path": ["` + urn + `test:x:Component$net:x:House::house"]},
   "inputs": {"house": "east", "label": "east", "path": ["/house-0123/key-4567", 3], "__internal": {}}, "outputs": {"house": "east"}},
  {"urn": "` + urn + `net:x:Clerk::clerk", "custom": true, "id": "clerk-1", "type": "net:x:Clerk",
   "provider": "` + urn + `pulumi:providers:net::net::p",
   "dependencies": ["` + urn + `net:x:Room::room"], "propertyDependencies": {"word": ["` + urn + `net:x:Room::room"]},
   "inputs": {"word": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": "\"at house-0123/room-89\""}}}
]}`

func flattened(t *testing.T, state string) *flat {
	t.Helper()
	f, err := flatten(apitype.UntypedDeployment{Version: 3, Deployment: json.RawMessage(state)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestOnlyWhatAPropertyDependsOnIsTakenFromOutputs(t *testing.T) {
	f := flattened(t, office)
	if len(f.resources) != 4 {
		t.Fatalf("%d resources, want 4: a component is none", len(f.resources))
	}
	id, key := part{of: 1, path: []string{"id"}}, part{of: 1, path: []string{"doors", "0", "key"}}
	literal := func(s string) part { return part{literal: s, of: none} }
	want := []flatResource{
		{typ: "pulumi:providers:net", name: "net", provider: none, inputs: map[string]any{"region": "here"}},
		{typ: "net:x:House", name: "house", inputs: map[string]any{"name": "east"}},
		{typ: "net:x:Room", name: "room", after: []int{1}, inputs: map[string]any{
			"house": text{{of: 1, path: []string{"name"}}}, "label": "east",
			"path": []any{text{literal("/"), id, literal("/"), key}, 3.0},
		}},
		{typ: "net:x:Clerk", name: "clerk", after: []int{2}, inputs: map[string]any{
			"word": secret{text{literal("at "), {of: 2, path: []string{"id"}}}},
		}},
	}
	for i := range want {
		if !reflect.DeepEqual(f.resources[i], want[i]) {
			t.Errorf("resource %d is\n%#v, want\n%#v", i, f.resources[i], want[i])
		}
	}
}

// fresh is a cloud that gives other ids than the state has.
type fresh struct {
	mu      sync.Mutex
	inputs  map[string]resource.PropertyMap
	depends map[string][]string
}

func (f *fresh) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

func (f *fresh) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.inputs[args.Name] = args.Inputs
	if args.RegisterRPC != nil {
		f.depends[args.Name] = args.RegisterRPC.GetDependencies()
	}
	out := args.Inputs.Copy()
	if args.TypeToken == "net:x:House" {
		out["doors"] = resource.NewPropertyValue([]any{map[string]any{"key": "key-new"}})
	}
	return args.Name + "-new", out, nil
}

func TestTheFlatProgramPassesOnWhatTheCloudGives(t *testing.T) {
	f := &fresh{inputs: map[string]resource.PropertyMap{}, depends: map[string][]string{}}
	if err := pulumi.RunErr(flattened(t, office).run, pulumi.WithMocks("test", "test", f)); err != nil {
		t.Fatal(err)
	}
	path := resource.NewPropertyValue([]any{"/house-new/key-new", 3.0})
	if got := f.inputs["room"]["path"]; !got.DeepEquals(path) {
		t.Errorf("the room's path is %v, want %v", got, path)
	}
	word := resource.MakeSecret(resource.NewProperty("at room-new"))
	if got := f.inputs["clerk"]["word"]; !got.DeepEquals(word) {
		t.Errorf("the clerk's word is %v, want %v", got, word)
	}
	if want := urn + "net:x:House::house"; !slices.Contains(f.depends["room"], want) {
		t.Errorf("the room depends on %v, want %s", f.depends["room"], want)
	}
}

func TestAnOutputThatIsNotThereStopsTheFlatProgram(t *testing.T) {
	program := flattened(t, office)
	program.resources[2].inputs["house"] = text{{of: 1, path: []string{"doors", "7", "key"}}}
	err := pulumi.RunErr(program.run, pulumi.WithMocks("test", "test", &fresh{inputs: map[string]resource.PropertyMap{}, depends: map[string][]string{}}))
	if err == nil || !strings.Contains(err.Error(), "output doors.7.key is no text") {
		t.Errorf("error is %v, want one that names the output", err)
	}
}

// house is a type as an SDK has it.
type house struct {
	pulumi.CustomResourceState

	Name pulumi.StringOutput `pulumi:"name"`
}

func TestWhatAResourceAnswersHasTheTypeOfTheSDK(t *testing.T) {
	program, seen := flattened(t, office), answers{}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		if err := ctx.RegisterStackTransformation(seen.seen); err != nil {
			return err
		}
		return ctx.RegisterResource("net:x:House", "house", pulumi.Map{"name": pulumi.String("east")}, &house{})
	}, pulumi.WithMocks("test", "test", &fresh{inputs: map[string]resource.PropertyMap{}, depends: map[string][]string{}}))
	if err != nil {
		t.Fatal(err)
	}
	program.answers = seen
	if got, is := program.answers.of("net:x:House").CustomResource.(*house); !is {
		t.Errorf("a house is %T", got)
	}
	f := &fresh{inputs: map[string]resource.PropertyMap{}, depends: map[string][]string{}}
	if err := pulumi.RunErr(program.run, pulumi.WithMocks("test", "test", f)); err != nil {
		t.Fatal(err)
	}
	if got, want := f.inputs["room"]["house"], resource.NewProperty("east"); !got.DeepEquals(want) {
		t.Errorf("the room is in house %v, want %v", got, want)
	}
}
