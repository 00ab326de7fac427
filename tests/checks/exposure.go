package checks

import (
	"maps"
	"slices"

	"platform/tests/cloud"
)

const anywhere = "0.0.0.0/0"

// world is everything that exists, in which one object's exposure may depend on another.
type world []*cloud.Object

// of lists the objects of a type.
func (w world) of(typ string) []*cloud.Object {
	return slices.DeleteFunc(slices.Clone(w), func(o *cloud.Object) bool { return o.Type != typ })
}

// judgement tells what is wrong with an object, as what was wanted and what is there; nothing if all is well.
type judgement func(o *cloud.Object, all world) (want, got string)

// exposures judge by type what the internet can reach.
var exposures = joined(exposuresOnAWS, exposuresOnAzure, exposuresOnGCP, map[string]judgement{serviceType: served})

func joined(tables ...map[string]judgement) map[string]judgement {
	out := map[string]judgement{}
	for _, table := range tables {
		maps.Copy(out, table)
	}
	return out
}

// Exposure finds what the internet can reach and must not.
func Exposure(objects []*cloud.Object) []Finding {
	var out []Finding
	for _, o := range objects {
		judge := exposures[o.Type]
		if judge == nil || o.Retained != "" {
			continue
		}
		if want, got := judge(o, objects); want != "" {
			out = append(out, Finding{"exposure", o.String(), want, got, see(o)})
		}
	}
	return out
}

// unless is a judgement of one condition.
func unless(right func(o *cloud.Object) bool, want, got string) judgement {
	return func(o *cloud.Object, _ world) (string, string) {
		if right(o) {
			return "", ""
		}
		return want, got
	}
}

// named tells whether access is for named ranges, and not for everyone.
func named(ranges []string) bool { return len(ranges) > 0 && !slices.Contains(ranges, anywhere) }

// objects are the mappings in a list.
func objects(v any) []map[string]any {
	var out []map[string]any
	list, _ := v.([]any)
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}
