package drift

import "testing"

// TestWhatIsComparedTogetherHasOneIssue: two jobs that compare an environment each must not write over each other's issue.
func TestWhatIsComparedTogetherHasOneIssue(t *testing.T) {
	for _, test := range []struct {
		named      []string
		marker, of string
	}{
		{nil, Marker, ""},
		{[]string{"dev-aws"}, "<!-- lifecycle drift: dev-aws -->", " (dev-aws)"},
		{[]string{"dev-aws", "prod-aws"}, "<!-- lifecycle drift: dev-aws, prod-aws -->", " (dev-aws, prod-aws)"},
	} {
		if marker, of := markerOf(test.named); marker != test.marker || of != test.of {
			t.Errorf("%v: %q, %q, want %q, %q", test.named, marker, of, test.marker, test.of)
		}
	}
}
