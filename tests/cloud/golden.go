package cloud

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Describe writes an inventory for people to read and for Git to compare: each object with its inputs,
// one a line, in an order and with names that do not depend on generated text.
func Describe(objects []*Object) string {
	var blocks []string
	for _, line := range Normalise(objects) {
		var o Object
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			blocks = append(blocks, fmt.Sprintf("unreadable: %v", err))
			continue
		}
		if !o.Preexisting {
			blocks = append(blocks, describe(&o))
		}
	}
	slices.Sort(blocks)
	return strings.Join(blocks, "\n") + "\n"
}

// told are properties of hidden objects that their name tells, or that only tell one life from another.
var told = []string{"namespace", "uid"}

func describe(o *Object) string {
	name := o.ID
	if o.URN != "" {
		name = urnName(o.URN)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", o.Type, short(name))
	values := o.Inputs
	if o.Hidden {
		values = o.Props
		if len(o.Tags) > 0 {
			fmt.Fprintf(&b, "  tags: %s\n", short(text(o.Tags)))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(values)) {
		if o.Hidden && slices.Contains(told, k) {
			continue
		}
		value := short(text(values[k]))
		if slices.Contains(o.Secrets, k) {
			value = "[secret]"
		}
		fmt.Fprintf(&b, "  %s: %s\n", k, value)
	}
	return b.String()
}

func text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(raw))
}

// short drops from placeholders what every URN repeats.
func short(s string) string {
	var b strings.Builder
	for {
		at := strings.Index(s, "<urn:")
		if at < 0 {
			return b.String() + s
		}
		end := strings.Index(s[at:], "::")
		last := strings.Index(s[at:], ">")
		if end < 0 || last < 0 {
			return b.String() + s
		}
		inside := s[at+1 : at+last]
		b.WriteString(s[:at] + "<" + inside[strings.LastIndex(inside, "::")+2:] + ">")
		s = s[at+last+1:]
	}
}
