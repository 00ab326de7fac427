package cloud_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"platform/tests/cloud"
)

// halls are rooms under a quota, for which those that are there must be counted.
const halls = `
test:net/room:Room:
  source: https://example.com/room
  id: "room-{hex:8}"
  limit: {per: region, max: 100000, source: https://example.com/room-limits}
  properties:
    doors: {type: array, items: {type: string}}
`

// BenchmarkCreateUnderAQuota shows what one more object costs where many are.
func BenchmarkCreateUnderAQuota(b *testing.B) {
	for _, there := range []int{10, 100, 1000, 4000} {
		b.Run(fmt.Sprintf("there=%d", there), func(b *testing.B) {
			rules, err := cloud.Load(fstest.MapFS{"halls.yaml": {Data: []byte(halls)}}, "*.yaml")
			if err != nil {
				b.Fatal(err)
			}
			c := cloud.Config{Account: "111122223333", Region: "here"}
			table, err := cloud.NewTable(cloud.TableOptions{Package: "test", Release: "1.0.0", Rules: rules, Account: c.Account})
			if err != nil {
				b.Fatal(err)
			}
			store, err := cloud.OpenStore(b.TempDir(), 1)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = store.Close() })
			inputs := map[string]any{"doors": []any{"east", "west", "north", "south"}}
			if err := store.Update("before", func(tx *cloud.Tx) error {
				for range there {
					tx.Mint(cloud.Object{Type: room, Account: c.Account, Region: c.Region, Inputs: inputs, Outputs: inputs})
				}
				return nil
			}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := create(table, store, c, room, inputs); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
