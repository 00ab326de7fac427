package environments

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/stacks/platform"
	"platform/tests/cloud"
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
			ctx, s := context.Background(), settings(t, name)
			var out bytes.Buffer
			e := opened(t, s, rehearsal.Options{
				StackFile: stacks + "/Pulumi." + name + ".yaml", Dir: t.TempDir(), Out: &out, Logs: true,
				Program: func(ctx *pulumi.Context) error {
					ctx.Export("planted", pulumi.ToSecret(pulumi.String(planted["a secret output"])))
					return platform.Deploy(ctx, s)
				},
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

// TestCallersKeysStayWhereTheyAreKept lets an operator put the keys of a door's callers into the cloud's store, and wants them to be
// nowhere else once the environment was refreshed and built again.
func TestCallersKeysStayWhereTheyAreKept(t *testing.T) {
	t.Parallel()
	const key = "f00dfeed-a-key-of-the-caller-acme-f00dfeed"
	ctx := context.Background()
	var out bytes.Buffer
	e := open(t, "dev-gcp", t.TempDir(), &out, nothing)
	if _, err := e.Up(ctx); err != nil {
		t.Fatal(err)
	}
	if err := e.Cloud.Meddle(func(tx *cloud.Tx) error {
		kept := tx.Find("gcp:secretmanager/secret:Secret", func(o *cloud.Object) bool { return strings.HasSuffix(o.Str("secretId"), "-ingress-partner") })
		if len(kept) != 1 {
			t.Fatalf("keys of callers are kept in %v", kept)
		}
		tx.Mint(cloud.Object{Type: "secretmanager:version", ID: kept[0].ID + "/versions/1", Hidden: true, Owner: kept[0].Key(), Props: map[string]any{"payload": `{"acme":"` + key + `"}`}})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Up(ctx); err != nil {
		t.Fatal(err)
	}
	written, err := e.Written()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	written["the output"] = out.Bytes()
	for place, content := range written {
		if forms := rehearsal.PlainSecrets(content, key); len(forms) > 0 {
			t.Errorf("%s holds a caller's key as %v", place, forms)
		}
	}
	for _, o := range e.Cloud.Inventory() {
		if !strings.Contains(cloud.Describe([]*cloud.Object{o}), key) {
			continue
		}
		if found++; o.Type != "secretmanager:version" {
			t.Errorf("%s holds a caller's key", o)
		}
	}
	if found == 0 {
		t.Error("the key is not found where it is kept")
	}
}
