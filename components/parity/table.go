package parity

import (
	"fmt"
	"strings"
)

// Cloud is one cloud's column of the table.
type Cloud struct {
	Name string
	Rows []Row
}

// row is a cloud's row of a capability; nil if the cloud does not declare it.
func (c Cloud) row(id string) *Row {
	for i := range c.Rows {
		if c.Rows[i].ID == id {
			return &c.Rows[i]
		}
	}
	return nil
}

// Faults names what a table must not be made of: a capability that a cloud does not declare, declares twice, or
// of which it does not say how it differs or why it cannot be.
func Faults(clouds []Cloud) []error {
	var faults []error
	for _, c := range clouds {
		seen := map[string]bool{}
		for _, r := range c.Rows {
			if seen[r.ID] {
				faults = append(faults, fmt.Errorf("%s declares %s twice", c.Name, r.ID))
			}
			seen[r.ID] = true
			if (r.Level == Same) != (r.How == "") {
				faults = append(faults, fmt.Errorf("%s: %s is %s: words are for what differs or cannot be, and there they are needed", c.Name, r.ID, r.Level))
			}
		}
		for _, capability := range Capabilities {
			if !seen[capability.ID] {
				faults = append(faults, fmt.Errorf("%s does not declare %s", c.Name, capability.ID))
			}
			delete(seen, capability.ID)
		}
		for id := range seen {
			faults = append(faults, fmt.Errorf("%s declares %s, which is not among the capabilities", c.Name, id))
		}
	}
	return faults
}

// Table writes the table in Markdown: a line for each capability with a mark for each cloud, and below it in
// words what differs.
func Table(clouds []Cloud) string {
	marks := map[Level]string{Same: "yes", Differs: "differs", Impossible: "no"}
	var b strings.Builder
	b.WriteString("| id | capability |")
	for _, c := range clouds {
		b.WriteString(" " + c.Name + " |")
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(clouds)) + "\n")
	for _, capability := range Capabilities {
		fmt.Fprintf(&b, "| %s | %s |", capability.ID, capability.Title)
		for _, c := range clouds {
			mark := ""
			if r := c.row(capability.ID); r != nil {
				mark = marks[r.Level]
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		b.WriteString("\n")
	}
	for _, c := range clouds {
		fmt.Fprintf(&b, "\n## %s\n\n", c.Name)
		told := false
		for _, capability := range Capabilities {
			if r := c.row(capability.ID); r != nil && r.Level != Same {
				fmt.Fprintf(&b, "- **%s** %s: %s\n", r.ID, marks[r.Level], r.How)
				told = true
			}
		}
		if !told {
			b.WriteString("Nothing differs.\n")
		}
	}
	return b.String()
}
