package environments

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/tests/rehearsal"
)

// planted are the values that must be nowhere in plain text, by what they are.
var planted = map[string]string{
	"the kubeconfig":       "client.authentication.k8s.io", // in every one
	"a secret output":      "correct-horse-battery-staple",
	"a private key's head": "-----BEGIN PRIVATE KEY-----",
}

// TestNoSecretIsInPlainText plants known values where secrets enter a run, and searches all that is written
// and printed for them. Passwords are made by the cloud and never enter.
func TestNoSecretIsInPlainText(t *testing.T) {
	t.Parallel()
	for _, name := range production {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, dir := context.Background(), t.TempDir()
			var out bytes.Buffer
			e := open(t, name, dir, &out, func(ctx *pulumi.Context) error {
				ctx.Export("planted", pulumi.ToSecret(pulumi.String(planted["a secret output"])))
				return nil
			})
			if _, err := e.Up(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := e.Preview(ctx); err != nil {
				t.Fatal(err)
			}
			if err := e.Outputs(ctx, &out); err != nil {
				t.Fatal(err)
			}
			written, err := e.Written()
			if err != nil {
				t.Fatal(err)
			}
			if len(written) < 3 {
				t.Fatalf("only %d places were searched", len(written))
			}
			written["the output"] = out.Bytes()
			search(t, written)
		})
	}
}

// TestGoldensHoldNoSecret searches the inventories that are in Git.
func TestGoldensHoldNoSecret(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < len(committed) {
		t.Fatalf("found %v (%v)", files, err)
	}
	goldens := map[string][]byte{}
	for _, file := range files {
		if goldens[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	search(t, goldens)
}

func search(t *testing.T, places map[string][]byte) {
	t.Helper()
	for place, content := range places {
		for what, value := range planted {
			if found := rehearsal.PlainSecrets(content, value); len(found) > 0 {
				t.Errorf("%s holds %s as %v", place, what, found)
			}
		}
	}
}
