package chart

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Values turns a chart's typed values into what a release takes. Fields bear the names of their json tags, and
// omitempty leaves out what is zero; an Input stays what it is, so that values may come from other resources.
// It panics on what cannot be a value, a mistake of the program that its first test finds.
func Values(v any) pulumi.Map {
	m, ok := input("values", reflect.ValueOf(v)).(pulumi.Map)
	if !ok {
		panic(fmt.Sprintf("values of a chart are a %T: a struct or a map is needed", v))
	}
	return m
}

var inputType = reflect.TypeFor[pulumi.Input]()

func input(path string, v reflect.Value) pulumi.Input {
	if !v.IsValid() || nothing(v) {
		return nil
	}
	if v.Type().Implements(inputType) {
		return v.Interface().(pulumi.Input)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return input(path, v.Elem())
	case reflect.String:
		return pulumi.String(v.String())
	case reflect.Bool:
		return pulumi.Bool(v.Bool())
	case reflect.Int, reflect.Int32, reflect.Int64:
		return pulumi.Int(int(v.Int()))
	case reflect.Float64:
		return pulumi.Float64(v.Float())
	case reflect.Slice:
		out := make(pulumi.Array, 0, v.Len())
		for i := range v.Len() {
			out = append(out, input(fmt.Sprintf("%s[%d]", path, i), v.Index(i)))
		}
		return out
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String {
			return mapping(path, v)
		}
	case reflect.Struct:
		return fields(path, v)
	}
	panic(fmt.Sprintf("%s is a %s: no value of a chart can be one", path, v.Type()))
}

// nothing says whether there is no value behind a pointer, an interface, a map or a slice.
func nothing(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		return v.IsNil()
	}
	return false
}

func mapping(path string, v reflect.Value) pulumi.Map {
	out := pulumi.Map{}
	keys := slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if each := input(path+"."+key.String(), v.MapIndex(key)); each != nil {
			out[key.String()] = each
		}
	}
	return out
}

func fields(path string, v reflect.Value) pulumi.Map {
	out := pulumi.Map{}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case field.Anonymous && name == "":
			maps.Copy(out, fields(path, v.Field(i)))
			continue
		case name == "":
			panic(fmt.Sprintf("%s.%s has no json tag: the name of the value is not known", path, field.Name))
		case strings.Contains(options, "omitempty") && empty(v.Field(i)):
			continue
		}
		if each := input(path+"."+name, v.Field(i)); each != nil {
			out[name] = each
		}
	}
	return out
}

// empty is what encoding/json leaves out.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
