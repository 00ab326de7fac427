package environments

import (
	"bytes"
	"strings"
	"testing"
)

// TestAnEnvironmentMovesToAnyOtherCloud rehearses each cloud's development environment on the other two, after its
// file was changed in two words: its cloud and its region. What else differs comes with the landing zone.
func TestAnEnvironmentMovesToAnyOtherCloud(t *testing.T) {
	t.Parallel()
	regions := map[string]string{"aws": "eu-central-1", "azure": "germanywestcentral", "gcp": "europe-west3"}
	for from, left := range regions {
		for to, reached := range regions {
			if from == to {
				continue
			}
			t.Run(from+" to "+to, func(t *testing.T) {
				t.Parallel()
				name := "dev-" + from
				folder := altered(t, name, func(text string) string {
					for was, is := range map[string]string{"cloud: " + from: "cloud: " + to, "region: " + left: "region: " + reached} {
						if strings.Count(text, was+"\n") != 1 {
							t.Fatalf("the file has not one line %q", was)
						}
						text = strings.Replace(text, was+"\n", is+"\n", 1)
					}
					return text
				})
				var out bytes.Buffer
				if err := judged(t, folder, name, t.TempDir(), &out, nothing).Rehearse(t.Context()); err != nil {
					t.Errorf("%v\n%s", err, tail(out.String()))
				}
			})
		}
	}
}
