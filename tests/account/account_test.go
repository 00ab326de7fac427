//go:build aws || !(azure || gcp)

package account

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"platform/stacks/lifecycle/inventory"
	"platform/tests/cloud"
)

// filled is a simulated cloud with so many volumes that they fill several pages, and a log group that bears no tag.
func filled(t *testing.T, volumes int) *cloud.Cloud {
	t.Helper()
	c, err := cloud.Open(cloud.Options{Dir: t.TempDir(), Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Meddle(func(tx *cloud.Tx) error {
		for range volumes {
			tx.Mint(cloud.Object{Type: "ec2:volume", ID: tx.ID("vol"), Hidden: true, Tags: map[string]string{"environment": "dev-aws"}})
		}
		tx.Mint(cloud.Object{Type: "logs:log-group", ID: "/aws/eks/dev", Hidden: true})
		tx.Mint(cloud.Object{Type: "ec2:volume", ID: "vol-going", Hidden: true, Lingers: 1, Tags: map[string]string{"a": "b"}})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAllPagesAreRead(t *testing.T) {
	c := filled(t, 1203)
	for view, want := range map[bool]int{true: 1204, false: 1203} {
		server := httptest.NewServer(AWS(c, "111122223333", "eu-central-1", view))
		items, bounds, err := inventory.AWS(Credentials(server.URL, "eu-central-1")).List(context.Background())
		server.Close()
		if err != nil || len(items) != want {
			t.Errorf("with a view %v: %d things (%v), want %d", view, len(items), err, want)
		}
		if none := len(bounds) == 1 && strings.Contains(bounds[0], "Resource Explorer has no view in eu-central-1"); none == view {
			t.Errorf("with a view %v it is not seen: %q", view, bounds)
		}
	}
}
