package catalog_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"platform/stacks/catalog"
)

func TestOnlyKeepsWhatIsNeeded(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ names, want, unknown []string }{
		{nil, c.Names(), nil},
		{[]string{"accounts"}, []string{"accounts"}, nil},
		// It consumes what payments publishes, which calls ledger and consumes what orders publishes, which calls inventory.
		{[]string{"reports"}, []string{"inventory", "ledger", "orders", "payments", "reports"}, nil},
		{[]string{"accounts", "acounts"}, []string{"accounts"}, []string{"acounts"}},
	} {
		only, unknown := c.Only(test.names)
		if got := only.Names(); !slices.Equal(got, test.want) || !slices.Equal(unknown, test.unknown) {
			t.Errorf("%v: %v, unknown %v, want %v and %v", test.names, got, unknown, test.want, test.unknown)
		}
	}
}

// Whatever is chosen stands by itself: who is called and who publishes is there, and nobody who is not needed.
func TestOnlyIsClosedAndNoMore(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.SampledFrom(c.Names()), 1, 4, rapid.ID).Draw(t, "names")
		only, _ := c.Only(names)
		wanted := map[string]bool{}
		for name, entry := range only.Services {
			for _, called := range entry.Calls {
				wanted[called] = true
			}
			for _, event := range entry.Consumes {
				publisher, ok := only.Publisher(event)
				if !ok {
					t.Fatalf("%s consumes %s, which nobody publishes", name, event)
				}
				wanted[publisher] = true
			}
		}
		for name := range wanted {
			if _, ok := only.Services[name]; !ok {
				t.Fatalf("%s is needed and missing", name)
			}
		}
		for name := range only.Services {
			if !wanted[name] && !slices.Contains(names, name) {
				t.Fatalf("%s is there and nobody needs it", name)
			}
		}
	})
}
