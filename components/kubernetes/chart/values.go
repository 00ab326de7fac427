package chart

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Values turns a chart's typed values into what a release takes. Fields bear the names of their json tags, and
// omitempty leaves out what is zero; an Input stays what it is, so that values may come from other resources.
// It panics on what cannot be a value, a mistake of the program that its first test finds.
func Values(v any) pulumi.Map {
	m, ok := input(place{name: "values"}, reflect.ValueOf(v)).(pulumi.Map)
	if !ok {
		panic(fmt.Sprintf("values of a chart are a %T: a struct or a map is needed", v))
	}
	return m
}

// place is where a value stands. It is put into words only for a mistake: there are thousands of values.
type place struct {
	of   *place
	name string
}

func (p place) String() string {
	if p.of == nil {
		return p.name
	}
	return p.of.String() + p.name
}

func input(path place, v reflect.Value) pulumi.Input {
	if !v.IsValid() || nothing(v) {
		return nil
	}
	if isInput(v.Type()) {
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
			out = append(out, input(place{&path, "[" + strconv.Itoa(i) + "]"}, v.Index(i)))
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

func mapping(path place, v reflect.Value) pulumi.Map {
	out := pulumi.Map{}
	keys := slices.SortedFunc(slices.Values(v.MapKeys()), func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, key := range keys {
		if each := input(place{&path, "." + key.String()}, v.MapIndex(key)); each != nil {
			out[key.String()] = each
		}
	}
	return out
}

func fields(path place, v reflect.Value) pulumi.Map {
	out := pulumi.Map{}
	for _, f := range fieldsOf(v.Type()) {
		switch {
		case f.embedded:
			maps.Copy(out, fields(path, v.Field(f.index)))
			continue
		case f.name == "":
			panic(fmt.Sprintf("%s.%s has no json tag: the name of the value is not known", path, v.Type().Field(f.index).Name))
		case f.omitEmpty && empty(v.Field(f.index)):
			continue
		}
		if each := input(place{&path, "." + f.name}, v.Field(f.index)); each != nil {
			out[f.name] = each
		}
	}
	return out
}

// field is one of a struct's as its tag has it.
type field struct {
	index               int
	name                string
	omitEmpty, embedded bool
}

// What is known of types already seen: few, each of which has many values.
var (
	inputs  sync.Map // reflect.Type to bool
	structs sync.Map // reflect.Type to []field
)

var inputType = reflect.TypeFor[pulumi.Input]()

func isInput(t reflect.Type) bool {
	known, ok := inputs.Load(t)
	if !ok {
		known, _ = inputs.LoadOrStore(t, t.Implements(inputType))
	}
	return known.(bool)
}

func fieldsOf(t reflect.Type) []field {
	if known, ok := structs.Load(t); ok {
		return known.([]field)
	}
	all := make([]field, t.NumField())
	for i := range all {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		all[i] = field{index: i, name: name, omitEmpty: strings.Contains(options, "omitempty"), embedded: f.Anonymous && name == ""}
	}
	known, _ := structs.LoadOrStore(t, all)
	return known.([]field)
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
