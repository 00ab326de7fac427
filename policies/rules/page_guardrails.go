package rules

import (
	"cmp"
	"fmt"
	"strings"

	aws "platform/components/aws/promise"
	azure "platform/components/azure/promise"
	gcp "platform/components/gcp/promise"
	"platform/components/guardrails"
)

// promises are what each cloud can watch or refuse by itself.
var promises = map[string]guardrails.Table{"aws": aws.Table, "azure": azure.Table, "gcp": gcp.Table}

const ownHead = `
## What the clouds watch or refuse themselves

Where an environment's file has guardrails, the cloud watches whoever builds, and not this program alone:
[components/guardrails](../components/guardrails/README.md). *Refuses* is always so, *chooses* is as the file says, *watches* never
refuses. A dash has its reason below.

`

// ownRules is the part of the page that says which of a cloud's own rules stands for which of ours.
func ownRules() string {
	var b strings.Builder
	b.WriteString(ownHead)
	clouds := Clouds[:len(Clouds)-1]
	b.WriteString("| rule |")
	for _, cloud := range clouds {
		fmt.Fprintf(&b, " %s |", cloudNames[cloud])
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(clouds)) + "\n")
	for _, r := range All() {
		fmt.Fprintf(&b, "| `%s` |", r.ID)
		for _, cloud := range clouds {
			var own []string
			for _, c := range promises[cloud].Of(r.ID) {
				own = append(own, fmt.Sprintf("[`%s`](%s) %s", c.Name, c.Source, c.Strength))
			}
			fmt.Fprintf(&b, " %s |", cmp.Or(strings.Join(own, "<br>"), "–"))
		}
		b.WriteString("\n")
	}
	for _, cloud := range clouds {
		fmt.Fprintf(&b, "\n%s has none of its own for:\n\n", cloudNames[cloud])
		for _, r := range All() {
			if why := promises[cloud].None[r.ID]; why != "" {
				fmt.Fprintf(&b, "- `%s`: %s\n", r.ID, why)
			}
		}
	}
	return b.String()
}
