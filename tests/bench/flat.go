package bench

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// registered is a resource of the flat program, as the SDK has it.
type registered struct {
	pulumi.CustomResource
	state    *pulumi.CustomResourceState // of which the engine's answer is taken as it is
	provider pulumi.ProviderResource     // nil for what is none
}

// answers are the SDKs' types of resources, by token: a struct with the outputs of each, which every program in Go has filled.
type answers map[string]reflect.Type

// seen are the types of what a program registers.
func (a answers) seen(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
	if _, is := args.Resource.(pulumi.CustomResource); is {
		a[args.Type] = reflect.TypeOf(args.Resource).Elem()
	}
	return nil
}

// of is an empty resource of a type; the bare one where the type is not known.
func (a answers) of(typ string) registered {
	t, known := a[typ]
	switch {
	case known:
	case strings.HasPrefix(typ, "pulumi:providers:"):
		t = reflect.TypeFor[pulumi.ProviderResourceState]()
	default:
		t = reflect.TypeFor[pulumi.CustomResourceState]()
	}
	v := reflect.New(t)
	made := registered{CustomResource: v.Interface().(pulumi.CustomResource)}
	made.provider, _ = v.Interface().(pulumi.ProviderResource)
	if t == reflect.TypeFor[pulumi.CustomResourceState]() {
		made.state = v.Interface().(*pulumi.CustomResourceState)
	} else {
		made.state = v.Elem().FieldByName("CustomResourceState").Addr().Interface().(*pulumi.CustomResourceState)
	}
	return made
}

func (f *flat) run(ctx *pulumi.Context) error {
	made := make([]registered, len(f.resources))
	for i, r := range f.resources {
		var options []pulumi.ResourceOption
		for _, on := range r.after {
			options = append(options, pulumi.DependsOn([]pulumi.Resource{made[on].CustomResource}))
		}
		if r.provider != none {
			options = append(options, pulumi.Provider(made[r.provider].provider))
		}
		made[i] = f.answers.of(r.typ)
		if err := ctx.RegisterResource(r.typ, r.name, properties(ctx, r.inputs, made), made[i].CustomResource, options...); err != nil {
			return fmt.Errorf("%s %s: %w", r.typ, r.name, err)
		}
	}
	return nil
}

// output is one text of the engine's answer. Only what is at the path makes it unknown or secret; in a preview
// what is absent is unknown, as it is for the SDKs' own outputs.
func (r registered) output(ctx *pulumi.Context, path []string) pulumi.Output {
	if len(path) == 1 && path[0] == "id" {
		return r.ID()
	}
	return pulumi.InternalGetRawOutputs(&r.state.ResourceState).ApplyT(func(answer any) (any, error) {
		v, hidden := dig(answer.(resource.PropertyMap), path)
		switch {
		case v.IsString() && hidden:
			return pulumi.ToSecret(v.StringValue()), nil
		case v.IsString():
			return v.StringValue(), nil
		case v.IsComputed(), v.IsOutput(), v.IsNull() && ctx.DryRun():
			return pulumi.UnsafeUnknownOutput(nil), nil
		}
		return nil, fmt.Errorf("output %s is no text", strings.Join(path, "."))
	})
}

// dig follows a path, and tells whether anything on it is secret. It ends where a value is unknown.
func dig(answer resource.PropertyMap, path []string) (v resource.PropertyValue, hidden bool) {
	v = resource.NewProperty(answer)
	for _, word := range path {
		switch {
		case v.IsObject():
			v = v.ObjectValue()[resource.PropertyKey(word)]
		case v.IsArray():
			i, err := strconv.Atoi(word)
			if err != nil || i >= len(v.ArrayValue()) {
				return resource.PropertyValue{}, hidden
			}
			v = v.ArrayValue()[i]
		}
		v, hidden = shown(v, hidden)
	}
	return v, hidden
}

// shown is a value without the marks of a secret, and whether it or what it is in bore them.
func shown(v resource.PropertyValue, hidden bool) (resource.PropertyValue, bool) {
	switch {
	case v.IsSecret():
		return shown(v.SecretValue().Element, true)
	case v.IsOutput() && v.OutputValue().Known:
		return shown(v.OutputValue().Element, hidden || v.OutputValue().Secret)
	}
	return v, hidden
}

func properties(ctx *pulumi.Context, inputs map[string]any, made []registered) pulumi.Map {
	out := pulumi.Map{}
	for k, v := range inputs {
		out[k] = input(ctx, v, made)
	}
	return out
}

func input(ctx *pulumi.Context, v any, made []registered) pulumi.Input {
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		return pulumi.Bool(v)
	case float64:
		return pulumi.Float64(v)
	case string:
		return pulumi.String(v)
	case text:
		return v.input(ctx, made)
	case secret:
		return pulumi.ToSecret(input(ctx, v.value, made))
	case []any:
		out := pulumi.Array{}
		for _, e := range v {
			out = append(out, input(ctx, e, made))
		}
		return out
	case map[string]any:
		return properties(ctx, v, made)
	}
	return pulumi.Any(v)
}

func (t text) input(ctx *pulumi.Context, made []registered) pulumi.Input {
	parts := make([]any, len(t))
	for i, p := range t {
		if p.of == none {
			parts[i] = p.literal
		} else {
			parts[i] = made[p.of].output(ctx, p.path)
		}
	}
	if len(parts) == 1 && t[0].of != none {
		return parts[0].(pulumi.Output)
	}
	return pulumi.All(parts...).ApplyT(func(got []any) string {
		var whole strings.Builder
		for _, g := range got {
			fmt.Fprint(&whole, g)
		}
		return whole.String()
	})
}
