package parity_test

import (
	"errors"
	"strings"
	"testing"

	"platform/components/parity"
)

// all declares every capability to be the same, but for some rows.
func all(but ...parity.Row) []parity.Row {
	var rows []parity.Row
	for _, c := range parity.Capabilities {
		row := parity.Row{ID: c.ID, Level: parity.Same}
		for _, b := range but {
			if b.ID == c.ID {
				row = b
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func TestTheTableShowsMarksAndWords(t *testing.T) {
	clouds := []parity.Cloud{
		{Name: "A", Rows: all()},
		{Name: "B", Rows: all(parity.Row{ID: "N2", Level: parity.Differs, How: "regional."}, parity.Row{ID: "G1", Level: parity.Impossible, How: "no doors."})},
	}
	if faults := parity.Faults(clouds); len(faults) != 0 {
		t.Fatal(faults)
	}
	got := parity.Table(clouds)
	for _, want := range []string{
		"| id | capability | A | B |\n", "| N2 | Network: way out of the private tier | yes | differs |\n",
		"| G1 | Gateway: one door, audiences and rates | yes | no |\n", "## B\n\n- **N2** differs: regional.\n- **G1** no: no doors.\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the table lacks %q:\n%s", want, got)
		}
	}
}

func TestWhatIsNotDeclaredOrNotExplainedIsAFault(t *testing.T) {
	rows := append(all(parity.Row{ID: "N2", Level: parity.Differs})[1:], parity.Row{ID: "N3", Level: parity.Same}, parity.Row{ID: "X9", Level: parity.Same})
	got := errors.Join(parity.Faults([]parity.Cloud{{Name: "B", Rows: rows}})...).Error()
	want := `B: N2 is differs: words are for what differs or cannot be, and there they are needed
B declares N3 twice
B does not declare N1
B declares X9, which is not among the capabilities`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
