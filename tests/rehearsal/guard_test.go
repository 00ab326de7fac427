package rehearsal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/stacks/lifecycle/guard"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

// guardedRules are some types that the guard knows, with little of what the clouds know of them.
const guardedRules = `
aws:ec2/vpc:Vpc:
  source: https://example.com/vpc
  id: "vpc-{hex:17}"
  properties:
    cidrBlock: {type: string, replace: true}
aws:rds/instance:Instance:
  source: https://example.com/instance
  id: "db-{hex:17}"
  properties:
    identifier: {type: string, replace: true}
    network: {type: string, replace: true}
    password: {type: string, replace: true, secret: true}
    size: {type: int}
    tags: {type: map, items: {type: string}}
aws:sqs/queue:Queue:
  source: https://example.com/queue
  id: "q-{hex:17}"
  properties:
    name: {type: string, replace: true}
aws:kms/key:Key:
  source: https://example.com/key
  id: "k-{hex:17}"
  properties:
    description: {type: string}
aws:iam/role:Role:
  source: https://example.com/role
  id: "r-{hex:17}"
  properties:
    name: {type: string, replace: true}
`

// guardedProgram builds one of each; later it has another network, another password, a queue by another name, no key,
// and a role that may come and go.
func guardedProgram(later *bool) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		provider := &toyProvider{}
		if err := ctx.RegisterResource("pulumi:providers:aws", "cloud", pulumi.Map{"region": pulumi.String("eu-central-1")}, provider); err != nil {
			return err
		}
		one := func(typ, name string, props pulumi.Map) (pulumi.IDOutput, error) {
			r := &toyResource{}
			err := ctx.RegisterResource(typ, name, props, r, pulumi.Provider(provider))
			return r.ID(), err
		}
		word := func(before, after string) pulumi.String {
			if *later {
				return pulumi.String(after)
			}
			return pulumi.String(before)
		}
		network, err := one("aws:ec2/vpc:Vpc", "network", pulumi.Map{"cidrBlock": word("10.0.0.0/16", "10.1.0.0/16")})
		if err != nil {
			return err
		}
		for _, r := range []struct {
			typ, name string
			props     pulumi.Map
		}{
			{"aws:rds/instance:Instance", "orders", pulumi.Map{
				"identifier": pulumi.String("orders"), "network": network, "size": pulumi.Int(len(word("a", "bb"))),
				"password": pulumi.ToSecret(word(planted, planted+"2")), "tags": pulumi.Map{"team": pulumi.String("checkout")},
			}},
			{"aws:sqs/queue:Queue", string(word("queue-orders", "orders-queue")), pulumi.Map{"name": pulumi.String("orders")}},
			{"aws:kms/key:Key", "key", pulumi.Map{"description": pulumi.String("the key of orders")}},
			{"aws:iam/role:Role", "role", pulumi.Map{"name": word("orders", "order")}},
		} {
			if *later && r.name == "key" {
				continue
			}
			if _, err := one(r.typ, r.name, r.props); err != nil {
				return err
			}
		}
		return nil
	}
}

// recorder is a command that also writes what each preview prints in each form. The program answers as often as it is
// asked; only the last run tells the events to whom they are meant for.
const recorder = `#!/bin/sh
if [ "$1" = preview ]; then
  %[1]s "$@" --event-log /dev/null --json > %[2]s/digest.json
  %[1]s "$@" --event-log /dev/null --json --show-replacement-steps > %[2]s/digest-steps.json
  %[1]s "$@" --event-log %[2]s/events.json > /dev/null
fi
exec %[1]s "$@"
`

// recorded is where the guard's own tests find what the command printed.
const recorded = "../../stacks/lifecycle/guard/testdata"

// TestTheGuardReadsWhatTheCommandPrints compares what the guard says of each form of one preview, and of what was
// recorded. UPDATE_GOLDEN=1 records anew.
func TestTheGuardReadsWhatTheCommandPrints(t *testing.T) {
	ctx, dir, later := context.Background(), t.TempDir(), false
	pulumi, pkg := recording(t, dir, recorder), fewTypes(t, guardedRules)
	var out bytes.Buffer
	e, err := rehearsal.Open(ctx, rehearsal.Options{
		Project: "platform", Stack: "toy", Program: guardedProgram(&later), Engine: pulumi,
		Packages: []cloud.Package{pkg}, Dir: filepath.Join(dir, "e"), Out: &out,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	must(t)(e.Apply(ctx))
	if want := "guard: nothing is lost in toy"; !strings.Contains(out.String(), want) {
		t.Errorf("the first preview does not say %q:\n%s", want, out.String())
	}
	before := len(e.Cloud.Inventory())
	later = true
	_, err = e.Apply(ctx)
	if err == nil || !strings.Contains(err.Error(), "guard: 4 things would be lost in toy") {
		t.Fatalf("the guard says %v, want the four things that would be lost", err)
	}
	if after := len(e.Cloud.Inventory()); after != before {
		t.Errorf("what the guard refused left %d objects, want %d", after, before)
	}
	if strings.Contains(err.Error(), planted) {
		t.Errorf("the guard shows a secret:\n%v", err)
	}
	for _, name := range []string{"digest.json", "digest-steps.json", "events.json"} {
		raw, readErr := os.ReadFile(filepath.Join(dir, name))
		if readErr != nil {
			t.Fatal(readErr)
		}
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(filepath.Join(recorded, name), scrub(t, raw), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		kept, readErr := os.ReadFile(filepath.Join(recorded, name))
		if readErr != nil {
			t.Fatal(readErr)
		}
		for where, raw := range map[string][]byte{"printed": raw, "recorded": kept} {
			p, readErr := guard.Read(bytes.NewReader(raw))
			if readErr != nil {
				t.Errorf("%s, %s: %v", name, where, readErr)
				continue
			}
			if got := guard.Judge(p, nil, time.Now()).Text(); got != err.Error() {
				t.Errorf("%s, %s, gives\n%s\nwant what the events gave\n%v", name, where, got, err)
			}
		}
	}
}

// recording is an engine whose command also writes to a folder what a script has it write.
func recording(t *testing.T, dir, script string) *rehearsal.Engine {
	t.Helper()
	command := filepath.Join(dir, "pulumi")
	if err := os.WriteFile(command, fmt.Appendf(nil, script, os.Getenv("PLATFORM_PULUMI"), dir), 0o700); err != nil {
		t.Fatal(err)
	}
	engine, err := rehearsal.NewEngine(t.Context(), command)
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

// fewTypes is a cloud with those types of AWS that the rules know.
func fewTypes(t *testing.T, rules string) cloud.Package {
	t.Helper()
	loaded, err := cloud.Load(fstest.MapFS{"rules.yaml": {Data: []byte(rules)}}, "rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := cloud.NewTable(cloud.TableOptions{
		Package: "aws", Release: "6.83.2", Rules: loaded, Account: "111122223333", Partition: "aws",
		Config: map[string]*cloud.Property{"region": {Type: "string"}, "version": {Type: "string"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

// scrub takes away what is of one run and one machine.
func scrub(t *testing.T, raw []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	decoder := json.NewDecoder(bytes.NewReader(raw))
	for decoder.More() {
		var v any
		if err := decoder.Decode(&v); err != nil {
			t.Fatal(err)
		}
		clean(v)
		encoder := json.NewEncoder(&out)
		if m := v.(map[string]any); m["timestamp"] == nil {
			encoder.SetIndent("", " ")
		} else {
			m["timestamp"] = 1
		}
		if err := encoder.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func clean(v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if slices.Contains([]string{"config", "created", "modified", "duration", "durationSeconds", "sourcePosition", "stackTrace", "PolicyPacks"}, key) {
				delete(v, key)
				continue
			}
			clean(inner)
		}
	case []any:
		for _, inner := range v {
			clean(inner)
		}
	}
}
