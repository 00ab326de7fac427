package cloud

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
)

// Unknown stands for a value that a preview does not know yet.
type Unknown struct{}

// Plain turns a property value into JSON's types, with Unknown for what is not known. Secrets are
// unwrapped, nulls in objects dropped.
func Plain(v resource.PropertyValue) any {
	switch {
	case v.IsNull():
		return nil
	case v.IsBool():
		return v.BoolValue()
	case v.IsNumber():
		return v.NumberValue()
	case v.IsString():
		return v.StringValue()
	case v.IsArray():
		out := make([]any, 0, len(v.ArrayValue()))
		for _, e := range v.ArrayValue() {
			out = append(out, Plain(e))
		}
		return out
	case v.IsObject():
		return PlainMap(v.ObjectValue())
	case v.IsSecret():
		return Plain(v.SecretValue().Element)
	case v.IsOutput():
		if !v.OutputValue().Known {
			return Unknown{}
		}
		return Plain(v.OutputValue().Element)
	case v.IsAsset():
		return v.AssetValue().Serialize()
	case v.IsArchive():
		return v.ArchiveValue().Serialize()
	case v.IsResourceReference():
		id := v.ResourceReferenceValue().ID
		if id.IsString() {
			return id.StringValue()
		}
		return Unknown{}
	}
	return Unknown{}
}

// PlainMap is Plain of an object.
func PlainMap(m resource.PropertyMap) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		if p := Plain(v); p != nil {
			out[string(k)] = p
		}
	}
	return out
}

// Wrap is the inverse of Plain.
func Wrap(v any) resource.PropertyValue {
	switch v := v.(type) {
	case nil:
		return resource.NewNullProperty()
	case Unknown:
		return resource.MakeComputed(resource.NewStringProperty(""))
	case int:
		return resource.NewNumberProperty(float64(v))
	case int64:
		return resource.NewNumberProperty(float64(v))
	case string:
		return resource.NewStringProperty(v)
	case []string:
		out := make([]resource.PropertyValue, 0, len(v))
		for _, e := range v {
			out = append(out, resource.NewStringProperty(e))
		}
		return resource.NewArrayProperty(out)
	case []any:
		out := make([]resource.PropertyValue, 0, len(v))
		for _, e := range v {
			out = append(out, Wrap(e))
		}
		return resource.NewArrayProperty(out)
	case map[string]string:
		out := resource.PropertyMap{}
		for k, e := range v {
			out[resource.PropertyKey(k)] = resource.NewStringProperty(e)
		}
		return resource.NewObjectProperty(out)
	case map[string]any:
		switch v[sig.Key] {
		case sig.AssetSig:
			if a, ok, err := asset.Deserialize(v); ok && err == nil {
				return resource.NewAssetProperty(a)
			}
		case sig.ArchiveSig:
			if a, ok, err := archive.Deserialize(v); ok && err == nil {
				return resource.NewArchiveProperty(a)
			}
		}
		return resource.NewObjectProperty(WrapMap(v, nil))
	}
	return resource.NewPropertyValue(v)
}

// WrapMap is the inverse of PlainMap; the named properties become secrets.
func WrapMap(m map[string]any, secrets []string) resource.PropertyMap {
	out := resource.PropertyMap{}
	for k, v := range m {
		w := Wrap(v)
		if slices.Contains(secrets, k) {
			w = resource.MakeSecret(w)
		}
		out[resource.PropertyKey(k)] = w
	}
	return out
}

// secretProperties lists the properties that hold a secret at any depth.
func secretProperties(m resource.PropertyMap) []string {
	var out []string
	for _, k := range m.StableKeys() {
		if m[k].ContainsSecrets() {
			out = append(out, string(k))
		}
	}
	return out
}

// hasUnknown says whether a value is unknown at any depth.
func hasUnknown(v any) bool {
	switch v := v.(type) {
	case Unknown:
		return true
	case []any:
		return slices.ContainsFunc(v, hasUnknown)
	case map[string]any:
		for _, e := range v {
			if hasUnknown(e) {
				return true
			}
		}
	}
	return false
}

// clone copies a JSON value.
func clone[T any](v T) T {
	return cloneAny(any(v)).(T)
}

func cloneAny(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = cloneAny(v[i])
		}
		return out
	case map[string]any:
		if v == nil {
			return v
		}
		out := make(map[string]any, len(v))
		for k := range v {
			out[k] = cloneAny(v[k])
		}
		return out
	case map[string]string:
		return maps.Clone(v)
	case []string:
		return slices.Clone(v)
	}
	return v
}

// walkStrings visits every string in a value.
func walkStrings(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case []any:
		for _, e := range v {
			walkStrings(e, visit)
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			walkStrings(v[k], visit)
		}
	}
}
